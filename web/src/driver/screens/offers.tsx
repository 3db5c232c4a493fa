import { money } from '../../parts/money'
import { useTick } from '../../parts/hooks'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import type { Gone } from '../gone'
import { countdown } from '../measures'
import type { Offer } from '../model'
import { TripLine } from '../parts/trip'
import { Empty, Head, Read } from '../parts/screen'
import { totalOf } from '../pay'

/** The offers that wait for an answer, the first to end on top. */
export function OffersScreen() {
  const { texts, offers, gone, me } = useApp()
  useTick(1000)
  const duty = me.value?.duty
  return (
    <>
      <Head title={texts.offers.heading} />
      <div role="status">
        {gone.map((one) => (
          <GoneCard key={one.offer.offer_id} gone={one} />
        ))}
      </div>
      <Read of={offers}>
        {(list) =>
          list.offers.length ? (
            <ol class="stops">
              {list.offers.map((offer) => (
                <li key={offer.offer_id}>
                  <OfferCard offer={offer} />
                </li>
              ))}
            </ol>
          ) : (
            <Empty title={texts.offers.empty} text={duty ? texts.offers.empty_on : texts.offers.empty_off}>
              {!duty && (
                <a class="button" href={addressOf('duty')}>
                  {texts.duty.start}
                </a>
              )}
            </Empty>
          )
        }
      </Read>
      <p>
        <a class="way" href={addressOf('why')}>
          {texts.why.open}
        </a>
      </p>
    </>
  )
}

/** The card of an offer that somebody else took, or that was withdrawn; it goes by itself. */
function GoneCard({ gone: { offer, code } }: { gone: Gone }) {
  const { texts, language } = useApp()
  const total = totalOf(offer)
  return (
    <section class="card offer offer-gone">
      <s class="offer-pay">{money(total.amount, total.currency, language)}</s>
      <p class="bad">{(texts.offers.gone as Record<string, string>)[code] ?? texts.offers.gone.no_such_offer}</p>
    </section>
  )
}

function OfferCard({ offer }: { offer: Offer }) {
  const { texts, language, now } = useApp()
  const total = totalOf(offer)
  const leftMs = Date.parse(offer.expires_at) - now()
  const count = offer.deliveries.length
  return (
    <a class="card offer" href={addressOf('offer', offer.offer_id)}>
      <span class="offer-pay">{money(total.amount, total.currency, language)}</span>
      {offer.tip.amount > 0 && (
        <span class="soft">{fill(texts.offers.with_tip, { tip: money(offer.tip.amount, offer.tip.currency, language) })}</span>
      )}
      <span>{count === 1 ? texts.offers.one : fill(texts.offers.many, { count })}</span>
      <TripLine offer={offer} />
      <span class="offer-left">
        {leftMs > 0 ? fill(texts.offers.left, { time: countdown(leftMs) }) : texts.offers.over}
      </span>
      <span class="offer-go">{texts.offers.details}</span>
    </a>
  )
}
