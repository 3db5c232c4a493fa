/** The layers of the console's map, from the ground up. */

import type { LayerSpecification } from 'maplibre-gl'
import { URGENT, WATCH } from './shapes'

const DAY = { accent: '#0b6b4f', calm: '#4a6d8c', watch: '#b87400', urgent: '#c23a1e', rim: '#fffefb', ink: '#1b1c1a', sketch: '#6b2fb3' }
const NIGHT: Colours = { accent: '#62d3a8', calm: '#8fb4d6', watch: '#f2c56b', urgent: '#ff8a6f', rim: '#131514', ink: '#eeede8', sketch: '#c7a1f5' }

export type Colours = typeof DAY

export const coloursOf = (dark: boolean): Colours => (dark ? NIGHT : DAY)

export function layersOf(colours: Colours): LayerSpecification[] {
  const byUrgency = ['step', ['get', 'urgency'], colours.calm, WATCH, colours.watch, URGENT, colours.urgent] as never
  const letters = { 'text-font': ['sans-serif'], 'text-allow-overlap': true }
  return [
    { id: 'zone-ground', source: 'zone', type: 'fill', paint: { 'fill-color': colours.accent, 'fill-opacity': 0.05 } },
    { id: 'zone-line', source: 'zone', type: 'line', paint: { 'line-color': colours.accent, 'line-width': 2, 'line-dasharray': [3, 2] } },
    {
      id: 'incidents',
      source: 'incidents',
      type: 'fill',
      paint: { 'fill-color': colours.urgent, 'fill-opacity': ['case', ['get', 'closed'], 0.35, 0.18] },
    },
    { id: 'incident-lines', source: 'incidents', type: 'line', paint: { 'line-color': colours.urgent, 'line-width': 2 } },
    { id: 'sketch-ground', source: 'sketch', type: 'fill', paint: { 'fill-color': colours.sketch, 'fill-opacity': 0.15 } },
    { id: 'sketch-line', source: 'sketch', type: 'line', paint: { 'line-color': colours.sketch, 'line-width': 3 } },
    { id: 'way', source: 'way', type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-color': colours.ink, 'line-width': 3, 'line-opacity': 0.7 } },
    {
      id: 'clusters',
      source: 'orders',
      type: 'circle',
      filter: ['has', 'point_count'],
      paint: {
        'circle-color': byUrgency,
        'circle-radius': ['step', ['get', 'point_count'], 14, 10, 18, 100, 23],
        'circle-stroke-color': colours.rim,
        'circle-stroke-width': 2,
        'circle-opacity': 0.9,
      },
    },
    {
      id: 'cluster-counts',
      source: 'orders',
      type: 'symbol',
      filter: ['has', 'point_count'],
      layout: { ...letters, 'text-field': ['get', 'point_count_abbreviated'], 'text-size': 13 },
      paint: { 'text-color': colours.rim },
    },
    {
      id: 'orders',
      source: 'orders',
      type: 'circle',
      filter: ['!', ['has', 'point_count']],
      paint: {
        'circle-color': byUrgency,
        'circle-radius': ['step', ['get', 'urgency'], 6, WATCH, 7, URGENT, 9],
        'circle-stroke-color': colours.rim,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'drivers',
      source: 'drivers',
      type: 'symbol',
      layout: {
        'icon-image': ['concat', 'driver-', ['get', 'look']],
        'icon-allow-overlap': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.5, 14, 0.9],
      },
    },
    {
      id: 'driver-names',
      source: 'drivers',
      type: 'symbol',
      minzoom: 14.5,
      layout: { ...letters, 'text-allow-overlap': false, 'text-field': ['get', 'name'], 'text-size': 12, 'text-offset': [0, 1.3], 'text-anchor': 'top' },
      paint: { 'text-color': colours.ink, 'text-halo-color': colours.rim, 'text-halo-width': 1.5 },
    },
    {
      id: 'chosen',
      source: 'chosen',
      type: 'circle',
      paint: { 'circle-color': colours.ink, 'circle-radius': 11, 'circle-stroke-color': colours.rim, 'circle-stroke-width': 2 },
    },
    {
      id: 'chosen-labels',
      source: 'chosen',
      type: 'symbol',
      layout: { ...letters, 'text-field': ['get', 'label'], 'text-size': 12 },
      paint: { 'text-color': colours.rim },
    },
  ]
}
