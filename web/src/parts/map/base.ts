/** A map without marks. Pages load it with `import()` only, because it weighs as much as all the rest. */

import { AttributionControl, Map as Chart, type MapOptions, addProtocol, setWorkerUrl } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { Protocol } from 'pmtiles'
import './map.css'
import { groundOf, styleOf } from './ground'

// Without it the production build asks for a worker that is not there, and the map stays blank.
setWorkerUrl(workerUrl)
addProtocol('pmtiles', new Protocol().tile)

const DARK = '(prefers-color-scheme: dark)'
const LONGEST_START_MS = 20_000

export interface Base {
  chart: Chart
  close: () => void
}

/**
 * Open a map in an element and wait until it can draw.
 *
 * `restyled` is called after the style was replaced, as by the dark: layers that were added are then gone.
 */
export async function openBase(
  element: HTMLElement,
  options: Partial<MapOptions> = {},
  restyled: (dark: boolean) => void = () => {},
): Promise<Base> {
  const ground = await groundOf()
  const dark = matchMedia(DARK)
  const chart = new Chart({
    container: element,
    style: styleOf(ground, dark.matches),
    center: ground.centre,
    zoom: 13,
    maxZoom: 17,
    attributionControl: false,
    dragRotate: false,
    fadeDuration: 0, // fewer repaints
    ...options,
  })
  chart.addControl(new AttributionControl({ compact: false }))
  const restyle = (): void => {
    chart.once('style.load', () => restyled(dark.matches))
    chart.setStyle(styleOf(ground, dark.matches), { diff: false })
  }
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
  return { chart, close }
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
