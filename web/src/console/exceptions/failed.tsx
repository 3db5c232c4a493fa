import { useState } from 'preact/hooks'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { dayWords } from '../law/figures'
import { useDesk } from '../shell/desk'
import type { ExceptionProps } from './exceptions_view'
import { failedPayouts } from './gathering'

const DAYS = 7
const DAY_MS = 86_400_000

/** Payouts of the last days that failed or came back, with the bank's reason. */
export function FailedPayouts({ words, payouts: said }: ExceptionProps) {
  const { texts, language, live, nameOf, go } = useDesk()
  const [now] = useState(() => live?.clock.now() ?? Date.now())
  const days = Array.from({ length: DAYS }, (_, ago) => new Date(now - ago * DAY_MS).toISOString().slice(0, 10))
  const { data, problem, busy } = useReading(`failed ${days[0]}`, () => failedPayouts(reading.payouts, days))
  const all = words.failed
  return (
    <section aria-labelledby="failed-heading">
      <h2 id="failed-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data?.payouts.length === 0 && <p class="empty">{all.none}</p>}
      {data?.partly && <p class="soft">{all.more}</p>}
      <ul class="cards">
        {data?.payouts.map((one) => {
          const title = fill(all.of, {
            amount: money(one.amount.amount, one.amount.currency, language),
            driver: nameOf(one.driver_id),
            day: dayWords(one.period, language),
          })
          return (
            <li key={one.payout_id} class="card">
              <h3>{title}</h3>
              <p>
                {said.state[one.state]}
                {one.code && (
                  <>
                    {' · '}
                    <span class="code">{one.code}</span>
                  </>
                )}
                {one.reason && `: ${one.reason}`}
              </p>
              <div class="acts">
                <button
                  type="button"
                  class="act"
                  aria-label={`${all.open}: ${title}`}
                  onClick={() => go({ view: 'payouts', driver: one.driver_id, delivery: null })}
                >
                  {all.open}
                </button>
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
