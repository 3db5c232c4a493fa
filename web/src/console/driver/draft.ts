/** A route as a dispatcher rearranges it, before it is written: the order of its stops and which of them are pinned. */

import type { Route, RouteStop } from '../api/types'

export interface Draft {
  order: readonly string[]
  pinned: readonly string[]
}

type Stops = ReadonlyMap<string, RouteStop>

export const stopsOf = (route: Route): Stops => new Map(route.plan.stops.map((stop) => [stop.stop_id, stop]))

export const draftOf = (route: Route): Draft => ({
  order: route.plan.stops.map(({ stop_id }) => stop_id),
  pinned: route.plan.stops.filter(({ pinned }) => pinned).map(({ stop_id }) => stop_id),
})

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((value, index) => value === other[index])

export function isChanged(draft: Draft, route: Route): boolean {
  const stored = draftOf(route)
  return !sameList(draft.order, stored.order) || !sameList(draft.pinned.toSorted(), stored.pinned.toSorted())
}

/** True if each order is picked up before it is dropped off, and a stop that was begun comes first. */
export function drivable(order: readonly string[], stops: Stops): boolean {
  const pickups = new Map<string, number>()
  order.forEach((id, index) => {
    const stop = stops.get(id)
    if (stop?.kind === 'pickup') pickups.set(stop.delivery_id, index)
  })
  return order.every((id, index) => {
    const stop = stops.get(id)
    if (!stop) return false
    if (stop.started && index > 0 && !stops.get(order[index - 1] ?? '')?.started) return false
    return stop.kind === 'pickup' || index > (pickups.get(stop.delivery_id) ?? -1)
  })
}

/** The order with a stop at another place, counted from 0; null if it can't be driven so. */
export function movedTo(order: readonly string[], id: string, place: number, stops: Stops): string[] | null {
  const from = order.indexOf(id)
  if (from < 0 || place < 0 || place >= order.length || place === from) return null
  const next = order.filter((one) => one !== id)
  next.splice(place, 0, id)
  return drivable(next, stops) ? next : null
}

export function pinToggled(draft: Draft, id: string): Draft {
  const pinned = draft.pinned.includes(id) ? draft.pinned.filter((one) => one !== id) : [...draft.pinned, id]
  return { ...draft, pinned }
}

/**
 * The same wish for a route that has changed meanwhile.
 *
 * Stops that are gone leave, and new ones stand after the stop that they follow in the changed route. If the wish can't
 * be driven any more, the changed route stays as it is.
 */
export function rebased(draft: Draft, fresh: Route): Draft {
  const stops = stopsOf(fresh)
  const order = draft.order.filter((id) => stops.has(id))
  let before: string | null = null
  for (const id of stops.keys()) {
    if (!order.includes(id)) order.splice(before === null ? 0 : order.indexOf(before) + 1, 0, id)
    before = id
  }
  const pinned = draft.pinned.filter((id) => stops.has(id))
  return drivable(order, stops) ? { order, pinned } : draftOf(fresh)
}

/** Changes that somebody else made: orders that came and left; `reordered` if the rest stands in another order. */
export interface Changes {
  came: string[]
  left: string[]
  reordered: boolean
}

export function changesBetween(before: Route, after: Route): Changes {
  const deliveries = (route: Route): Set<string> => new Set(route.plan.stops.map(({ delivery_id }) => delivery_id))
  const [old, now] = [deliveries(before), deliveries(after)]
  const common = (route: Route, other: Route): string[] => {
    const there = stopsOf(other)
    return route.plan.stops.map(({ stop_id }) => stop_id).filter((id) => there.has(id))
  }
  return {
    came: [...now].filter((id) => !old.has(id)),
    left: [...old].filter((id) => !now.has(id)),
    reordered: !sameList(common(before, after), common(after, before)),
  }
}
