/** The customers that the device forgets, by time: the driver sees nobody from an hour after the stop on. */

import type { Route } from './applied'
import type { Stored } from './model'
import type { Kept } from './store'

/** As in the API, which shows a customer until an hour after the stop. */
export const AFTER_STOP_MS = 3_600_000
/** Longest age of an answer with customers: within it somebody else may have ended a stop without the phone's knowing. */
export const LONGEST_MS = 12 * AFTER_STOP_MS

const ENDS = new Set(['deliver', 'fail'])
const WITH_CUSTOMERS = /^(route|offers|messages .*)$/
const OF_A_CUSTOMER = /^messages (?!null$|undefined$)/

/**
 * Return what may be kept of an answer: all, a part, or null if it has to go.
 *
 * @param actions all actions that the device still has
 */
export function remembered(name: string, kept: Kept, actions: readonly Stored[], nowMs: number): Kept | null {
  const age = nowMs - kept.at
  if (!WITH_CUSTOMERS.test(name)) return kept
  if (age >= LONGEST_MS) return null
  if (OF_A_CUSTOMER.test(name)) return age >= AFTER_STOP_MS ? null : kept
  return name === 'route' ? routeWithout(ended(actions, nowMs), kept) : kept
}

const ended = (actions: readonly Stored[], nowMs: number): ReadonlySet<string | null> =>
  new Set(
    actions
      .filter(({ kind, state, addedAt }) => ENDS.has(kind) && state !== 'refused' && nowMs - addedAt >= AFTER_STOP_MS)
      .map(({ deliveryId }) => deliveryId),
  )

function routeWithout(over: ReadonlySet<string | null>, kept: Kept): Kept {
  const route = kept.value as Route
  const stops = route.stops.filter((stop) => stop.kind !== 'dropoff' || !over.has(stop.delivery_id))
  return stops.length === route.stops.length ? kept : { ...kept, value: { ...route, stops } }
}
