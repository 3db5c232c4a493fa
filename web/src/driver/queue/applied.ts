/** The route as it will be once the server has all actions of the driver: what the app shows meanwhile. */

import type { Schemas } from '../../parts/client'
import type { Action } from './model'

export type Route = Schemas['RouteView']
type Stop = Route['stops'][number]
type State = Schemas['State']

/** The effect of a step on the stops of its delivery, and on those of others. */
type Effect = (route: Route, action: Action, before: readonly Stop[]) => Route

const HEADING = { pickup: 'en_route_to_pickup', dropoff: 'en_route_to_dropoff', return: 'returning' } as const
const ARRIVED = { pickup: 'arrived_at_pickup', dropoff: 'arrived_at_dropoff', return: 'returning' } as const

const isOf = (action: Action) => (stop: Stop) => stop.delivery_id === action.deliveryId
const isAt = (action: Action) => (stop: Stop) => isOf(action)(stop) && stop.kind === action.stop

function inState(route: Route, action: Action, state: State): Route {
  const stops = route.stops.map((stop) => (isOf(action)(stop) ? { ...stop, delivery_state: state } : stop))
  return { ...route, stops }
}

const without = (route: Route, gone: (stop: Stop) => boolean): Route => ({
  ...route,
  stops: route.stops.filter((stop) => !gone(stop)),
})

/** The stop comes first and has begun; a driver who sets out has seen the plan. */
const depart: Effect = (route, action) => {
  const mine = route.stops.find(isAt(action))
  if (!mine) return route
  const others = route.stops.filter((stop) => stop !== mine).map((stop) => ({ ...stop, started: false }))
  const begun = { ...route, stops: [{ ...mine, started: true }, ...others], pending: [] }
  // A driver who turns back to a stop where they have been before is not on the way for the first time.
  const been = mine.kind !== 'return' && ARRIVED[mine.kind] === mine.delivery_state
  return been ? begun : inState(begun, action, HEADING[mine.kind])
}

const arrive: Effect = (route, action) => (action.stop ? inState(route, action, ARRIVED[action.stop]) : route)

const pickUp: Effect = (route, action) => inState(without(route, isAt(action)), action, 'picked_up')

const finish: Effect = (route, action) => without(route, isAt(action))

/** Goods on board that go back get a stop where they came from, if this route has shown where that is. */
const fail: Effect = (route, action, before) => {
  const stop = route.stops.find(isAt(action))
  const shop = before.find((one) => isOf(action)(one) && one.kind === 'pickup')
  const cleared = without(route, isOf(action))
  if (!stop || action.stop === 'pickup' || stop.undeliverable !== 'return' || !shop) return cleared
  const back: Stop = {
    ...stop,
    kind: 'return',
    stop_id: `${stop.delivery_id}#return`,
    delivery_state: 'returning',
    started: false,
    point: shop.point,
    contact: shop.contact,
    eta: null,
  }
  return { ...cleared, stops: [...cleared.stops, back] }
}

const clear: Effect = (route, action) => without(route, isOf(action))

/** The stop whose ending is taken back is the first again, if this route still knows it. */
const correct: Effect = (route, action, before) => {
  const stop = before.find((one) => isOf(action)(one) && one.kind === 'dropoff') ?? before.find(isOf(action))
  const cleared = without(route, isOf(action))
  if (!stop) return cleared
  const again: Stop = { ...stop, started: true, delivery_state: ARRIVED[stop.kind] }
  return { ...cleared, stops: [again, ...cleared.stops.map((one) => ({ ...one, started: false }))] }
}

const confirm: Effect = (route, action) => {
  const revision = Number(action.body?.['revision'] ?? route.revision)
  return { ...route, pending: route.pending.filter((change) => change.revision > revision) }
}

const EFFECTS: Partial<Record<Action['kind'], Effect>> = {
  depart,
  arrive,
  pick_up: pickUp,
  deliver: finish,
  fail,
  return: finish,
  unassign: clear,
  correct,
  confirm_route: confirm,
}

/**
 * The route with the effect of actions that it does not contain yet.
 *
 * @param actions in order; refused ones, and what waits behind them, have no effect
 */
export function applied(route: Route, actions: readonly Action[]): Route {
  return actions
    .filter((action) => action.state !== 'refused' && action.state !== 'behind')
    .reduce((after, action) => EFFECTS[action.kind]?.(after, action, route.stops) ?? after, route)
}
