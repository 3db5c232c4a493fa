import { useMemo, useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { useTick } from '../../parts/hooks'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { addressOf, replace } from '../address'
import { useApp } from '../app'
import { countdown, weight } from '../measures'
import type { Offer, OfferedDelivery } from '../model'
import type { Mark } from '../parts/map'
import { MapPlace } from '../parts/map_place'
import { PayParts } from '../parts/pay_parts'
import { Empty, Head, Read } from '../parts/screen'
import { TripLine } from '../parts/trip'
import { type Asking, useAnswer } from '../parts/use_answer'
import { useSettled } from '../parts/use_settled'
import { at, needsSaid } from '../parts/words'
import { summed, totalOf } from '../pay'
import { needsOf } from '../stops'

const LONGEST_ANSWER_MS = 15_000
const DECLINES = ['too_far', 'pay_too_low', 'busy', 'ending_duty', 'other'] as const

/** One offer with all that a driver wants to know before the answer. */
export function OfferScreen({ id }: { id: string }) {
  const { texts, offers, gone: went } = useApp()
  const asking = useAnswer()
  const [taken, take] = useState(false)
  const offer = offers.value?.offers.find((one) => one.offer_id === id)
  const gone = texts.offers.gone as Record<string, string>
  const { failed } = asking
  const refused = failed && failed.code !== 'no_network' ? (gone[failed.code] ?? gone['other']) : null
  const why = refused ?? gone[went.find((one) => one.offer.offer_id === id)?.code ?? '']
  return (
    <>
      <Head title={texts.parts.offers} back="offers" />
      <Read of={offers}>
        {() =>
          offer && !taken ? (
            <Offered offer={offer} asking={asking} accepted={() => take(true)} />
          ) : (
            <Empty
              title={taken ? texts.offers.accepted : (why ?? gone['no_such_offer'] ?? '')}
              text={taken ? '' : texts.offers.empty_on}
            >
              <a class="button" href={addressOf(taken ? 'route' : 'offers')}>
                {taken ? texts.route.heading : texts.offers.heading}
              </a>
            </Empty>
          )
        }
      </Read>
    </>
  )
}

function Offered({ offer, asking, accepted }: { offer: Offer; asking: Asking; accepted: () => void }) {
  const app = useApp()
  const { texts, language, now, online, offers, route } = app
  useTick(1000)
  const settled = useSettled()
  const [declining, decline] = useState(false)
  const total = totalOf(offer)
  const leftMs = Date.parse(offer.expires_at) - now()
  const over = leftMs <= 0
  const params = { params: { path: { offer_id: offer.offer_id } }, signal: AbortSignal.timeout(LONGEST_ANSWER_MS) }

  const accept = async (): Promise<void> => {
    if (!settled || over || !online) return
    const done = await asking.ask(() => api.POST('/v1/driver/offers/{offer_id}/accept', params))
    offers.again()
    if (!done) return
    route.again()
    accepted()
  }
  const refuse = async (reason: (typeof DECLINES)[number]): Promise<void> => {
    const done = await asking.ask(() => api.POST('/v1/driver/offers/{offer_id}/decline', { ...params, body: { reason } }))
    offers.again()
    if (done) replace('offers')
  }
  const count = offer.deliveries.length
  const gone = texts.offers.gone as Record<string, string>
  const { failed, busy } = asking
  return (
    <>
      <div class="stack stack-do">
        <section class="card offer-head">
          <p class="offer-pay">{money(total.amount, total.currency, language)}</p>
          <p>{count === 1 ? texts.offers.one : fill(texts.offers.many, { count })}</p>
          <TripLine offer={offer} />
          <p class="soft">{texts.offers[offer.policy]}</p>
        </section>
        <OfferMap offer={offer} />
        <p class="soft">{texts.offers.area}</p>
        <section class="card">
          <h2>{texts.offers.parts}</h2>
          <PayParts parts={summed(offer.pay_parts)} tip={offer.tip} total={total} />
          <Extra parts={summed(offer.extra_parts)} />
        </section>
        {offer.deliveries.map((delivery, index) => (
          <Delivery key={delivery.delivery_id} delivery={delivery} number={index + 1} of={count} />
        ))}
      </div>
      <div class="confirm">
        <p class={leftMs < 15_000 ? 'offer-left bad' : 'offer-left'} role="timer">
          {over ? texts.offers.over : fill(texts.offers.left, { time: countdown(leftMs) })}
        </p>
        <p role="status" class="bad">
          {!online ? texts.offers.offline : failed && (failed.code === 'no_network' ? texts.offers.offline : (gone[failed.code] ?? gone['other']))}
        </p>
        {declining ? (
          <fieldset class="declines">
            <legend>
              {texts.offers.decline_heading} <span class="soft">{texts.offers.decline_hint}</span>
            </legend>
            {DECLINES.map((reason) => (
              <button key={reason} type="button" class="button button-quiet" onClick={() => void refuse(reason)}>
                {texts.offers.reason[reason]}
              </button>
            ))}
            <button type="button" class="button button-quiet" onClick={() => decline(false)}>
              {texts.back}
            </button>
          </fieldset>
        ) : (
          <>
            <button
              type="button"
              class="button button-big"
              aria-disabled={!settled || busy || over || !online}
              onClick={() => void accept()}
            >
              {busy ? texts.offers.accepting : texts.offers.accept}
            </button>
            <button type="button" class="button button-quiet" onClick={() => decline(true)}>
              {texts.offers.decline}
            </button>
          </>
        )}
      </div>
    </>
  )
}

/** Bonuses that the offer carries beside its pay. */
function Extra({ parts }: { parts: Offer['extra_parts'] }) {
  const { texts, language } = useApp()
  if (!parts.length) return null
  const names = texts.part as Record<string, string>
  return (
    <>
      <h3>{texts.offers.extra}</h3>
      <dl class="parts-of-pay">
        {parts.map(({ code, amount }) => (
          <div key={code}>
            <dt>{names[code] ?? texts.part.other}</dt>
            <dd>+ {money(amount.amount, amount.currency, language)}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">{texts.offers.extra_text}</p>
    </>
  )
}

function OfferMap({ offer }: { offer: Offer }) {
  const { texts, place } = useApp()
  const marks = useMemo<Mark[]>(() => {
    const many = offer.deliveries.length > 1
    const name = (text: string, index: number): string => (many ? `${text} ${index + 1}` : text)
    const ends = offer.deliveries.flatMap((one, index): Mark[] => [
      { id: `${one.delivery_id}p`, point: one.pickup, text: name(texts.offers.pickup, index), kind: 'pickup' },
      { id: `${one.delivery_id}d`, point: one.dropoff, text: name(texts.offers.dropoff, index), kind: 'dropoff' },
    ])
    return place ? [...ends, { id: 'here', point: place, text: '', kind: 'here' }] : ends
  }, [offer.offer_id, place?.lat, place?.lon])
  return <MapPlace marks={marks} label={texts.offers.map} />
}

function Delivery({ delivery, number, of }: { delivery: OfferedDelivery; number: number; of: number }) {
  const app = useApp()
  const { texts, language } = app
  const { pickup_window: fetched, dropoff_window: brought, parcel } = delivery
  const needs = needsSaid(app, needsOf({ ...delivery, kind: 'dropoff' }))
  const window = (one: { opens_at: string; closes_at: string }): string =>
    fill(texts.offers.window, { from: at(app, one.opens_at), to: at(app, one.closes_at) })
  return (
    <section class="card">
      <h2>
        {of > 1 && `${number}. `}
        {delivery.priority === 'urgent' ? texts.offers.urgent : texts.offers.one}
      </h2>
      <dl class="facts">
        <dt>{texts.offers.pickup}</dt>
        <dd>{window(fetched)}</dd>
        <dt>{texts.offers.dropoff}</dt>
        <dd>{window(brought)}</dd>
        <dt>{texts.offers.weight}</dt>
        <dd>{weight(parcel.weight_g, language)}</dd>
        <dt>{texts.offers.must}</dt>
        <dd>{needs.length ? needs.join(', ') : texts.offers.must_nothing}</dd>
      </dl>
    </section>
  )
}
