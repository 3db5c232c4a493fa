import { useMemo, useRef, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { ago } from '../../parts/time'
import type { MapDriver } from '../api/types'
import { driverName, nearest } from '../acts/pick_driver'
import { ORDER, useDrop } from '../acts/drag'
import { lookOfDriver } from '../map/shapes'
import { useDesk } from '../shell/desk'
import { span } from '../shell/words'

const STEP = 30

/** Drivers on duty: those who need a look first. An order can be dropped on each. */
export function Drivers({ dropped }: { dropped: (delivery: string, driver: string) => void }) {
  const { texts, live, unread } = useDesk()
  const [words, write] = useState('')
  const [most, setMost] = useState(STEP)
  const drivers = live?.drivers ?? []
  const found = useMemo(() => troubled(nearest(drivers, words, null), unread), [drivers, words, unread])
  return (
    <section class="panel" aria-labelledby="drivers-heading">
      <h2 id="drivers-heading">{fill(texts.driver.on_duty, { count: drivers.length })}</h2>
      <label class="field">
        {texts.pick.search}
        <input type="search" value={words} autoComplete="off" onInput={({ currentTarget }) => write(currentTarget.value)} />
      </label>
      {drivers.length === 0 && <p class="empty">{texts.driver.none}</p>}
      <ul class="rows">
        {found.slice(0, most).map((driver) => (
          <Line key={driver.driver_id} driver={driver} dropped={dropped} />
        ))}
      </ul>
      {found.length > most && (
        <button type="button" class="quiet more" onClick={() => setMost(most + STEP)}>
          {fill(texts.queue.more, { count: found.length - most })}
        </button>
      )}
    </section>
  )
}

function Line({ driver, dropped }: { driver: MapDriver; dropped: (delivery: string, driver: string) => void }) {
  const { texts, live, go, place, unread, language } = useDesk()
  const line = useRef<HTMLLIElement>(null)
  useDrop(line, ORDER, (delivery) => dropped(delivery, driver.driver_id))
  return (
    <li ref={line} class={`row look-${lookOfDriver(driver)}`} aria-current={place.driver === driver.driver_id ? 'true' : undefined}>
      <button
        type="button"
        class="row-open"
        onClick={() => go({ driver: driver.driver_id, delivery: null })}
      >
        <span class="row-line">
          <strong>{driverName(driver)}</strong>
          {(unread.get(driver.driver_id) ?? 0) > 0 && (
            <span class="badge">{fill(texts.message.unread, { count: unread.get(driver.driver_id) ?? 0 })}</span>
          )}
          {driver.late_s > 0 && <span class="late">{fill(texts.queue.late, { span: span(driver.late_s, texts) })}</span>}
        </span>
        <span class="row-line soft">
          <span>{texts.look[lookOfDriver(driver)]}</span>
          <span>{fill(texts.pick.stops, { count: driver.stops })}</span>
          {driver.position_at && live && <span class="row-when">{ago(driver.position_at, live.clock.now(), language)}</span>}
        </span>
      </button>
    </li>
  )
}

/** Drivers with unread messages first, then the latest ones, then by name. */
function troubled(drivers: MapDriver[], unread: ReadonlyMap<string, number>): MapDriver[] {
  const weight = (one: MapDriver): number => (unread.get(one.driver_id) ?? 0) * 1_000_000 + one.late_s
  return drivers.toSorted((a, b) => weight(b) - weight(a))
}
