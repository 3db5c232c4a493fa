import { useEffect, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import type { Days } from './ledger_view'
import { SpanFields } from './span_fields'
import type { Words } from './texts'

const LOOK_EVERY_MS = 3_000

type Export = Schemas['JournalExportView']

/** The form for a file of the journal, and the file once it is there. */
export function Exports({ words, days }: { words: Words; days: Days }) {
  const { texts } = useDesk()
  const act = useAct<Export>()
  const [wish, write] = useState(days)
  const [format, choose] = useState<Schemas['Format']>('csv')
  const all = words.exports
  return (
    <section aria-labelledby="exports-heading">
      <h2 id="exports-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          void act.send(() => acting.exportJournal({ ...wish, format }))
        }}
      >
        <label class="field">
          {all.format}
          <select value={format} onChange={({ currentTarget }) => choose(currentTarget.value as Schemas['Format'])}>
            {Object.entries(all.formats).map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <SpanFields words={words} days={wish} span={write} />
        <button type="submit" class="act" aria-disabled={act.phase === 'busy'}>
          {all.send}
        </button>
      </form>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.data && <File key={act.data.export_id} asked={act.data} words={words} />}
    </section>
  )
}

/** A file that is being made, asked for until it is ready. */
function File({ asked, words }: { asked: Export; words: Words }) {
  const { texts } = useDesk()
  const [round, setRound] = useState(0)
  const { data, problem, busy } = useReading(`export ${asked.export_id}`, () => reading.journalExport(asked.export_id), round)
  const one = data ?? asked
  const waits = one.state !== 'ready'
  useEffect(() => {
    if (!waits || busy) return
    const timer = setTimeout(() => setRound((before) => before + 1), LOOK_EVERY_MS)
    return () => clearTimeout(timer)
  }, [waits, busy, round])
  const all = words.exports
  return (
    <>
      {problem && <Refused problem={problem} texts={texts} />}
      <Done>
        {waits
          ? fill(all.wait, { name: one.file_name })
          : fill(all.ready, { name: one.file_name, postings: one.postings })}
      </Done>
      {one.url && (
        <p>
          <a href={one.url}>{fill(all.save, { name: one.file_name })}</a>
        </p>
      )}
    </>
  )
}
