/** The console's map: one source for each kind of thing, written at most once a second. Loaded with `import()` only. */

import type { GeoJSONSource, LayerSpecification, Map as Chart, MapMouseEvent } from 'maplibre-gl'
import type { FeatureCollection } from 'geojson'
import { openBase } from '../../parts/map/base'
import type { Point } from '../api/types'
import { ICONS, icon } from './icons'
import { coloursOf, layersOf } from './layers'
import { pacePainting } from './pacing'
import { boxOf } from './shapes'

export const SOURCES = ['zone', 'incidents', 'way', 'orders', 'drivers', 'chosen', 'sketch'] as const
export type Source = (typeof SOURCES)[number]

export interface Picked {
  kind: 'driver' | 'order'
  id: string
}

export interface ZoneChart {
  chart: Chart
  /** Draw a source anew; several calls within a second become one. */
  draw: (source: Source, data: FeatureCollection) => void
  /** The driver at a place of the window, for what is dropped there. */
  driverAt: (x: number, y: number) => string | null
  fit: (points: readonly Point[]) => void
  goTo: (point: Point) => void
  close: () => void
}

const EVERY_MS = 1000
/** Drawn soon, since they answer a click. */
const OWN: ReadonlySet<Source> = new Set(['way', 'chosen', 'sketch'])
const OWN_MS = 50
const NEAR_PX = 14
/** Room around the zone, so that no corner lies under a button. */
const PADDING_PX = 64
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] }

export async function openChart(element: HTMLElement, picked: (one: Picked) => void): Promise<ZoneChart> {
  const shown = new Map<Source, FeatureCollection>()
  const furnish = (dark: boolean): void => {
    for (const name of ICONS) if (!chart.hasImage(name)) chart.addImage(name, icon(name, dark), { pixelRatio: 2 })
    for (const source of SOURCES) {
      const clusters = source === 'orders' ? { cluster: true, clusterMaxZoom: 13, clusterRadius: 44, clusterProperties: WORST } : {}
      chart.addSource(source, { type: 'geojson', data: shown.get(source) ?? NOTHING, ...clusters })
    }
    for (const layer of layersOf(coloursOf(dark))) chart.addLayer(layer as LayerSpecification)
  }
  const { chart, close } = await openBase(element, { keyboard: true }, furnish)
  furnish(matchMedia('(prefers-color-scheme: dark)').matches)
  listen(chart, picked)
  const endPacing = pacePainting(chart)

  const waiting = new Set<Source>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let drawnAt = 0
  const flush = (): void => {
    timer = undefined
    drawnAt = performance.now()
    for (const source of waiting) chart.getSource<GeoJSONSource>(source)?.setData(shown.get(source) ?? NOTHING)
    waiting.clear()
  }
  const draw: ZoneChart['draw'] = (source, data) => {
    shown.set(source, data)
    waiting.add(source)
    if (OWN.has(source)) {
      clearTimeout(timer)
      timer = setTimeout(flush, OWN_MS)
    } else timer ??= setTimeout(flush, Math.max(OWN_MS, EVERY_MS - (performance.now() - drawnAt)))
  }
  return {
    chart,
    draw,
    driverAt: (x, y) => driverAt(chart, x, y),
    fit: (points) => {
      const box = boxOf(points)
      if (box) chart.fitBounds(box, { padding: PADDING_PX, maxZoom: 15, animate: false })
    },
    goTo: (point) => void chart.jumpTo({ center: [point.lon, point.lat], zoom: Math.max(chart.getZoom(), 14) }),
    close: () => {
      clearTimeout(timer)
      endPacing()
      close()
    },
  }
}

/** A cluster is as urgent as its most urgent order. */
const WORST = { urgency: ['max', ['get', 'urgency']] }

function driverAt(chart: Chart, x: number, y: number): string | null {
  const { left, top } = chart.getCanvas().getBoundingClientRect()
  const [px, py] = [x - left, y - top]
  const found = chart.queryRenderedFeatures(
    [
      [px - NEAR_PX, py - NEAR_PX],
      [px + NEAR_PX, py + NEAR_PX],
    ],
    { layers: ['drivers'] },
  )
  return (found[0]?.properties['id'] as string | undefined) ?? null
}

function listen(chart: Chart, picked: (one: Picked) => void): void {
  const near = ({ point }: MapMouseEvent, layers: string[]) =>
    chart.queryRenderedFeatures(
      [
        [point.x - 6, point.y - 6],
        [point.x + 6, point.y + 6],
      ],
      { layers },
    )[0]
  chart.on('click', (event) => {
    const driver = near(event, ['drivers'])
    if (driver) return picked({ kind: 'driver', id: driver.properties['id'] as string })
    const order = near(event, ['orders'])
    if (order) return picked({ kind: 'order', id: order.properties['id'] as string })
    const cluster = near(event, ['clusters'])
    if (cluster?.geometry.type !== 'Point') return
    const center = cluster.geometry.coordinates as [number, number]
    void chart
      .getSource<GeoJSONSource>('orders')
      ?.getClusterExpansionZoom(cluster.properties['cluster_id'] as number)
      .then((zoom) => chart.easeTo({ center, zoom }))
  })
  for (const layer of ['drivers', 'orders', 'clusters']) {
    chart.on('mouseenter', layer, () => (chart.getCanvas().style.cursor = 'pointer'))
    chart.on('mouseleave', layer, () => (chart.getCanvas().style.cursor = ''))
  }
}
