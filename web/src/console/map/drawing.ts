/** A polygon whose corners are dragged on the map. Loaded with `import()` only, when somebody edits one. */

import type { Map as Chart } from 'maplibre-gl'
import { TerraDraw, TerraDrawPolygonMode, TerraDrawSelectMode } from 'terra-draw'
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter'
import type { Point } from '../api/types'
import { coloursOf } from './layers'

export interface Drawing {
  /** Show these corners, which were changed elsewhere. */
  show: (corners: readonly Point[]) => void
  close: () => void
}

const PRECISION = 9
const LEAST_CORNERS = 3
const rounded = (degrees: number): number => Number(degrees.toFixed(PRECISION))

/** The corners of a closed ring. */
const cornersIn = (ring: number[][]): Point[] => ring.slice(0, -1).map(([lon = 0, lat = 0]) => ({ lat, lon }))

const ringOf = (corners: readonly Point[]): [number, number][] =>
  [...corners, ...corners.slice(0, 1)].map(({ lat, lon }) => [rounded(lon), rounded(lat)])

/** Edit a polygon: corners are dragged, midpoints become corners, and a new polygon is clicked corner by corner. */
export function openDrawing(chart: Chart, drawn: (corners: Point[]) => void): Drawing {
  const { sketch, rim } = coloursOf(matchMedia('(prefers-color-scheme: dark)').matches) as Record<'sketch' | 'rim', `#${string}`>
  const flags = { feature: { coordinates: { midpoints: true, draggable: true, deletable: true } } }
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map: chart, prefixId: 'outline', coordinatePrecision: PRECISION }),
    modes: [
      new TerraDrawPolygonMode({ styles: { fillColor: sketch, outlineColor: sketch, fillOpacity: 0.15, closingPointColor: sketch, closingPointOutlineColor: rim } }),
      new TerraDrawSelectMode({
        flags: { polygon: flags },
        styles: {
          selectedPolygonColor: sketch,
          selectedPolygonOutlineColor: sketch,
          selectedPolygonFillOpacity: 0.08,
          selectionPointColor: sketch,
          selectionPointOutlineColor: rim,
          midPointColor: sketch,
          midPointOutlineColor: rim,
        },
      }),
    ],
  })
  draw.start()
  let own = false
  let id: string | number | null = null
  const tell = (): void => {
    const feature = draw.getSnapshot().find(({ geometry, properties }) => geometry.type === 'Polygon' && properties['mode'] === 'polygon')
    if (feature?.geometry.type !== 'Polygon' || feature.id === undefined) return
    id = feature.id
    drawn(cornersIn(feature.geometry.coordinates[0] ?? []))
  }
  draw.on('finish', () => {
    if (own) return
    tell()
    if (draw.getMode() === 'polygon' && id !== null) {
      draw.setMode('select')
      draw.selectFeature(id)
    }
  })
  return {
    show: (corners) => {
      own = true
      draw.clear()
      id = null
      if (corners.length < LEAST_CORNERS) draw.setMode('polygon')
      else {
        draw.setMode('select')
        const [added] = draw.addFeatures([
          { type: 'Feature', properties: { mode: 'polygon' }, geometry: { type: 'Polygon', coordinates: [ringOf(corners)] } },
        ])
        if (added?.valid && added.id !== undefined) {
          id = added.id
          draw.selectFeature(added.id)
        }
      }
      own = false
    },
    close: () => draw.stop(),
  }
}
