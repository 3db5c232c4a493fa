import { useState } from 'preact/hooks'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import type { Words } from './texts'

const DAYS = 31
const DAY_MS = 86_400_000

/** Drivers whose debt grew in the last days: balances of their receivable accounts in the trial balance. */
export function Debts({ words }: { words: Words }) {
  const { texts, language, live, nameOf } = useDesk()
  const [now] = useState(() => live?.clock.now() ?? Date.now())
  const day = (ago: number): string => new Date(now - ago * DAY_MS).toISOString().slice(0, 10)
  const first = day(DAYS - 1)
  const last = day(0)
  const { data, problem, busy } = useReading(`debts ${first}`, () => reading.trialBalance(first, last, null, 1000))
  const all = words.debts
  const owing = data?.accounts.filter(({ account, balance }) => /^driver:.+:receivable$/.test(account) && balance.amount > 0)
  return (
    <section aria-labelledby="debts-heading">
      <h2 id="debts-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {owing?.length === 0 && <p class="empty">{all.none}</p>}
      {data?.next_cursor && <p class="soft">{fill(all.partly, { count: data.accounts.length })}</p>}
      <ul>
        {owing?.map(({ account, balance }) => (
          <li key={account + balance.currency}>
            {fill(all.of, {
              driver: nameOf(account.split(':')[1] ?? ''),
              amount: money(balance.amount, balance.currency, language),
            })}
          </li>
        ))}
      </ul>
    </section>
  )
}
