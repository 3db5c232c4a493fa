import { expect, it } from 'vitest'
import type { Delivery } from '../api/types'
import { failureReasons, isOpen, mayCancel, mayComplete, whoMayHaveBrought } from './endings'

type Order = Delivery['delivery']
type State = NonNullable<Order['state']>

const order = (state: State, changes: Partial<Order> = {}): Order => ({ state, driver_id: 'drv_ben', ...changes }) as Order
const MEETING = { transfer_point: { lat: 1, lon: 1 }, timeline: [{ state: 'picked_up', actor: 'drv_ada', at: '' }] } as unknown as Partial<Order>

it('an order without goods on board can be cancelled, and fails only at the shop', () => {
  for (const state of ['created', 'offered', 'assigned', 'en_route_to_pickup'] as const) {
    expect([isOpen(order(state)), mayCancel(order(state)), mayComplete(order(state))]).toEqual([true, true, false])
    expect(failureReasons(order(state))).toEqual([])
  }
  expect(failureReasons(order('arrived_at_pickup'))).toContain('pickup_closed')
  expect(failureReasons(order('arrived_at_pickup'))).not.toContain('goods_lost')
})

it('goods on board are delivered, fail for a reason at the door, or are lost', () => {
  for (const state of ['picked_up', 'en_route_to_dropoff', 'arrived_at_dropoff'] as const) {
    expect(mayComplete(order(state))).toBe(true)
    expect(failureReasons(order(state))).toEqual(expect.arrayContaining(['customer_absent', 'goods_lost']))
    expect(failureReasons(order(state))).not.toContain('pickup_closed')
    expect(whoMayHaveBrought(order(state))).toEqual([])
  }
})

it('goods on the way back arrive or are lost', () => {
  expect([isOpen(order('returning')), mayComplete(order('returning'))]).toEqual([false, true])
  expect(failureReasons(order('returning'))).toEqual(['goods_lost'])
})

it('of goods that change hands it must be said who brought them', () => {
  const meeting = order('assigned', MEETING)
  expect([mayCancel(meeting), mayComplete(meeting)]).toEqual([false, true])
  expect(whoMayHaveBrought(meeting)).toEqual(['drv_ada', 'drv_ben'])
  expect(failureReasons(meeting)).toEqual(['goods_lost'])
})

it('a closed order has no ending', () => {
  for (const state of ['delivered', 'cancelled', 'expired', 'failed', 'returned'] as const) {
    expect([mayCancel(order(state)), mayComplete(order(state)), failureReasons(order(state)).length]).toEqual([false, false, 0])
  }
})
