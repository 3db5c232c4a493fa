import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { ago } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import type { Emergency, Zone } from '../api/types'
import { useAsking } from '../live/use_asking'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import type { Texts } from '../texts'
import { useAlarm } from './alarm'
import './urgent.css'

const PACE = { everyMs: 5000, longestMs: 15_000 }

interface EmergenciesProps {
  texts: Texts
  language: string
  zones: Zone[]
}

/** Open emergencies of all zones, above everything else, with sound until somebody has seen them. */
export function Emergencies({ texts, language, zones }: EmergenciesProps) {
  const { live } = useDesk()
  const { data, problem, again } = useAsking(
    'emergencies',
    PACE,
    reading.emergencies,
    (_: Emergency[] | null, answer: { emergencies: Emergency[] }) => answer.emergencies,
    true, // a dispatcher who looks at another tab hears it too
  )
  const open = data ?? []
  const { sounding, silent, silence, allow } = useAlarm(open.map(({ emergency_id }) => emergency_id))
  useEffect(() => {
    document.title = open.length ? fill(texts.emergency.title, { count: open.length }) : texts.title
  }, [open.length, texts])
  if (!open.length) return problem && problem.status >= 500 ? <p class="urgent">{texts.emergency.unknown}</p> : null
  return (
    <section class="urgent" aria-labelledby="urgent-heading">
      <div class="urgent-head">
        <h2 id="urgent-heading">
          <span role="alert">{fill(texts.emergency.heading, { count: open.length })}</span>
        </h2>
        {sounding && (
          <button type="button" class="act" onClick={silence}>
            {texts.emergency.silence}
          </button>
        )}
        {silent && (
          <button type="button" class="act" onClick={allow}>
            {texts.emergency.sound}
          </button>
        )}
      </div>
      <ul>
        {open.map((one) => (
          <Line
            key={one.emergency_id}
            emergency={one}
            zone={zones.find(({ id }) => id === one.zone_id)?.settings.name ?? null}
            when={ago(one.raised_at, live?.clock.now() ?? Date.now(), language)}
            handled={again}
          />
        ))}
      </ul>
    </section>
  )
}

function Line(props: { emergency: Emergency; zone: string | null; when: string; handled: () => void }) {
  const { texts, go } = useDesk()
  const { emergency, zone, when, handled } = props
  const [opened, open] = useState(false)
  const [note, write] = useState('')
  const act = useAct<Emergency>()
  const submit = async (): Promise<void> => {
    if (!note.trim()) return
    const answer = await act.send(() => acting.handle(emergency.emergency_id, note.trim()))
    if (answer && !answer.problem) handled()
  }
  const name = emergency.driver_name ?? `…${shortId(emergency.driver_id)}`
  return (
    <li>
      <p>
        <strong>{name}</strong> {when}
        {zone && `, ${zone}`}
        {emergency.note && <span class="words"> “{emergency.note}”</span>}
      </p>
      <div class="acts">
        {emergency.driver_phone && (
          <a class="act" href={`tel:${emergency.driver_phone}`}>
            {fill(texts.emergency.call, { phone: emergency.driver_phone })}
          </a>
        )}
        <button
          type="button"
          class="act"
          onClick={() => go({ view: 'live', driver: emergency.driver_id, delivery: null, ...(emergency.zone_id ? { zone: emergency.zone_id } : {}) })}
        >
          {texts.emergency.show}
        </button>
        <button type="button" class="act" aria-expanded={opened} onClick={() => open(!opened)}>
          {texts.emergency.handle}
        </button>
      </div>
      {emergency.position && (
        <p class="soft">
          {fill(texts.emergency.position, { lat: emergency.position.lat.toFixed(5), lon: emergency.position.lon.toFixed(5) })}
        </p>
      )}
      {opened && (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <label class="field">
            {texts.emergency.note}
            <textarea rows={2} required maxLength={500} value={note} onInput={({ currentTarget }) => write(currentTarget.value)} />
          </label>
          {act.problem && <Refused problem={act.problem} texts={texts} />}
          <button type="submit" class="act main" disabled={!note.trim()} aria-disabled={act.phase === 'busy'}>
            {texts.emergency.confirm}
          </button>
        </form>
      )}
    </li>
  )
}
