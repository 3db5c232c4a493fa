import { describe, expect, it } from 'vitest'
import type { Route, RouteStop } from '../api/types'
import { type Draft, changesBetween, draftOf, drivable, isChanged, movedTo, pinToggled, rebased, stopsOf } from './draft'

/** The generator of Park and Miller: the same numbers in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647
    return state % sides
  }
}

const stop = (stop_id: string, started = false): RouteStop => ({
  stop_id,
  kind: stop_id.startsWith('p') ? 'pickup' : 'dropoff',
  delivery_id: stop_id.slice(1),
  point: { lat: 0, lon: 0 },
  opens_at: '2026-06-05T22:00:00Z',
  closes_at: '2026-06-05T23:00:00Z',
  eta: null,
  late_s: 0,
  started,
  pinned: false,
})

const routeOf = (ids: readonly string[], revision = 1): Route => ({
  driver_id: 'd',
  zone_id: 'z',
  revision,
  confirmed_revision: revision,
  unconfirmed_since: null,
  pending: [],
  plan: { stops: ids.map((id) => stop(id)), cost: { driving_s: 0, waiting_s: 0, late_s: 0, total_s: 0 } },
})

/** A route of some orders in an order that can be driven. */
function anyRoute(roll: (sides: number) => number, names: readonly string[]): Route {
  const order: string[] = []
  for (const name of names) {
    const pickup = roll(order.length + 1)
    order.splice(pickup, 0, `p${name}`)
    order.splice(pickup + 1 + roll(order.length - pickup), 0, `d${name}`)
  }
  return routeOf(order)
}

describe('a stop that is moved', () => {
  it('never stands before its pickup', () => {
    const stops = stopsOf(routeOf(['p1', 'd1', 'p2', 'd2']))
    expect(movedTo(['p1', 'd1', 'p2', 'd2'], 'd1', 0, stops)).toBeNull()
    expect(movedTo(['p1', 'd1', 'p2', 'd2'], 'p2', 1, stops)).toEqual(['p1', 'p2', 'd1', 'd2'])
  })

  it('never stands before a stop that was begun', () => {
    const stops = new Map([stop('p1', true), stop('p2')].map((one) => [one.stop_id, one]))
    expect(movedTo(['p1', 'p2'], 'p2', 0, stops)).toBeNull()
  })

  it('leaves all stops on the route and the route drivable, wherever it goes', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const roll = dice(seed)
      const route = anyRoute(roll, ['1', '2', '3', '4'])
      let { order } = draftOf(route)
      for (let step = 0; step < 20; step++) {
        order = movedTo(order, order[roll(order.length)] ?? '', roll(order.length), stopsOf(route)) ?? order
        expect(order.toSorted()).toEqual(draftOf(route).order.toSorted())
        expect(drivable(order, stopsOf(route))).toBe(true)
      }
    }
  })
})

it('a pin that is set twice is gone, and then nothing has changed', () => {
  const route = routeOf(['p1', 'd1'])
  const once = pinToggled(draftOf(route), 'p1')
  expect(isChanged(once, route)).toBe(true)
  expect(isChanged(pinToggled(once, 'p1'), route)).toBe(false)
})

describe('a wish for a route that changed meanwhile', () => {
  it('loses the stops that are gone and takes in the new ones where they stand', () => {
    const draft: Draft = { order: ['p2', 'p1', 'd1', 'd2'], pinned: ['p2', 'p1'] }
    expect(rebased(draft, routeOf(['p1', 'd1', 'p3', 'd3']))).toEqual({ order: ['p1', 'd1', 'p3', 'd3'], pinned: ['p1'] })
  })

  it('has exactly the stops of the changed route and can be driven, whatever changed', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const roll = dice(seed)
      const names = ['1', '2', '3', '4', '5', '6']
      const before = anyRoute(roll, names.slice(0, 1 + roll(5)))
      const fresh = anyRoute(roll, names.slice(roll(3), 3 + roll(4)))
      let { order } = draftOf(before)
      for (let step = 0; step < 6; step++)
        order = movedTo(order, order[roll(order.length)] ?? '', roll(order.length), stopsOf(before)) ?? order
      const wish = rebased({ order, pinned: order.slice(0, 1) }, fresh)
      expect(wish.order.toSorted()).toEqual(draftOf(fresh).order.toSorted())
      expect(drivable(wish.order, stopsOf(fresh))).toBe(true)
    }
  })
})

it('changes by another hand are told by order', () => {
  expect(changesBetween(routeOf(['p1', 'd1', 'p2', 'd2']), routeOf(['p2', 'd2', 'p3', 'd3']))).toEqual({
    came: ['3'],
    left: ['1'],
    reordered: false,
  })
  expect(changesBetween(routeOf(['p1', 'p2']), routeOf(['p2', 'p1']))).toEqual({ came: [], left: [], reordered: true })
})
