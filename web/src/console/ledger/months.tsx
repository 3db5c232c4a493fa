import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import type { Words } from './texts'
import { Wide } from '../shell/wide'
import './ledger.css'

type Month = Schemas['MonthView']

/** Closed months with their totals, and the form that closes one for good. */
export function Months({ words, mayChange }: { words: Words; mayChange: boolean }) {
  const { texts } = useDesk()
  const { data, problem, busy, again } = useReading('months', reading.months)
  const all = words.months
  return (
    <section aria-labelledby="months-heading">
      <h2 id="months-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      {mayChange && <Close words={words} closed={again} />}
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data?.months.length === 0 && <p class="empty">{all.none}</p>}
      <ul class="cards">
        {data?.months.map((one) => (
          <Card key={one.month} one={one} words={words} />
        ))}
      </ul>
    </section>
  )
}

function Card({ one, words }: { one: Month; words: Words }) {
  const { language, live } = useDesk()
  const all = words.months
  const said = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const time = timeOfDay(one.closed_at, live?.clock.now() ?? Date.now(), language)
  const title = fill(all.totals, { month: one.month })
  return (
    <li class="card">
      <h3>{fill(all.of, { month: one.month, count: one.postings, by: one.closed_by, time })}</h3>
      <details>
        <summary>{title}</summary>
        <Wide label={title}>
          <table class="books">
            <tbody>
              {one.groups.map(({ group, debit, credit, balance }) => (
                <tr key={group + balance.currency}>
                  <th scope="row" class="code">
                    {group}
                  </th>
                  <td class="number">{said(debit)}</td>
                  <td class="number">{said(credit)}</td>
                  <td class="number">{said(balance)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
        <p class="soft">
          {all.hash}: <span class="code hash">{one.hash}</span>
        </p>
      </details>
    </li>
  )
}

function Close({ words, closed }: { words: Words; closed: () => void }) {
  const { texts } = useDesk()
  const act = useAct<Month>()
  const [month, choose] = useState('')
  const [asked, ask] = useState(false)
  const all = words.months
  const send = async (): Promise<void> => {
    const answer = await act.send(() => acting.closeMonth(month))
    ask(false)
    if (answer?.data) closed()
  }
  return (
    <form
      class="asking"
      onSubmit={(event) => {
        event.preventDefault()
        act.forget()
        ask(true)
      }}
    >
      <label class="field">
        {all.month}
        <input
          required
          placeholder="2026-10"
          pattern="[0-9]{4}-(0[1-9]|1[0-2])"
          value={month}
          autoComplete="off"
          onInput={({ currentTarget }) => {
            choose(currentTarget.value)
            ask(false)
          }}
        />
      </label>
      {!asked && (
        <button type="submit" class="act">
          {all.close}
        </button>
      )}
      {asked && (
        <div role="group" aria-label={fill(all.sure, { month })}>
          <p>{fill(all.sure, { month })}</p>
          <div class="acts">
            <button type="button" class="act main" aria-disabled={act.phase === 'busy'} onClick={() => void send()}>
              {fill(all.yes, { month })}
            </button>
            <button type="button" class="act" onClick={() => ask(false)}>
              {all.no}
            </button>
          </div>
        </div>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.data && <Done>{fill(all.closed, { month: act.data.month })}</Done>}
    </form>
  )
}
