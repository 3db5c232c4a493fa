/** What lies under the marks: streets of a region as vector tiles, or those of an invented city as GeoJSON. */

import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'

/** The content of /ground/ground.json, which `make up` or `make deploy` puts beside the pages. */
export interface Ground {
  kind: 'pmtiles' | 'geojson' | 'none'
  file: string
  centre: [number, number]
  attribution: string
}

const NONE: Ground = { kind: 'none', file: '', centre: [0, 0], attribution: '' }

/** The ground that is there; an empty one where none was made. */
export async function groundOf(): Promise<Ground> {
  try {
    const answer = await fetch('/ground/ground.json')
    return answer.ok ? ((await answer.json()) as Ground) : NONE
  } catch {
    return NONE
  }
}

const DAY = {
  land: '#efece4',
  water: '#b9d5dd',
  green: '#d5e0c5',
  building: '#e3ded3',
  road: '#ffffff',
  main: '#fbe3a6',
  casing: '#d8d2c5',
  text: '#4a4842',
}
const NIGHT = {
  land: '#1a1d1c',
  water: '#14303a',
  green: '#1d2b20',
  building: '#242826',
  road: '#3b413e',
  main: '#5d5332',
  casing: '#121413',
  text: '#c4c8c1',
}
const MAIN = ['motorway', 'trunk', 'primary', 'secondary']
const PATHS = ['service', 'footway', 'cycleway', 'path', 'steps', 'track', 'pedestrian']

/** The style of a map. It names no glyphs and no sprite, so MapLibre draws all letters on the device. */
export function styleOf(ground: Ground, dark: boolean): StyleSpecification {
  const colours = dark ? NIGHT : DAY
  const layers: LayerSpecification[] = [{ id: 'land', type: 'background', paint: { 'background-color': colours.land } }]
  const source = sourceOf(ground)
  if (!source) return { version: 8, sources: {}, layers }
  return { version: 8, sources: { ground: source }, layers: [...layers, ...layersOf(ground, colours)] }
}

function sourceOf({ kind, file, attribution }: Ground): SourceSpecification | null {
  const url = new URL(`/ground/${file}`, location.href).href
  if (kind === 'pmtiles') return { type: 'vector', url: `pmtiles://${url}`, attribution }
  return kind === 'geojson' ? { type: 'geojson', data: url, attribution } : null
}

function layersOf({ kind }: Ground, colours: typeof DAY): LayerSpecification[] {
  // A vector tile has a layer of each name; a GeoJSON file has features with the name as `layer`.
  const of = (layer: string) => (kind === 'pmtiles' ? { source: 'ground', 'source-layer': layer } : { source: 'ground' })
  const only = (layer: string, ...more: unknown[]) =>
    ({ filter: ['all', ...(kind === 'pmtiles' ? [] : [['==', ['get', 'layer'], layer]]), ...more] }) as { filter: never }
  const width = (thin: number, wide: number) => {
    const near = ['match', ['get', 'class'], PATHS, wide / 3, wide]
    return ['interpolate', ['exponential', 1.5], ['zoom'], 10, thin, 18, near] as never
  }
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const
  const polygon = ['==', ['geometry-type'], 'Polygon']
  const roadColour = ['match', ['get', 'class'], MAIN, colours.main, colours.road] as never
  const letters = { 'text-field': ['get', 'name'] as never, 'text-font': ['sans-serif'] }
  const inked = { 'text-color': colours.text, 'text-halo-color': colours.land, 'text-halo-width': 1.5 }
  return [
    { id: 'green', type: 'fill', ...of('green'), ...only('green'), paint: { 'fill-color': colours.green } },
    { id: 'water', type: 'fill', ...of('water'), ...only('water', polygon), paint: { 'fill-color': colours.water } },
    {
      id: 'building',
      type: 'fill',
      ...of('building'),
      ...only('building'),
      minzoom: 14,
      paint: { 'fill-color': colours.building },
    },
    {
      id: 'casing',
      type: 'line',
      ...of('road'),
      ...only('road'),
      layout: round,
      paint: { 'line-color': colours.casing, 'line-width': width(1, 26) },
    },
    {
      id: 'road',
      type: 'line',
      ...of('road'),
      ...only('road'),
      layout: round,
      paint: { 'line-color': roadColour, 'line-width': width(0.5, 22) },
    },
    {
      id: 'street',
      type: 'symbol',
      ...of('road_name'),
      ...only('road_name'),
      minzoom: 13,
      layout: { ...letters, 'symbol-placement': 'line', 'text-size': 12 },
      paint: inked,
    },
    {
      id: 'place',
      type: 'symbol',
      ...of('place'),
      ...only('place'),
      layout: { ...letters, 'text-size': 14 },
      paint: inked,
    },
  ]
}
