/** Shapes of the map as GeoJSON, made from a zone's rows without a map. */

import type { Feature, FeatureCollection, Position } from 'geojson'
import type { Incident, MapDelivery, MapDriver, Point } from '../api/types'

const EARTH_M = 6_371_000
const CORNERS = 48

export const positionOf = ({ lon, lat }: Point): Position => [lon, lat]

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })

/** The urgency from which an order is drawn as urgent, and from which as one to watch. */
export const URGENT = 70
export const WATCH = 35

/** The look of an order, by its urgency. */
export function levelOf(urgency: number): 'urgent' | 'watch' | 'calm' {
  if (urgency >= URGENT) return 'urgent'
  return urgency >= WATCH ? 'watch' : 'calm'
}

/** States in which the goods are with the driver, so that the order is drawn at its drop-off. */
const ON_BOARD = ['picked_up', 'en_route_to_dropoff', 'arrived_at_dropoff', 'returning']

export const placeOfOrder = (row: MapDelivery): Point => (ON_BOARD.includes(row.state) ? row.dropoff : row.pickup)

export function orderPoints(rows: readonly MapDelivery[]): FeatureCollection {
  return collection(
    rows.map((row) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: positionOf(placeOfOrder(row)) },
      properties: { id: row.delivery_id, level: levelOf(row.urgency), urgency: row.urgency },
    })),
  )
}

/** The look of a driver: late and suspended ones stand out, idle ones are hollow. */
export function lookOfDriver(row: MapDriver): 'suspended' | 'late' | 'busy' | 'idle' {
  if (row.suspended) return 'suspended'
  if (row.late_s > 0) return 'late'
  return row.stops > 0 ? 'busy' : 'idle'
}

export function driverPoints(rows: readonly MapDriver[]): FeatureCollection {
  return collection(
    rows.flatMap((row) =>
      row.position
        ? [
            {
              type: 'Feature' as const,
              geometry: { type: 'Point' as const, coordinates: positionOf(row.position) },
              properties: { id: row.driver_id, look: lookOfDriver(row), name: row.name ?? '' },
            },
          ]
        : [],
    ),
  )
}

/** A circle on the ground as a polygon. */
export function circle(centre: Point, radiusM: number): Position[] {
  const north = ((radiusM / EARTH_M) * 180) / Math.PI
  const east = north / Math.max(0.01, Math.cos((centre.lat * Math.PI) / 180))
  const ring = Array.from({ length: CORNERS }, (_, corner): Position => {
    const angle = (2 * Math.PI * corner) / CORNERS
    return [centre.lon + east * Math.cos(angle), centre.lat + north * Math.sin(angle)]
  })
  return [...ring, ring[0] as Position]
}

/** Metres between two points, as the crow flies. */
export function metres(one: Point, other: Point): number {
  const rad = Math.PI / 180
  const east = (other.lon - one.lon) * rad * Math.cos(((one.lat + other.lat) / 2) * rad)
  return Math.hypot(east, (other.lat - one.lat) * rad) * EARTH_M
}

export function polygon(corners: readonly Point[]): FeatureCollection {
  const ring = corners.map(positionOf)
  if (ring.length < 3) return collection([])
  return collection([
    { type: 'Feature', geometry: { type: 'Polygon', coordinates: [[...ring, ring[0] as Position]] }, properties: {} },
  ])
}

export function incidentAreas(incidents: readonly Incident[]): FeatureCollection {
  return collection(
    incidents.map((one) => ({
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [circle(one.centre, one.radius_m)] },
      properties: { id: one.id, closed: one.closed ?? false },
    })),
  )
}

/** A line through points; nothing below two. */
export function lineThrough(points: readonly Point[]): FeatureCollection {
  if (points.length < 2) return collection([])
  return collection([
    { type: 'Feature', geometry: { type: 'LineString', coordinates: points.map(positionOf) }, properties: {} },
  ])
}

/** The box around points as west, south, east, north; null without points. */
export function boxOf(points: readonly Point[]): [number, number, number, number] | null {
  if (!points.length) return null
  const lons = points.map(({ lon }) => lon)
  const lats = points.map(({ lat }) => lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

/** The chosen order or driver on the map: stops with their labels, and the way through them. */
export interface Chosen {
  stops: { point: Point; label: string }[]
  way: Point[]
}

export function chosenPoints(stops: Chosen['stops']): FeatureCollection {
  return collection(
    stops.map(({ point, label }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: positionOf(point) },
      properties: { label },
    })),
  )
}
