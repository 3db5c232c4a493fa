import { useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { dayOf, daysTo, plusDays, written } from '../days'
import type { Earnings, Money } from '../model'
import { Empty, Read } from '../parts/screen'
import { bodyOf, useReading } from '../reading'
import type { Payout } from './order'
import type { Words } from './texts'

const DAYS = 7

/** Payouts of seven days with their states in words, and what to do where one did not arrive. */
export function Payouts({ words }: { words: Words }) {
  const { language, queue, now } = useApp()
  const today = dayOf(now())
  const [last, setLast] = useState(today)
  const days = daysTo(last, DAYS)
  const all = words.list
  const reading = useReading<Earnings[]>(
    queue,
    `earnings ${days[0]} ${last}`,
    (signal) =>
      Promise.all(
        days.map(async (period) => bodyOf(await api.GET('/v1/driver/earnings', { params: { query: { period } }, signal }))),
      ),
    last === today ? 60_000 : null,
  )
  const later = plusDays(last, DAYS)
  return (
    <section aria-labelledby="payouts-heading">
      <h2 id="payouts-heading" class="over">
        {all.heading}
      </h2>
      <div class="pager">
        <button type="button" aria-label={all.before} onClick={() => setLast(plusDays(last, -DAYS))}>
          ‹
        </button>
        <p aria-live="polite">{fill(all.span, { first: written(days[0] ?? last, language), last: written(last, language) })}</p>
        <button
          type="button"
          aria-label={all.after}
          aria-disabled={last >= today}
          onClick={() => last < today && setLast(later > today ? today : later)}
        >
          ›
        </button>
      </div>
      <Read of={reading}>
        {(found) => {
          const payouts = onceEach(found)
          if (!payouts.length) return <Empty title={all.none} text={all.none_text} />
          return (
            <div class="stack">
              {payouts.map((one) => (
                <Card key={one.payout_id} one={one} words={words} />
              ))}
            </div>
          )
        }}
      </Read>
    </section>
  )
}

/** The payouts of several days, the newest first: one that settles several days stands with each of them. */
export function onceEach(days: readonly Earnings[]): Payout[] {
  const found = new Map(days.flatMap(({ payouts }) => payouts).map((one) => [one.payout_id, one]))
  return [...found.values()].toSorted((one, other) => other.made_at.localeCompare(one.made_at))
}

function Card({ one, words }: { one: Payout; words: Words }) {
  const { language } = useApp()
  const all = words.list
  const write = ({ amount, currency }: Money): string => money(amount, currency, language)
  const hold = words.hold[one.hold_code as keyof Words['hold']]
  const todo = words.todo[one.state as keyof Words['todo']]
  const rows = (['fee', 'withheld'] as const).filter((row) => one[row].amount > 0)
  const isOpen = one.state === 'instructed' || one.state === 'in_transit'
  return (
    <article class="card" aria-label={fill(all.of, { day: written(one.period, language), speed: all.speed[one.speed] })}>
      <p class="pair">
        <span>
          {fill(all.of, { day: written(one.period, language), speed: all.speed[one.speed] })}
          <br />
          <strong>{words.state[one.state]}</strong>
          {isOpen && one.effective_on && <>, {fill(all.expected, { day: written(one.effective_on, language) })}</>}
        </span>
        <strong>{write(one.net)}</strong>
      </p>
      {one.state === 'held' && hold && (
        <p class="note">
          {fill(hold, { day: one.held_until ? written(one.held_until, language) : words.hold.later })}
        </p>
      )}
      {todo && <p class="note">{todo}</p>}
      {one.code && todo && <p class="soft">{fill(words.reason, { code: one.code, reason: one.reason ?? '' })}</p>}
      {one.degraded_by && <p class="soft">{all.degraded}</p>}
      {rows.length > 0 && (
        <dl class="parts-of-pay">
          <div>
            <dt>{all.amount}</dt>
            <dd>{write(one.amount)}</dd>
          </div>
          {rows.map((row) => (
            <div key={row}>
              <dt>{all[row]}</dt>
              <dd>{write({ ...one[row], amount: -one[row].amount })}</dd>
            </div>
          ))}
          <div class="sum">
            <dt>{all.arrives}</dt>
            <dd>{write(one.net)}</dd>
          </div>
        </dl>
      )}
    </article>
  )
}
