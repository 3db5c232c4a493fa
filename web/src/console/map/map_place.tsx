import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Point } from '../api/types'
import { ORDER, useDrop } from '../acts/drag'
import { useDesk } from '../shell/desk'
import type { ZoneChart } from './chart'
import { type Chosen, chosenPoints, driverPoints, incidentAreas, lineThrough, orderPoints, polygon } from './shapes'
import { useSketch } from './sketch'
import './map.css'

interface MapProps {
  chosen: Chosen
  /** An order was dropped on a driver. */
  dropped: (delivery: string, driver: string) => void
}

/** The live map. Its code is loaded once the console is at rest; the queue and the panels work without it. */
export function MapPlace({ chosen, dropped }: MapProps) {
  const { texts, live, zone, go } = useDesk()
  const place = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLElement>(null)
  const [chart, setChart] = useState<ZoneChart | null>(null)
  const [outcome, set] = useState<'loading' | 'shown' | 'failed'>('loading')
  const { sketch, pressed, bind } = useSketch()
  const handlers = useRef({ go, pressed })
  handlers.current = { go, pressed }

  useEffect(() => {
    let gone = false
    let opened: ZoneChart | null = null
    const open = async (): Promise<void> => {
      try {
        const { openChart } = await import('./chart')
        if (gone || !place.current) return
        opened = await openChart(place.current, ({ kind, id }) => {
          if (handlers.current.pressed) return
          handlers.current.go(kind === 'driver' ? { driver: id, delivery: null } : { delivery: id, driver: null })
        })
        if (gone) return opened.close()
        opened.chart.on('click', ({ lngLat }) => handlers.current.pressed?.({ lat: lngLat.lat, lon: lngLat.lng }))
        setChart(opened)
        set('shown')
      } catch {
        if (!gone) set('failed')
      }
    }
    const idle = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 200))
    idle(() => void open())
    return () => {
      gone = true
      opened?.close()
    }
  }, [])

  useDrop(frame, ORDER, (delivery, { clientX, clientY }) => {
    const driver = chart?.driverAt(clientX, clientY)
    if (driver) dropped(delivery, driver)
  })
  useEffect(() => bind(chart), [chart, bind])
  useEffect(() => {
    if (!chart) return
    chart.draw('zone', polygon(zone.settings.area))
    chart.fit(zone.settings.area)
  }, [chart, zone.id])
  useEffect(() => chart?.draw('zone', polygon(zone.settings.area)), [chart, zone.settings.area])
  useEffect(() => chart?.draw('orders', orderPoints(live?.deliveries ?? [])), [chart, live?.deliveryOf])
  useEffect(() => chart?.draw('drivers', driverPoints(live?.drivers ?? [])), [chart, live?.driverOf])
  useEffect(() => chart?.draw('incidents', incidentAreas(live?.incidents ?? [])), [chart, live?.incidents])
  useEffect(() => chart?.draw('sketch', sketch), [chart, sketch])
  useEffect(() => {
    chart?.draw('chosen', chosenPoints(chosen.stops))
    chart?.draw('way', lineThrough(chosen.way))
  }, [chart, chosen])
  const target: Point | undefined = useMemo(() => chosen.way[0] ?? chosen.stops[0]?.point, [chosen])
  useEffect(() => {
    if (chart && target && !chart.chart.getBounds().contains([target.lon, target.lat])) chart.goTo(target)
  }, [chart, target?.lat, target?.lon])

  return (
    <section
      class={`map map-${outcome}${pressed ? ' map-pressed' : ''}`}
      aria-label={texts.map.label}
      ref={frame}
    >
      <div class="map-canvas" ref={place} />
      {outcome === 'shown' && (
        <div class="map-buttons">
          <button type="button" class="act" onClick={() => chart?.fit(zone.settings.area)}>
            {texts.map.whole_zone}
          </button>
        </div>
      )}
      {outcome !== 'shown' && (
        <p class="map-said" role="status">
          {texts.map[outcome]}
        </p>
      )}
    </section>
  )
}
