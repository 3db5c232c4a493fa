import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import type { ViewProps } from '../shell/views'
import { Classification } from './classification'
import { Policy } from './policy'

type Shift = Schemas['PlannedShift']

/** The zone's dedicated drivers: which orders are kept for them, their shifts, and what no contractor is asked. */
export function FleetView({ changed }: ViewProps) {
  const { texts, may } = useDesk()
  return (
    <main class="page">
      <h2>{texts.fleet.heading}</h2>
      <Policy changed={changed} />
      <Shifts />
      {may('read_audit') && <Classification />}
    </main>
  )
}

function Shifts() {
  const { texts, zone, may, language, nameOf } = useDesk()
  const { data, problem, again } = useReading(`shifts ${zone.id}`, () => reading.shifts(zone.id))
  const act = useAct<unknown>()
  const write = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const remove = async (driver_id: string, on_at: string): Promise<void> => {
    await act.send(() => acting.removeShift(driver_id, on_at))
    again()
  }
  return (
    <section class="card" aria-labelledby="shifts-heading">
      <h3 id="shifts-heading">{texts.fleet.shifts}</h3>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.shifts.length === 0 && <p class="empty">{texts.fleet.no_shifts}</p>}
      {data && data.shifts.length > 0 && (
        <ul class="results">
          {data.shifts.map(({ driver_id, shift, on_duty }) => (
            <li key={`${driver_id} ${shift.on_at}`}>
              <strong>{nameOf(driver_id)}</strong> {write.formatRange(new Date(shift.on_at), new Date(shift.off_at))}{' '}
              {on_duty && <span class="good">{texts.fleet.on_duty}</span>}{' '}
              {may('manage_drivers') && (
                <button type="button" class="quiet" onClick={() => void remove(driver_id, shift.on_at)}>
                  {texts.fleet.remove}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {data && may('manage_drivers') && <Plan drivers={data.drivers.map(({ id }) => id)} planned={again} />}
    </section>
  )
}

function Plan({ drivers, planned }: { drivers: readonly string[]; planned: () => void }) {
  const { texts, zone, nameOf } = useDesk()
  const [driver, choose] = useState(drivers[0] ?? '')
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const act = useAct<unknown>()
  if (!drivers.length) return <p class="soft">{texts.fleet.no_drivers}</p>
  const plan = async (event: Event): Promise<void> => {
    event.preventDefault()
    const shift: Shift = { zone_id: zone.id, on_at: new Date(from).toISOString(), off_at: new Date(until).toISOString() }
    const answer = await act.send(() => acting.planShift(driver, shift))
    if (answer && !answer.problem) planned()
  }
  return (
    <form class="asking" onSubmit={(event) => void plan(event)}>
      <label class="field">
        {texts.fleet.driver}
        <select value={driver} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {drivers.map((id) => (
            <option key={id} value={id}>
              {nameOf(id)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {texts.fleet.from}
        <input type="datetime-local" required value={from} onInput={({ currentTarget }) => setFrom(currentTarget.value)} />
      </label>
      <label class="field">
        {texts.fleet.until}
        <input type="datetime-local" required value={until} onInput={({ currentTarget }) => setUntil(currentTarget.value)} />
      </label>
      <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
        {texts.fleet.plan}
      </button>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && <p role="status">{fill(texts.fleet.planned, { driver: nameOf(driver) })}</p>}
    </form>
  )
}
