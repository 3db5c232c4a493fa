/** Places on a map, with names. Loaded with `import()` only. */

import { Marker } from 'maplibre-gl'
import { openBase } from '../../parts/map/base'
import type { Point } from '../model'

export interface Mark {
  id: string
  point: Point
  text: string
  kind: 'pickup' | 'dropoff' | 'return' | 'here'
}

export interface MarkedMap {
  show: (marks: readonly Mark[]) => void
  close: () => void
}

export async function openMarkedMap(element: HTMLElement, texts: { two_fingers: string }): Promise<MarkedMap> {
  const { chart, close } = await openBase(element, {
    cooperativeGestures: true, // one finger scrolls the page
    locale: {
      'CooperativeGesturesHandler.WindowsHelpText': texts.two_fingers,
      'CooperativeGesturesHandler.MacHelpText': texts.two_fingers,
      'CooperativeGesturesHandler.MobileHelpText': texts.two_fingers,
    },
  })
  const drawn = new Map<string, Marker>()
  let fitted = ''
  return {
    close,
    show: (marks) => {
      const ids = new Set(marks.map((one) => one.id))
      for (const [id, marker] of drawn) if (!ids.has(id) && drawn.delete(id)) marker.remove()
      for (const { id, point, text, kind } of marks) {
        const marker = drawn.get(id) ?? new Marker({ element: elementOf(kind), anchor: kind === 'here' ? 'center' : 'bottom' })
        marker.getElement().textContent = text
        marker.setLngLat([point.lon, point.lat])
        if (!drawn.has(id)) marker.addTo(chart)
        drawn.set(id, marker)
      }
      // The map stays where its reader moved it until there are other places.
      const places = [...ids].toSorted().join()
      if (!marks.length || places === fitted) return
      fitted = places
      const lats = marks.map(({ point }) => point.lat)
      const lons = marks.map(({ point }) => point.lon)
      const box: [number, number, number, number] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
      chart.fitBounds(box, { padding: { top: 64, bottom: 48, left: 56, right: 56 }, maxZoom: 15.5, animate: false })
    },
  }
}

function elementOf(kind: Mark['kind']): HTMLElement {
  const element = document.createElement('div')
  element.className = kind === 'here' ? 'mark mark-driver' : `mark mark-door mark-${kind}`
  return element
}
