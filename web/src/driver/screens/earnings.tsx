import { useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { dayOf, daysTo, plusDays, written } from '../days'
import type { Earnings, Money } from '../model'
import { PayParts } from '../parts/pay_parts'
import { Empty, Head, Read } from '../parts/screen'
import { at } from '../parts/words'
import { bodyOf, useReading } from '../reading'
import { SUMS, totalled } from '../sums'

const RANGES = { day: 1, week: 7 } as const
type Range = keyof typeof RANGES

/** The driver's earnings of a day or a week, each part with its name. */
export function EarningsScreen() {
  const { texts, language, queue, now } = useApp()
  const today = dayOf(now())
  const [range, choose] = useState<Range>('day')
  const [last, setLast] = useState(today)
  const length = RANGES[range]
  const days = daysTo(last, length)
  const reading = useReading<Earnings[]>(
    queue,
    `earnings ${days[0]} ${last}`,
    (signal) =>
      Promise.all(
        days.map(async (period) => bodyOf(await api.GET('/v1/driver/earnings', { params: { query: { period } }, signal }))),
      ),
    last === today ? 60_000 : null,
  )
  const isDay = range === 'day'
  const title = isDay ? written(last, language) : `${written(days[0] ?? last, language)} – ${written(last, language)}`
  return (
    <>
      <Head title={texts.earnings.heading} />
      <p>
        <a class="way" href={addressOf('payouts')}>
          {texts.earnings.pay_now}
        </a>
      </p>
      <div class="choice" role="group" aria-label={texts.earnings.range}>
        {(['day', 'week'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={one === range} onClick={() => choose(one)}>
            {texts.earnings[one]}
          </button>
        ))}
      </div>
      <div class="pager">
        <button
          type="button"
          aria-label={isDay ? texts.earnings.before : texts.earnings.before_week}
          onClick={() => setLast(plusDays(last, -length))}
        >
          ‹
        </button>
        <h2 aria-live="polite">{title}</h2>
        <button
          type="button"
          aria-label={isDay ? texts.earnings.after : texts.earnings.after_week}
          aria-disabled={last >= today}
          onClick={() => last < today && setLast(plusDays(last, length) > today ? today : plusDays(last, length))}
        >
          ›
        </button>
      </div>
      <Read of={reading}>{(found) => <Earned days={found} isDay={isDay} />}</Read>
      <p>
        <a class="way" href={addressOf('floors')}>
          {texts.earnings.floors}
        </a>
      </p>
    </>
  )
}

function Earned({ days, isDay }: { days: Earnings[]; isDay: boolean }) {
  const { texts, language } = useApp()
  const write = (one: Money): string => money(one.amount, one.currency, language)
  const totals = totalled(days)
  const payouts = days.flatMap((day) => day.payouts.map((payout) => ({ ...payout, period: day.period })))
  if (!totals.length && !payouts.length) {
    return <Empty title={texts.earnings.empty} text={texts.earnings.empty_text} />
  }
  return (
    <div class="stack">
      {totals.map(({ currency, sums, total }) => (
        <section key={currency} class="card">
          <p class="offer-pay">{write(total)}</p>
          <dl class="parts-of-pay">
            {SUMS.filter((one) => sums[one].amount || one === 'trips').map((one) => (
              <div key={one}>
                <dt>
                  {texts.earnings[one]}
                  <span class="soft">{texts.earnings[`${one}_text`]}</span>
                </dt>
                <dd>{write(sums[one])}</dd>
              </div>
            ))}
            <div class="sum">
              <dt>{texts.earnings.total}</dt>
              <dd>{write(total)}</dd>
            </div>
          </dl>
        </section>
      ))}
      <section class="card">
        <h2>{texts.earnings.payouts}</h2>
        {payouts.length ? (
          <ul class="plain">
            {payouts.map((payout) => (
              <li key={payout.payout_id} class="pair">
                <span>
                  {!isDay && `${written(payout.period, language)}: `}
                  {texts.earnings.payout_state[payout.state]}
                </span>
                <strong>{write(payout.amount)}</strong>
              </li>
            ))}
          </ul>
        ) : (
          <p class="soft">{texts.earnings.payouts_empty}</p>
        )}
      </section>
      <Lines days={days} isDay={isDay} />
    </div>
  )
}

function Lines({ days, isDay }: { days: Earnings[]; isDay: boolean }) {
  const app = useApp()
  const { texts, language } = app
  const lines = days.flatMap((day) => day.lines.map((line) => ({ line, period: day.period }))).toReversed()
  if (!lines.length) return null
  /** Kinds that no driver's line has, such as a merchant's payment, have no words. */
  const lineWords: Partial<Record<string, string>> = texts.earnings.line
  return (
    <section>
      <h2 class="over">{texts.earnings.lines}</h2>
      {lines.map(({ line, period }) => (
        <details key={`${line.time}${line.delivery_id}${line.kind}`} class="card more line-of-pay">
          <summary>
            <span>
              {lineWords[line.kind] ?? texts.part.other}
              <span class="soft">
                {!isDay && `${written(period, language)}, `}
                {at(app, line.time)}
                {line.outcome && `, ${texts.earnings.outcome[line.outcome]}`}
              </span>
            </span>
            <strong>{money(line.total.amount, line.total.currency, language)}</strong>
          </summary>
          <PayParts parts={line.parts} tip={line.tip} total={line.total} />
          {line.note && <p class="note">{line.note}</p>}
          {line.delivery_id && <p class="soft">{fill(texts.route.order, { number: line.delivery_id })}</p>}
        </details>
      ))}
    </section>
  )
}
