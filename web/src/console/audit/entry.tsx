import { fill } from '../../parts/texts'
import type { AuditEntry } from '../api/types'
import { useDesk } from '../shell/desk'
import { isDriver, shortId, wordFor } from '../shell/words'
import type { Texts } from '../texts'

/** "POST /v1/staff/deliveries/{delivery_id}/assign" in words, or as it stands if there are none. */
export function actionWords(action: string, texts: Texts): string {
  return wordFor(texts.audit.actions, action)
}

/** The end of a call: done, refused, failed, or not known because no status was noted. */
export function outcomeOf(status: number | null): 'done' | 'refused' | 'failed' | 'unknown' {
  if (status === null) return 'unknown'
  if (status < 400) return 'done'
  return status < 500 ? 'refused' : 'failed'
}

/** One act of a member of staff. */
export function Entry({ entry }: { entry: AuditEntry }) {
  const { texts, language, go, nameOf } = useDesk()
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(entry.at))
  const outcome = outcomeOf(entry.outcome ?? null)
  return (
    <li class={`card entry outcome-${outcome}`}>
      <p>
        <time dateTime={entry.at} class="soft">
          {at}
        </time>{' '}
        <strong>{entry.by}</strong> {actionWords(entry.action, texts)}
      </p>
      <p>
        <span class={outcome === 'done' ? 'good' : 'bad'}>{fill(texts.audit.outcome[outcome], { status: entry.outcome ?? '' })}</span>{' '}
        {entry.subjects.map((id) => (
          <button
            key={id}
            type="button"
            class="link"
            onClick={() => go({ view: 'live', ...(isDriver(id) ? { driver: id, delivery: null } : { delivery: id, driver: null }) })}
          >
            {isDriver(id) ? nameOf(id) : `…${shortId(id)}`}
          </button>
        ))}
      </p>
      {entry.request !== null && entry.request !== undefined && Object.keys(entry.request).length > 0 && (
        <details>
          <summary>{texts.audit.request}</summary>
          <pre>{JSON.stringify(entry.request, null, 2)}</pre>
        </details>
      )}
    </li>
  )
}
