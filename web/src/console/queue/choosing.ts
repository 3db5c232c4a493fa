/** Filters of the queue, and the orders in it that are chosen for one act. */

import type { MapDelivery } from '../api/types'

export const FILTERS = ['all', 'waiting', 'late', 'under_way'] as const
export type Filter = (typeof FILTERS)[number]

/** States in which an order has no driver. */
const WAITING = ['created', 'offered']

export const isWaiting = (row: MapDelivery): boolean => WAITING.includes(row.state)

const KEEPS: Record<Filter, (row: MapDelivery) => boolean> = {
  all: () => true,
  waiting: isWaiting,
  late: (row) => row.late_s > 0,
  under_way: (row) => !isWaiting(row),
}

export const filtered = (rows: readonly MapDelivery[], filter: Filter): MapDelivery[] => rows.filter(KEEPS[filter])

export const counted = (rows: readonly MapDelivery[]): Record<Filter, number> =>
  Object.fromEntries(FILTERS.map((filter) => [filter, filtered(rows, filter).length])) as Record<Filter, number>

/** The most orders that one call assigns. */
export const MOST_AT_ONCE = 50

/** The chosen ids with one more or one less; never more than one call may have. */
export function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen)
  if (!next.delete(id) && next.size < MOST_AT_ONCE) next.add(id)
  return next
}

/** Chosen ids that are still in the queue; the same set if that is all of them. */
export function stillThere(chosen: ReadonlySet<string>, there: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const kept = [...chosen].filter((id) => there.has(id))
  return kept.length === chosen.size ? chosen : new Set(kept)
}
