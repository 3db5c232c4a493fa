import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import type { Problem } from '../api/answers'
import * as reading from '../api/reading'
import type { AuditEntry } from '../api/types'
import { useDesk } from '../shell/desk'
import { Entry } from './entry'

type By = 'subject' | 'by' | 'day'
interface Page {
  entries: AuditEntry[]
  next_after: string | null
}

const today = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10)

/** The acts of staff by order or driver, by person, or by day. It begins with today once the zone's clock is known. */
export function AuditView() {
  const { live } = useDesk()
  return <Trail key={live ? 'clock' : 'no clock'} />
}

function Trail() {
  const { texts, live, place, go } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  const [by, choose] = useState<By>(place.subject ? 'subject' : 'day')
  const [words, write] = useState(place.subject ?? '')
  const [day, setDay] = useState(today(now))
  const [entries, set] = useState<AuditEntry[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [problem, tell] = useState<Problem | null>(null)
  const act = useAct<Page>()

  const query = (): reading.AuditQuery => {
    if (by === 'subject') return { subject: words.trim() }
    return by === 'by' ? { by: words.trim(), day } : { day }
  }
  const ask = async (after: string | null): Promise<void> => {
    const answer = await act.send(() => reading.audit({ ...query(), ...(after ? { after } : {}) }))
    if (!answer) return
    tell(answer.problem)
    if (!answer.data) return
    const page = answer.data
    set((before) => (after && before ? [...before, ...page.entries] : page.entries))
    setNext(page.next_after)
  }
  useEffect(() => {
    if (by === 'day' || words.trim()) void ask(null)
  }, [])
  return (
    <main class="page">
      <h2>{texts.audit.heading}</h2>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          go({ subject: by === 'subject' ? words.trim() || null : null })
          void ask(null)
        }}
      >
        <fieldset class="chips">
          <legend class="unseen">{texts.audit.by}</legend>
          {(['day', 'subject', 'by'] as const).map((one) => (
            <label key={one} class="option">
              <input type="radio" name="audit-by" checked={by === one} onChange={() => choose(one)} />
              {texts.audit.kinds[one]}
            </label>
          ))}
        </fieldset>
        {by !== 'day' && (
          <label class="field">
            {by === 'subject' ? texts.audit.subject : texts.audit.person}
            <input type="text" required value={words} autoComplete="off" onInput={({ currentTarget }) => write(currentTarget.value)} />
          </label>
        )}
        {by !== 'subject' && (
          <label class="field">
            {texts.audit.day}
            <input type="date" required value={day} onInput={({ currentTarget }) => setDay(currentTarget.value)} />
          </label>
        )}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {texts.audit.ask}
        </button>
      </form>
      {problem && <Refused problem={problem} texts={texts} />}
      <p class="unseen" role="status">
        {entries && fill(texts.audit.count, { count: entries.length })}
      </p>
      {entries?.length === 0 && <p class="empty">{texts.audit.none}</p>}
      {entries && entries.length > 0 && (
        <ol class="cards">
          {entries.map((entry) => (
            <Entry key={entry.entry_id} entry={entry} />
          ))}
        </ol>
      )}
      {next && (
        <button type="button" class="act" onClick={() => void ask(next)}>
          {texts.audit.more}
        </button>
      )}
    </main>
  )
}
