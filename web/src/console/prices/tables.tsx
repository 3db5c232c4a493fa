import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { TableCard } from './table_card'
import type { Words } from './texts'
import { Upload } from './upload'

type Line = Schemas['TableLine']

/** All price tables and contracts, the newest first; one of them is open. */
export function Tables({ words, mayChange }: { words: Words; mayChange: boolean }) {
  const { texts } = useDesk()
  const [cursor, move] = useState<string | null>(null)
  const [open, choose] = useState<string | null>(null)
  const { data, problem, again } = useReading(`tables ${cursor ?? ''}`, () => reading.priceTables(cursor))
  return (
    <section aria-labelledby="tables-heading">
      <h2 id="tables-heading">{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.tables.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.tables.map((line) => (
          <li class="card" key={line.table_id}>
            <h3>
              {line.name} · {line.currency}
            </h3>
            <Summary line={line} words={words} />
            {open === line.table_id ? (
              <TableCard line={line} others={data.tables} words={words} mayChange={mayChange} changed={again} close={() => choose(null)} />
            ) : (
              <button type="button" class="act" onClick={() => choose(line.table_id)}>
                {fill(words.open, { name: line.name })}
              </button>
            )}
          </li>
        ))}
      </ul>
      {data?.next_cursor && (
        <button type="button" class="act" onClick={() => move(data.next_cursor)}>
          {words.older}
        </button>
      )}
      {mayChange && <Upload words={words} made={again} />}
    </section>
  )
}

function Summary({ line, words }: { line: Line; words: Words }) {
  const scope = [
    line.merchant_id && fill(words.contract, { merchant: `…${shortId(line.merchant_id)}` }),
    line.zone_ids.join(', '),
  ].filter(Boolean)
  return (
    <p>
      {fill(words.line, { state: words.states[line.state], rows: line.rows, since: line.starts_on })}
      {line.ends_on && ` ${fill(words.until, { until: line.ends_on })}`}
      {scope.length > 0 && ` · ${scope.join(' · ')}`}
      <span class="soft"> · {fill(words.by, { by: line.made_by })}</span>
    </p>
  )
}
