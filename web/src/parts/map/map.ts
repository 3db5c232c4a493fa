/** A live map. Pages load this module with `import()` only: it weighs ten times as much as everything else. */

import { AttributionControl, Map as Chart, Marker, addProtocol, setWorkerUrl } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { Protocol } from 'pmtiles'
import './map.css'
import { groundOf, styleOf } from './ground'

export interface Place {
  lat: number
  lon: number
}

export interface LiveMap {
  show: (driver: Place, door: Place) => void
  close: () => void
}

// Without it the production build asks for a worker that is not there, and the map stays blank.
setWorkerUrl(workerUrl)
addProtocol('pmtiles', new Protocol().tile)

const DARK = '(prefers-color-scheme: dark)'
const LONGEST_START_MS = 20_000

/** Open a map in an element and wait until it can draw. */
export async function openMap(element: HTMLElement, texts: { door: string; two_fingers: string }): Promise<LiveMap> {
  const ground = await groundOf()
  const dark = matchMedia(DARK)
  const chart = new Chart({
    container: element,
    style: styleOf(ground, dark.matches),
    center: ground.centre,
    zoom: 13,
    maxZoom: 17,
    attributionControl: false,
    cooperativeGestures: true, // one finger scrolls the page
    dragRotate: false,
    fadeDuration: 0, // fewer repaints
    locale: {
      'CooperativeGesturesHandler.WindowsHelpText': texts.two_fingers,
      'CooperativeGesturesHandler.MacHelpText': texts.two_fingers,
      'CooperativeGesturesHandler.MobileHelpText': texts.two_fingers,
    },
  })
  chart.addControl(new AttributionControl({ compact: false }))
  const restyle = (): void => void chart.setStyle(styleOf(ground, dark.matches))
  dark.addEventListener('change', restyle)
  const close = (): void => {
    dark.removeEventListener('change', restyle)
    chart.remove()
  }
  try {
    await drawn(chart)
  } catch (error) {
    close()
    throw error
  }
  return { show: showing(chart, texts.door), close }
}

function drawn(chart: Chart): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the map takes too long')), LONGEST_START_MS)
    chart.once('load', () => {
      clearTimeout(timer)
      resolve()
    })
    chart.on('error', ({ error }) => console.warn('map:', error.message))
  })
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
