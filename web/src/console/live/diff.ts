/** Rows of an answer merged with those before: an unchanged row stays the same object and is not drawn again. */

import type { MapDelivery, MapDriver, ZoneMap } from '../api/types'
import { ServerClock } from '../../parts/time'

/** A zone as it is known now; all maps are by id. */
export interface Live {
  asOf: string
  clock: ServerClock
  drivers: MapDriver[]
  deliveries: MapDelivery[]
  driverOf: ReadonlyMap<string, MapDriver>
  deliveryOf: ReadonlyMap<string, MapDelivery>
  incidents: ZoneMap['incidents']
  paused: ZoneMap['paused']
}

/** True if two JSON values are equal. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length || Array.isArray(one) !== Array.isArray(other)) return false
  return keys.every((key) => key in other && same(one[key as never], other[key as never]))
}

/** The new rows in their order; a row that equals the old row of its id is replaced by that object. */
export function merged<Row>(before: ReadonlyMap<string, Row>, rows: readonly Row[], idOf: (row: Row) => string): Map<string, Row> {
  return new Map(
    rows.map((row) => {
      const known = before.get(idOf(row))
      return [idOf(row), known !== undefined && same(known, row) ? known : row]
    }),
  )
}

export function takeIn(before: Live | null, answer: ZoneMap): Live {
  const driverOf = merged(before?.driverOf ?? new Map<string, MapDriver>(), answer.drivers, (row) => row.driver_id)
  const known = before?.deliveryOf ?? new Map<string, MapDelivery>()
  const deliveryOf = merged(known, answer.deliveries, (row) => row.delivery_id)
  return {
    asOf: answer.as_of,
    clock: ServerClock.setAt(answer.as_of),
    drivers: [...driverOf.values()],
    deliveries: [...deliveryOf.values()],
    driverOf,
    deliveryOf,
    incidents: before && same(before.incidents, answer.incidents) ? before.incidents : answer.incidents,
    paused: before && same(before.paused, answer.paused) ? before.paused : answer.paused,
  }
}
