import { useMemo, useState } from 'preact/hooks'
import type { Desk } from './desk'
import { DeliveryPanel } from '../delivery/panel'
import { DriverPanel } from '../driver/panel'
import { Drivers } from '../live/drivers'
import { MapPlace } from '../map/map_place'
import type { Chosen } from '../map/shapes'
import { Queue } from '../queue/queue'
import { PlanPanel } from '../queue/plan_panel'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Route } from '../api/types'
import { useDesk } from './desk'

/** The zone as it is: the queue, the map, and a panel for what is chosen. */
export function LiveView() {
  const desk = useDesk()
  const { texts, live, place, go } = desk
  const [drop, setDrop] = useState<{ delivery: string; driver: string } | null>(null)
  const [planning, plan] = useState(false)
  const driverId = place.driver ?? null
  const row = driverId ? live?.driverOf.get(driverId) : null
  const route = useReading(row ? driverId : null, () => reading.route(driverId ?? ''), row ? `${row.stops} ${row.delivery_id}` : '')
  const chosen = useChosen(desk, route.data)
  const dropped = (delivery: string, driver: string): void => {
    setDrop({ delivery, driver })
    go({ delivery, driver: null })
  }
  const panelled = Boolean(place.delivery || driverId || planning)
  return (
    <main class={`live${panelled ? ' panelled' : ''}`}>
      <div class="column">
        <div class="acts">
          <button type="button" class="act" aria-expanded={planning} onClick={() => plan(!planning)}>
            {texts.plan.open}
          </button>
        </div>
        {live ? <Queue rows={live.deliveries} /> : <Bones label={texts.loading} />}
      </div>
      <MapPlace chosen={chosen} dropped={dropped} />
      <div class="side">
        {planning && <PlanPanel close={() => plan(false)} />}
        {place.delivery ? (
          <DeliveryPanel key={place.delivery} id={place.delivery} preset={drop?.delivery === place.delivery ? drop.driver : null} />
        ) : driverId ? (
          <DriverPanel key={driverId} id={driverId} />
        ) : (
          <Drivers dropped={dropped} />
        )}
      </div>
    </main>
  )
}

const NOTHING: Chosen = { stops: [], way: [] }

/** The stops and the way of what is chosen. */
function useChosen({ live, place, texts }: Desk, route: Route | null): Chosen {
  const row = place.delivery ? live?.deliveryOf.get(place.delivery) : null
  const driver = place.driver ? live?.driverOf.get(place.driver) : null
  const taker = row?.driver_id ? live?.driverOf.get(row.driver_id) : null
  return useMemo((): Chosen => {
    if (row) {
      const ends = [row.pickup, row.dropoff]
      const stops = ends.map((point, index) => ({ point, label: (index ? texts.stop.dropoff : texts.stop.pickup).slice(0, 1) }))
      return { stops, way: taker?.position ? [taker.position, ...ends] : ends }
    }
    if (driver) {
      const stops = (route?.plan.stops ?? []).map(({ point }, index) => ({ point, label: String(index + 1) }))
      const way = stops.map(({ point }) => point)
      return { stops, way: driver.position ? [driver.position, ...way] : way }
    }
    return NOTHING
  }, [row, driver, taker, route, texts])
}

function Bones({ label }: { label: string }) {
  return (
    <div aria-busy="true">
      <p class="unseen" role="status">
        {label}
      </p>
      {[1, 2, 3, 4, 5].map((bone) => (
        <div key={bone} class="bone" />
      ))}
    </div>
  )
}
