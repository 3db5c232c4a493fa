/** A shape that a form draws on the map: the form owns the numbers, the map shows them and tells where it was clicked. */

import type { FeatureCollection, Position } from 'geojson'
import { type ComponentChildren, createContext } from 'preact'
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Point } from '../api/types'
import type { ZoneChart } from './chart'
import { circle, polygon } from './shapes'

const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] }

export interface Sketching {
  sketch: FeatureCollection
  /** Called with each place that is clicked on the map; null if no form waits for one. */
  pressed: ((point: Point) => void) | null
  /** The open map; null if there is none. */
  chart: ZoneChart | null
  bind: (chart: ZoneChart | null) => void
  show: (sketch: FeatureCollection, pressed: ((point: Point) => void) | null) => void
}

const SketchContext = createContext<Sketching | null>(null)

export function useSketch(): Sketching {
  const sketching = useContext(SketchContext)
  if (!sketching) throw new Error('there is no sketch above this component')
  return sketching
}

export function SketchBoard({ children }: { children: ComponentChildren }) {
  const [chart, bind] = useState<ZoneChart | null>(null)
  const [{ sketch, pressed }, set] = useState<Pick<Sketching, 'sketch' | 'pressed'>>({ sketch: NOTHING, pressed: null })
  const show: Sketching['show'] = useCallback((drawn, onPress) => set({ sketch: drawn, pressed: onPress }), [])
  const sketching = useMemo(() => ({ sketch, pressed, chart, bind, show }), [sketch, pressed, chart, show])
  return <SketchContext.Provider value={sketching}>{children}</SketchContext.Provider>
}

/** Draw a shape while the component lives; a click on the map calls `pressed`. */
export function useDrawn(shape: FeatureCollection, pressed: ((point: Point) => void) | null): void {
  const { show } = useSketch()
  const newest = useRef(pressed)
  newest.current = pressed
  const waits = pressed !== null
  useEffect(() => show(shape, waits ? (point) => newest.current?.(point) : null), [shape, waits, show])
  useEffect(() => () => show(NOTHING, null), [show])
}

export const circleShape = (centre: Point | null, radiusM: number): FeatureCollection =>
  centre && radiusM > 0
    ? {
        type: 'FeatureCollection',
        features: [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [circle(centre, radiusM)] } }],
      }
    : NOTHING

/** Corners as a polygon; two as a line, so that a beginning is seen. */
export function cornersShape(corners: readonly Point[]): FeatureCollection {
  if (corners.length !== 2) return polygon(corners)
  const line: Position[] = corners.map(({ lon, lat }) => [lon, lat])
  return {
    type: 'FeatureCollection',
    features: [{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: line } }],
  }
}
