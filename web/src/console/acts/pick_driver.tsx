import { useMemo, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import type { MapDriver, Point } from '../api/types'
import { metres } from '../map/shapes'
import { useDesk } from '../shell/desk'
import { span } from '../shell/words'

const SHOWN = 8
/** Much faster than `localeCompare`, which makes a collator with each call. */
const byName = new Intl.Collator().compare

export const driverName = (driver: MapDriver): string => driver.name ?? driver.driver_id

/** Drivers whose name or id has the words, the nearest to a point first; those without a position last. */
export function nearest(drivers: readonly MapDriver[], words: string, point: Point | null): MapDriver[] {
  const wanted = words.trim().toLowerCase()
  const away = (driver: MapDriver): number => (point && driver.position ? metres(driver.position, point) : Infinity)
  return drivers
    .filter((driver) => !wanted || `${driverName(driver)} ${driver.driver_id}`.toLowerCase().includes(wanted))
    .map((driver) => [away(driver), driver] as const)
    .toSorted(([one, a], [other, b]) => (one === other ? byName(driverName(a), driverName(b)) : one - other))
    .map(([, driver]) => driver)
}

interface PickProps {
  /** Name of the radio buttons in the document, another one in each form. */
  group: string
  picked: string | null
  pick: (id: string) => void
  near: Point | null
  /** A driver who can't be picked. */
  but?: string | null
}

/** Choose a driver on duty: a field that narrows the list, and the list as radio buttons. */
export function PickDriver({ group, picked, pick, near, but = null }: PickProps) {
  const { texts, live } = useDesk()
  const [words, write] = useState('')
  const drivers = live?.drivers ?? []
  const found = useMemo(
    () => nearest(drivers.filter(({ driver_id }) => driver_id !== but), words, near),
    [drivers, words, near?.lat, near?.lon, but],
  )
  const shown = found.slice(0, SHOWN)
  const chosen = found.find(({ driver_id }) => driver_id === picked)
  if (chosen && !shown.includes(chosen)) shown.push(chosen)
  return (
    <fieldset class="pick">
      <legend>{texts.pick.legend}</legend>
      <label class="field">
        {texts.pick.search}
        <input type="search" value={words} autoComplete="off" onInput={({ currentTarget }) => write(currentTarget.value)} />
      </label>
      {shown.map((driver) => (
        <label key={driver.driver_id} class="option">
          <input
            type="radio"
            name={group}
            checked={driver.driver_id === picked}
            onChange={() => pick(driver.driver_id)}
          />
          <span>
            {driverName(driver)}{' '}
            <span class="soft">
              {fill(texts.pick.stops, { count: driver.stops })}
              {driver.late_s > 0 && `, ${fill(texts.queue.late, { span: span(driver.late_s, texts) })}`}
              {near && driver.position && `, ${fill(texts.pick.away, { km: (metres(driver.position, near) / 1000).toFixed(1) })}`}
              {driver.suspended && `, ${texts.driver.suspended}`}
            </span>
          </span>
        </label>
      ))}
      {found.length === 0 && <p class="empty">{texts.pick.nobody}</p>}
      {found.length > shown.length && <p class="soft">{fill(texts.pick.more, { count: found.length - shown.length })}</p>}
    </fieldset>
  )
}
