import { useEffect, useRef, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import type { Days } from './ledger_view'
import { SpanFields } from './span_fields'
import type { Words } from './texts'
import { Wide } from '../shell/wide'
import './ledger.css'

type Row = Schemas['AccountBalance']

interface Props {
  words: Words
  days: Days
  span: (days: Days) => void
  choose: (account: string) => void
}

/** Trial balance of some days, by group and by account. */
export function Balance({ words, days, span, choose }: Props) {
  const { texts, language } = useDesk()
  const [wish, write] = useState(days)
  const [cursor, turn] = useState<string | null>(null)
  const all = words.balance
  const { data, problem, busy } = useReading(`balance ${days.first} ${days.last} ${cursor ?? ''}`, () =>
    reading.trialBalance(days.first, days.last, cursor),
  )
  const off = data?.difference.filter(({ amount }) => amount !== 0) ?? []
  return (
    <section aria-labelledby="balance-heading">
      <h2 id="balance-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          turn(null)
          span(wish)
        }}
      >
        <SpanFields words={words} days={wish} span={write} />
        <button type="submit" class="act">
          {all.show}
        </button>
      </form>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data && data.groups.length === 0 && <p class="empty">{all.none}</p>}
      {data && data.groups.length > 0 && (
        <>
          {off.length ? (
            <p class="bad" role="alert">
              {fill(all.difference, { amounts: off.map((one) => money(one.amount, one.currency, language)).join(', ') })}
            </p>
          ) : (
            <p>{all.even}</p>
          )}
          <Table caption={all.groups} rows={data.groups} words={words} />
          <Table caption={all.accounts} rows={data.accounts} words={words} choose={choose} />
          <div class="acts">
            {cursor && (
              <button type="button" class="act" onClick={() => turn(null)}>
                {all.back}
              </button>
            )}
            {data.next_cursor && (
              <button type="button" class="act" onClick={() => turn(data.next_cursor ?? null)}>
                {all.more}
              </button>
            )}
          </div>
        </>
      )}
    </section>
  )
}

const COLUMNS = ['debit', 'credit', 'balance', 'pending'] as const

function Table(props: { caption: string; rows: readonly Row[]; words: Words; choose?: (account: string) => void }) {
  const { caption, rows, words, choose } = props
  const { language } = useDesk()
  const all = words.balance
  const names = { debit: all.debit, credit: all.credit, balance: all.sum, pending: all.pending }
  return (
    <Wide label={caption}>
      <table class="books">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{all.account}</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class="number">
                {names[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.account + row.balance.currency}>
              <th scope="row">
                {choose ? (
                  <button type="button" class="link code" onClick={() => choose(row.account)}>
                    {row.account}
                  </button>
                ) : (
                  <span class="code">{row.account}</span>
                )}
              </th>
              {COLUMNS.map((column) => (
                <td key={column} class="number">
                  {money(row[column].amount, row[column].currency, language)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

/** Bring a part into view, and to the keyboard, when something else is chosen in it. */
export function useShown(chosen: string | null): preact.RefObject<HTMLHeadingElement | null> {
  const place = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!chosen) return
    place.current?.scrollIntoView({ block: 'start' })
    place.current?.focus({ preventScroll: true })
  }, [chosen])
  return place
}
