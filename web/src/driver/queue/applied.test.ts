import { describe, expect, it } from 'vitest'
import { type Route, applied } from './applied'
import { type Action, shown } from './model'
import { stored } from './testing/fixtures'

type Stop = Route['stops'][number]

const POINTS = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 }, return: { lat: 3, lon: 3 } }

function stop(deliveryId: string, kind: Stop['kind'], changes: Partial<Stop> = {}): Stop {
  return {
    stop_id: `${deliveryId}#${kind}`,
    kind,
    delivery_id: deliveryId,
    order_number: `#${deliveryId}`,
    delivery_state: 'assigned',
    point: POINTS[kind],
    opens_at: '2026-06-05T12:00:00Z',
    closes_at: '2026-06-05T13:00:00Z',
    eta: '2026-06-05T12:30:00Z',
    started: false,
    contact: null,
    requirements: {},
    undeliverable: 'return',
    reasons: [],
    needs_disposition: false,
    is_transfer: false,
    is_area: false,
    ...changes,
  }
}

const CHANGE = { at: '2026-06-05T12:00:00Z', reason: 'replanned', by: 'dispatch', added: [], removed: [], changed: [] }

const ROUTE = {
  driver_id: 'ada',
  version: 3,
  revision: 7,
  confirmed_revision: 6,
  unconfirmed_since: null,
  pending: [{ ...CHANGE, revision: 7, reordered: true }],
  stops: [stop('d1', 'pickup'), stop('d2', 'dropoff', { started: true }), stop('d1', 'dropoff')],
} as unknown as Route

let count = 0
function act(kind: Action['kind'], deliveryId: string | null, at?: Stop['kind'], changes: Partial<Action> = {}): Action {
  const record = stored({ id: `a${++count}`, kind, deliveryId, stop: at ?? null })
  return { ...shown(record, 'waiting', false), ...changes }
}
const told = (route: Route): string[] => route.stops.map((one) => `${one.stop_id} ${one.delivery_state}`)
const after = (...actions: Action[]): string[] => told(applied(ROUTE, actions))

describe('the route with what the driver did since', () => {
  it('is the same without actions, and is never changed itself', () => {
    const copy = structuredClone(ROUTE)
    expect(applied(ROUTE, [])).toEqual(ROUTE)
    applied(ROUTE, [act('depart', 'd1', 'dropoff'), act('deliver', 'd1', 'dropoff')])
    expect(ROUTE).toEqual(copy)
  })

  it('begins with the stop for which the driver set out', () => {
    const route = applied(ROUTE, [act('depart', 'd1', 'pickup')])
    expect(route.stops.map((one) => one.started)).toEqual([true, false, false])
    expect(route.stops[0]!.delivery_state).toBe('en_route_to_pickup')
    expect(route.pending).toEqual([])
  })

  it('shows each step of a delivery until it is gone', () => {
    const steps = [
      act('depart', 'd1', 'pickup'),
      act('arrive', 'd1', 'pickup'),
      act('pick_up', 'd1', 'pickup'),
      act('depart', 'd1', 'dropoff'),
      act('arrive', 'd1', 'dropoff'),
      act('proof', 'd1'),
      act('deliver', 'd1', 'dropoff'),
    ]
    const seen = steps.map((_, index) => after(...steps.slice(0, index + 1)).find((one) => one.startsWith('d1')) ?? 'gone')
    expect(seen).toEqual([
      'd1#pickup en_route_to_pickup',
      'd1#pickup arrived_at_pickup',
      'd1#dropoff picked_up',
      'd1#dropoff en_route_to_dropoff',
      'd1#dropoff arrived_at_dropoff',
      'd1#dropoff arrived_at_dropoff',
      'gone',
    ])
  })

  it('brings goods back to where this route has seen them fetched', () => {
    const route = applied(ROUTE, [act('pick_up', 'd1', 'pickup'), act('fail', 'd1', 'dropoff')])
    const back = route.stops.at(-1)!
    expect(back).toMatchObject({ kind: 'return', delivery_state: 'returning', point: POINTS.pickup, started: false })
    expect(told(applied(route, [act('return', 'd1', 'return')]))).toEqual(['d2#dropoff assigned'])
  })

  it('has no more of a delivery that failed at the shop, was given up or needs no way back', () => {
    const left = ['d2#dropoff assigned']
    expect(after(act('fail', 'd1', 'pickup'))).toEqual(left)
    expect(after(act('unassign', 'd1', 'pickup'))).toEqual(left)
    const disposed = { ...ROUTE, stops: ROUTE.stops.map((one) => ({ ...one, undeliverable: 'dispose' as const })) }
    expect(told(applied(disposed, [act('fail', 'd1', 'dropoff')]))).toEqual(left)
  })

  it('has a stop again, as the first, whose ending was corrected', () => {
    const steps = [act('deliver', 'd2', 'dropoff'), act('correct', 'd2')]
    expect(after(...steps)).toEqual(['d2#dropoff arrived_at_dropoff', 'd1#pickup assigned', 'd1#dropoff assigned'])
    const failed = [act('pick_up', 'd1', 'pickup'), act('fail', 'd1', 'dropoff'), act('correct', 'd1')]
    expect(after(...failed)[0]).toBe('d1#dropoff arrived_at_dropoff')
  })

  it('does not show what was refused, nor what waits behind that', () => {
    const refused = act('deliver', 'd2', 'dropoff', { state: 'refused' })
    expect(after(refused, act('return', 'd2', 'return', { state: 'behind' }))).toEqual(told(ROUTE))
  })

  it('has no changes left that the driver confirmed', () => {
    const seen = { body: { revision: 6 } }
    expect(applied(ROUTE, [act('confirm_route', null, undefined, seen)]).pending).toHaveLength(1)
    expect(applied(ROUTE, [act('confirm_route', null, undefined, { body: { revision: 7 } })]).pending).toEqual([])
  })

  it('stays as it is by steps of deliveries that it does not have', () => {
    const kinds = ['depart', 'arrive', 'pick_up', 'deliver', 'fail', 'return', 'unassign', 'correct'] as const
    expect(after(...kinds.map((kind) => act(kind, 'd9', 'dropoff')))).toEqual(told(ROUTE))
  })
})
