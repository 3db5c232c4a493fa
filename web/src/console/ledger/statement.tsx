import { useEffect, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { dayWords } from '../law/figures'
import { useDesk } from '../shell/desk'
import { shortId, wordFor } from '../shell/words'
import { useShown } from './balance'
import type { Days } from './ledger_view'
import type { Words } from './texts'
import { Wide } from '../shell/wide'
import './ledger.css'

interface Props {
  words: Words
  days: Days
  account: string | null
  choose: (account: string) => void
  look: (posting: string) => void
}

/** Statement of any account over the days of the trial balance. */
export function StatementPart({ words, days, account, choose, look }: Props) {
  const [typed, write] = useState(account ?? '')
  useEffect(() => write(account ?? ''), [account])
  const all = words.statement
  const place = useShown(account)
  return (
    <section aria-labelledby="statement-heading">
      <h2 id="statement-heading" tabIndex={-1} ref={place}>
        {all.heading}
      </h2>
      <p class="soft">{all.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim()) choose(typed.trim())
        }}
      >
        <label class="field">
          {all.account}
          <input
            required
            size={36}
            value={typed}
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => write(currentTarget.value)}
          />
        </label>
        <button type="submit" class="act">
          {all.show}
        </button>
      </form>
      {account && <Lines key={account + days.first + days.last} words={words} days={days} account={account} look={look} />}
    </section>
  )
}

function Lines({ words, days, account, look }: Omit<Props, 'choose' | 'account'> & { account: string }) {
  const { texts, language } = useDesk()
  const [cursor, turn] = useState<string | null>(null)
  const all = words.statement
  const { data, problem, busy } = useReading(`statement ${account} ${cursor ?? ''}`, () =>
    reading.accountStatement(account, days.first, days.last, cursor),
  )
  if (!data) return problem ? <Refused problem={problem} texts={texts} /> : <p role="status">{busy ? texts.loading : ''}</p>
  const said = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const held = (totals: readonly Schemas['AccountTotal'][]): string =>
    totals
      .map(({ balance, pending }) =>
        pending.amount ? fill(all.pending, { amount: said(balance), pending: said(pending) }) : said(balance),
      )
      .join(', ') || all.nothing
  return (
    <>
      <p>
        <strong class="code">{data.account}</strong>
      </p>
      <p>{fill(all.opening, { amounts: held(data.opening) })}</p>
      {data.lines.length === 0 && <p class="empty">{all.none}</p>}
      {data.lines.length > 0 && (
        <Wide label={all.lines}>
          <table class="books">
            <caption class="unseen">{all.lines}</caption>
            <thead>
              <tr>
                <th scope="col">{all.day}</th>
                <th scope="col">{all.kind}</th>
                <th scope="col" class="number">
                  {all.amount}
                </th>
                <th scope="col">{all.note}</th>
                <th scope="col">{all.posting}</th>
              </tr>
            </thead>
            <tbody>
              {data.lines.map((line) => (
                <tr key={line.posting_id}>
                  <td>{dayWords(line.period, language)}</td>
                  <td>
                    {wordFor({}, line.kind)}
                    {line.phase !== 'posted' && ` (${words.posting.phases[line.phase]})`}
                  </td>
                  <td class="number">{said(line.phase === 'posted' ? line.amount : line.pending)}</td>
                  <td>{line.note ?? line.external_id ?? line.items.join(', ')}</td>
                  <td>
                    <button type="button" class="link code" onClick={() => look(line.posting_id)}>
                      …{shortId(line.posting_id)}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <p>{fill(all.closing, { amounts: held(data.closing) })}</p>
      <div class="acts">
        {cursor && (
          <button type="button" class="act" onClick={() => turn(null)}>
            {all.back}
          </button>
        )}
        {data.next_cursor && (
          <button type="button" class="act" onClick={() => turn(data.next_cursor)}>
            {all.more}
          </button>
        )}
      </div>
    </>
  )
}
