/** A live map. Pages load this module with `import()` only: it weighs ten times as much as everything else. */

import { type Map as Chart, Marker } from 'maplibre-gl'
import { openBase } from './base'

export interface Place {
  lat: number
  lon: number
}

export interface LiveMap {
  show: (driver: Place, door: Place) => void
  close: () => void
}

/** Open a map in an element and wait until it can draw. */
export async function openMap(element: HTMLElement, texts: { door: string; two_fingers: string }): Promise<LiveMap> {
  const { chart, close } = await openBase(element, {
    cooperativeGestures: true, // one finger scrolls the page
    locale: {
      'CooperativeGesturesHandler.WindowsHelpText': texts.two_fingers,
      'CooperativeGesturesHandler.MacHelpText': texts.two_fingers,
      'CooperativeGesturesHandler.MobileHelpText': texts.two_fingers,
    },
  })
  return { show: showing(chart, texts.door), close }
}

function showing(chart: Chart, door: string): LiveMap['show'] {
  const driverMark = new Marker({ element: mark('mark-driver') })
  const doorMark = new Marker({ element: mark('mark-door', door), anchor: 'bottom' })
  let moved = false
  let first = true
  chart.on('movestart', ({ originalEvent }) => (moved ||= Boolean(originalEvent)))

  return (driver, at) => {
    driverMark.setLngLat([driver.lon, driver.lat]).addTo(chart)
    doorMark.setLngLat([at.lon, at.lat]).addTo(chart)
    if (moved) return // a map that its reader moved stays where it is
    const west = Math.min(driver.lon, at.lon)
    const east = Math.max(driver.lon, at.lon)
    const box: [number, number, number, number] = [west, Math.min(driver.lat, at.lat), east, Math.max(driver.lat, at.lat)]
    const still = first || matchMedia('(prefers-reduced-motion: reduce)').matches
    chart.fitBounds(box, { padding: { top: 72, bottom: 56, left: 56, right: 56 }, maxZoom: 15.5, animate: !still })
    first = false
  }
}

function mark(kind: string, text = ''): HTMLElement {
  const element = document.createElement('div')
  element.className = `mark ${kind}`
  element.textContent = text
  return element
}
