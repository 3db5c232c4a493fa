import { useState } from 'preact/hooks'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { dayWords } from '../law/figures'
import '../ledger/ledger.css'
import { Wide } from '../shell/wide'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import type { Words } from './texts'

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S

/** Items that have not cleared on in-between accounts, the oldest first. */
export function OpenItems({ words }: { words: Words }) {
  const { texts, language } = useDesk()
  const [cursor, turn] = useState<string | null>(null)
  const { data, problem, busy } = useReading(`open ${cursor ?? ''}`, () => reading.openItems(cursor))
  const all = words.items
  const age = (seconds: number): string =>
    seconds < 2 * DAY_S
      ? fill(all.hours, { count: Math.floor(seconds / HOUR_S) })
      : fill(all.days, { count: Math.floor(seconds / DAY_S) })
  return (
    <section aria-labelledby="items-heading">
      <h2 id="items-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data?.items.length === 0 && <p class="empty">{all.none}</p>}
      {data && data.items.length > 0 && (
        <Wide label={all.caption}>
          <table class="books">
            <caption class="unseen">{all.caption}</caption>
            <thead>
              <tr>
                <th scope="col">{all.age}</th>
                <th scope="col" class="number">
                  {all.amount}
                </th>
                <th scope="col">{all.kind}</th>
                <th scope="col">{all.account}</th>
                <th scope="col">{all.item}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((one) => (
                <tr key={one.account + one.item + one.amount.currency}>
                  <td>
                    {age(one.age_s)}
                    {one.overdue && (
                      <>
                        {' '}
                        <strong class="bad">{fill(all.late, { day: dayWords(one.overdue_at.slice(0, 10), language) })}</strong>
                      </>
                    )}
                  </td>
                  <td class="number">{money(one.amount.amount, one.amount.currency, language)}</td>
                  <td>{wordFor({}, one.kind)}</td>
                  <td class="code">{one.account}</td>
                  <td class="code">{one.item}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <div class="acts">
        {cursor && (
          <button type="button" class="act" onClick={() => turn(null)}>
            {all.back}
          </button>
        )}
        {data?.next_cursor && (
          <button type="button" class="act" onClick={() => turn(data.next_cursor)}>
            {all.more}
          </button>
        )}
      </div>
    </section>
  )
}
