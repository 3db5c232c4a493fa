import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { Field, Pick } from '../extra/fields'
import { useDesk } from '../shell/desk'
import { Wide } from '../shell/wide'
import { changesOf, type Table } from './compare'
import { Simulation } from './simulation'
import type { Words } from './texts'

type Line = Schemas['TableLine']
type Verdict = Schemas['TableVerdict']

interface Props {
  line: Line
  others: readonly Line[]
  words: Words
  mayChange: boolean
  changed: () => void
  close: () => void
}

/** One table: its rows, what differs from another, its simulation, and the decision about it. */
export function TableCard({ line, others, words, mayChange, changed, close }: Props) {
  const { texts } = useDesk()
  const { data, problem, again } = useReading(`table ${line.table_id}`, () => reading.priceTable(line.table_id))
  const [other, compare] = useState('')
  return (
    <>
      <p>
        <button type="button" class="act" onClick={close}>
          {words.close}
        </button>
      </p>
      {problem && <Refused problem={problem} texts={texts} />}
      {data && (
        <>
          <Rows table={data} words={words} />
          <Pick
            label={words.compare.label}
            value={other}
            set={compare}
            of={[
              ['', words.compare.nothing] as const,
              ...others.filter((one) => one.table_id !== line.table_id).map((one) => [one.table_id, one.name] as const),
            ]}
          />
          {other && <Compared table={data} other={other} words={words} />}
          <Simulation table={data} words={words} mayChange={mayChange} again={again} />
          <ul>
            {data.table.decisions.map((one) => (
              <li key={one.at}>
                {words.verdicts[one.verdict]} · {one.by} · {one.reason}
              </li>
            ))}
          </ul>
          {mayChange && (
            <Decide
              table={data}
              words={words}
              decided={() => {
                again()
                changed()
              }}
            />
          )}
        </>
      )}
    </>
  )
}

function Rows({ table, words }: { table: Table; words: Words }) {
  return (
    <Wide label={fill(words.rows.caption, { name: table.table.name })}>
      <table class="rates">
        <caption>{fill(words.rows.caption, { name: table.table.name })}</caption>
        <thead>
          <tr>
            <th scope="col">{words.rows.number}</th>
            {table.columns.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.cells.map((cells, number) => (
            // Rows of a table have no other name than their number, and never change.
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={number}>
              <th scope="row">{number + 1}</th>
              {cells.map((cell, at) => (
                <td key={table.columns[at]}>{cell || words.rows.any}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

function Compared({ table, other, words }: { table: Table; other: string; words: Words }) {
  const { texts } = useDesk()
  const { data, problem } = useReading(`table ${other}`, () => reading.priceTable(other))
  if (problem) return <Refused problem={problem} texts={texts} />
  if (!data) return <p role="status">{texts.loading}</p>
  const changes = changesOf(data, table)
  if (!changes.length) return <p>{words.compare.same}</p>
  return (
    <>
      <p>{words.compare.caption}</p>
      <ul>
        {changes.map(({ row, column, before, after }) => (
          <li key={`${row} ${column}`}>
            {row || words.rows.any} · {column}:{' '}
            {fill(words.compare.changed, { before: before ?? words.compare.added, after: after ?? words.compare.removed })}
          </li>
        ))}
      </ul>
    </>
  )
}

function Decide({ table, words, decided }: { table: Table; words: Words; decided: () => void }) {
  const { texts } = useDesk()
  const act = useAct<Table>()
  const [reason, say] = useState('')
  const verdicts: readonly Verdict[] =
    table.table.state === 'draft' ? ['approve', 'refuse'] : table.table.state === 'approved' ? ['withdraw'] : []
  if (!verdicts.length) return null
  const decide = async (verdict: Verdict): Promise<void> => {
    const answer = await act.send(() => acting.decideTable(table.table.table_id, { verdict, reason }))
    if (answer?.data) decided()
  }
  return (
    <>
      {table.table.state === 'draft' && <p class="soft">{fill(words.decide.second, { by: table.table.made_by })}</p>}
      <Field label={words.decide.reason} longest={500} value={reason} set={say} />
      <p class="acts">
        {verdicts.map((verdict) => (
          <button type="button" class="act" key={verdict} disabled={reason.trim().length < 3} onClick={() => void decide(verdict)}>
            {words.decide[verdict]}
          </button>
        ))}
      </p>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
    </>
  )
}
