import { useMemo, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import type { Schemas } from '../../parts/client'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Incident, Point } from '../api/types'
import { circleShape, useDrawn } from '../map/sketch'
import { useDesk } from '../shell/desk'
import { CircleFields } from './circle_fields'
import { NumberField } from './number_field'

const NOTHING = circleShape(null, 0)

/** Incidents of the zone: the known ones, and a new one as a circle on the map or by numbers. */
export function Incidents() {
  const { texts, live, zone, look, language, may } = useDesk()
  const mayChange = may('change_operations')
  const [opened, open] = useState(false)
  const ending = useAct<Schemas['IncidentList']>()
  const now = live?.clock.now() ?? Date.now()
  const end = async (incident: Incident): Promise<void> => {
    await ending.send(() => acting.endIncident(zone.id, incident.id))
    look()
  }
  return (
    <section class="panel" aria-labelledby="incidents-heading">
      <h2 id="incidents-heading">{texts.incident.heading}</h2>
      {live?.incidents.length === 0 && <p class="empty">{texts.incident.none}</p>}
      <ul class="rows">
        {live?.incidents.map((one) => (
          <li key={one.id} class="incident">
            <p>
              <strong>{one.note}</strong>
              <br />
              <span class="soft">
                {one.closed ? texts.incident.closed : fill(texts.incident.slower, { factor: one.slowdown ?? 1 })},{' '}
                {fill(texts.incident.size, { metres: Math.round(one.radius_m) })},{' '}
                {fill(texts.incident.until, { time: timeOfDay(one.ends_at, now, language) })}
              </span>
            </p>
            {mayChange && (
              <button type="button" class="act" aria-label={fill(texts.incident.end_one, { note: one.note })} onClick={() => void end(one)}>
                {texts.incident.end}
              </button>
            )}
          </li>
        ))}
      </ul>
      {ending.problem && <Refused problem={ending.problem} texts={texts} />}
      {mayChange && (
        <button type="button" class="act" aria-expanded={opened} onClick={() => open(!opened)}>
          {texts.incident.add}
        </button>
      )}
      {opened && <IncidentForm done={look} />}
    </section>
  )
}

function IncidentForm({ done }: { done: () => void }) {
  const { texts, live, zone } = useDesk()
  const [centre, setCentre] = useState<Point | null>(null)
  const [radius, setRadius] = useState(300)
  const [minutes, setMinutes] = useState(60)
  const [closed, setClosed] = useState(false)
  const [slowdown, setSlowdown] = useState(2)
  const [note, write] = useState('')
  const act = useAct<Incident>()
  const shape = useMemo(() => (act.phase === 'done' ? NOTHING : circleShape(centre, radius)), [centre, radius, act.phase])
  useDrawn(shape, setCentre)

  const submit = async (): Promise<void> => {
    if (!centre || !note.trim()) return
    const ends_at = new Date((live?.clock.now() ?? Date.now()) + minutes * 60_000).toISOString()
    const body = { centre, radius_m: radius, ends_at, closed, slowdown: closed ? 1 : slowdown, note: note.trim() }
    const answer = await act.send(() => acting.reportIncident(zone.id, body))
    if (answer?.data) {
      write('')
      setCentre(null)
      done()
    }
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <p class="soft">{texts.incident.hint}</p>
      <CircleFields centre={centre} radius={radius} setCentre={setCentre} setRadius={setRadius} />
      <label class="option">
        <input type="checkbox" checked={closed} onChange={() => setClosed(!closed)} />
        {texts.incident.closed}
      </label>
      <div class="numbers">
        {!closed && <NumberField label={texts.incident.slowdown} value={slowdown} least={1} most={10} set={setSlowdown} />}
        <NumberField label={texts.incident.minutes} value={minutes} least={5} most={2880} set={setMinutes} />
      </div>
      <label class="field">
        {texts.incident.note}
        <input type="text" required maxLength={200} value={note} onInput={({ currentTarget }) => write(currentTarget.value)} />
      </label>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && <Done>{texts.incident.done}</Done>}
      <button type="submit" class="act main" disabled={!centre || !note.trim()} aria-disabled={act.phase === 'busy'}>
        {texts.incident.confirm}
      </button>
    </form>
  )
}
