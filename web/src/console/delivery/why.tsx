import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Explanation, PlannedDelivery } from '../api/types'
import { useDesk } from '../shell/desk'
import { change, span, wordFor } from '../shell/words'
import type { SectionProps } from './panel'

const WAITING = ['created', 'offered']

type Candidate = Explanation['asked'][number]

/** The reasons why an order has this driver or none: its offers with their scores, and the plan while it waits. */
export function Why({ known, row }: SectionProps) {
  const { texts } = useDesk()
  const { delivery, last_offer: last } = known
  const [opened, open] = useState(false)
  const offers = useReading(opened ? delivery.id : null, () => reading.offersOf(delivery.id), known.version)
  const shown = offers.data?.offers ?? (last ? [last] : [])
  const waits = WAITING.includes(delivery.state ?? '')
  return (
    <section aria-labelledby="why-heading">
      <h3 id="why-heading">{texts.why.heading}</h3>
      {row?.waits && <p>{wordFor(texts.waits, row.waits)}</p>}
      {waits && <PlanFor zone={delivery.zone_id} id={delivery.id} stamp={known.version} />}
      {shown.length === 0 && <p class="soft">{texts.why.no_offer}</p>}
      {shown.map((offer) => (
        <Offer key={offer.offer_id} offer={offer} />
      ))}
      {last && !opened && (
        <button type="button" class="quiet" onClick={() => open(true)}>
          {texts.why.all_offers}
        </button>
      )}
      {offers.problem && <Refused problem={offers.problem} texts={texts} />}
    </section>
  )
}

function Offer({ offer }: { offer: Explanation & { made_at?: string | null; policy?: string | null } }) {
  const { texts, live, language, nameOf } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  return (
    <div class="offer">
      <p>
        <strong>{wordFor(texts.offer_state, offer.state)}</strong>
        {offer.made_at && <span class="soft"> {timeOfDay(offer.made_at, now, language)}</span>}
        {offer.policy && <span class="soft"> {wordFor(texts.policy, offer.policy)}</span>}
      </p>
      <Candidates label={texts.why.asked} candidates={offer.asked} />
      <Candidates label={texts.why.runners_up} candidates={offer.runners_up} />
      {offer.declines.length > 0 && (
        <ul>
          {offer.declines.map((answer) => (
            <li key={answer.driver_id}>
              {fill(texts.why.declined, {
                driver: nameOf(answer.driver_id),
                reason: wordFor(texts.decline, answer.reason),
                time: timeOfDay(answer.at, now, language),
              })}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Candidates({ label, candidates }: { label: string; candidates: readonly Candidate[] }) {
  const { texts, nameOf } = useDesk()
  if (!candidates.length) return null
  return (
    <>
      <p class="soft">{label}</p>
      <ol class="candidates">
        {candidates.map((one) => (
          <li key={one.driver_id}>
            <strong>{nameOf(one.driver_id)}</strong>{' '}
            {fill(texts.why.score, {
              score: scored(one.score),
              acceptance: Math.round(one.acceptance * 100),
            })}
            <ul class="score-parts">
              {Object.entries(one.parts)
                .filter(([, value]) => Math.round(value) !== 0)
                .map(([part, value]) => (
                  <li key={part}>
                    {wordFor(texts.part, part)} {change(value, texts)}
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ol>
    </>
  )

  function scored(value: number): string {
    return value < 0 ? `−${span(value, texts)}` : span(value, texts)
  }
}

function PlanFor({ zone, id, stamp }: { zone: string; id: string; stamp: number }) {
  const { texts } = useDesk()
  const [opened, open] = useState(false)
  const { data, problem, busy } = useReading(opened ? `${zone} ${id}` : null, () => reading.plan(zone), stamp)
  const mine = data?.deliveries.find((one) => one.delivery_id === id)
  if (!opened)
    return (
      <button type="button" class="quiet" onClick={() => open(true)}>
        {texts.why.ask_plan}
      </button>
    )
  if (problem) return <Refused problem={problem} texts={texts} />
  if (!data) return <p role="status">{busy ? texts.why.planning : ''}</p>
  return mine ? <Planned planned={mine} /> : <p class="soft">{texts.why.not_in_plan}</p>
}

function Planned({ planned }: { planned: PlannedDelivery }) {
  const { texts, nameOf } = useDesk()
  return (
    <div class="offer">
      <p>
        {planned.waits
          ? fill(texts.why.plan_waits, { why: wordFor(texts.waits, planned.waits) })
          : planned.driver_id
            ? fill(texts.why.plan_offers, { driver: nameOf(planned.driver_id) })
            : texts.why.plan_nobody}
      </p>
      {planned.options.length > 0 && (
        <>
          <p class="soft">{texts.why.options}</p>
          <ol class="candidates">
            {planned.options.map((option) => (
              <li key={option.driver_id}>
                <strong>{nameOf(option.driver_id)}</strong> {change(option.cost_s, texts)}
                <ul class="score-parts">
                  {Object.entries(option.parts).map(([part, value]) => (
                    <li key={part}>
                      {wordFor(texts.part, part)} {change(value, texts)}
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ol>
        </>
      )}
      {planned.ineligible.length > 0 && (
        <>
          <p class="soft">{texts.why.ineligible}</p>
          <ul>
            {planned.ineligible.map((one) => (
              <li key={one.driver_id}>
                <strong>{nameOf(one.driver_id)}</strong>: {wordFor(texts.ineligible, one.reason)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
