import { expect, it } from 'vitest'
import type { Stop } from './model'
import { arrive, handOver, isLeftAtDoor, setOut } from './steps'
import { groupsOf, needsOf, needsOfAll, phaseOf } from './stops'

const DOOR = { lat: 39.29, lon: -76.61 }
const AT = '2026-06-05T12:00:00Z'

let count = 0
export function stop(changes: Partial<Stop> = {}): Stop {
  const id = `d${++count}`
  return {
    stop_id: `${id}:${changes.kind ?? 'dropoff'}`,
    kind: 'dropoff',
    delivery_id: id,
    order_number: `#${count}`,
    delivery_state: 'picked_up',
    point: DOOR,
    opens_at: AT,
    closes_at: AT,
    eta: AT,
    started: false,
    contact: { name: 'Kim Lee', company: null, phone: null, address: '9 Lake View', notes: '' },
    requirements: {},
    undeliverable: 'return',
    is_transfer: false,
    is_area: false,
    ...changes,
  }
}

const NOTED = { condition: null, note: '', scanned: [], pin: '', document: '', ageMet: false, receivedBy: '' }

it('ten parcels at one door are one group, and the next door is another', () => {
  const ten = Array.from({ length: 10 }, () => stop())
  const next = stop({ contact: { name: 'Jo', company: null, phone: null, address: '9 Lake View', notes: '' } })
  expect(groupsOf([...ten, next]).map((group) => group.stops.length)).toEqual([10, 1])
})

it('two customers of one area are no group before the pickup, whatever their first names', () => {
  const seen = { name: 'Kim', company: null, phone: null, address: null, notes: '' }
  const two = [1, 2].map(() => stop({ contact: seen, is_area: true, delivery_state: 'assigned' }))
  expect(groupsOf(two).map((group) => group.stops.length)).toEqual([1, 1])
})

it('the same door later on the route is another group', () => {
  const far = stop({ point: { lat: 39.3, lon: -76.6 } })
  expect(groupsOf([stop(), far, stop()])).toHaveLength(3)
})

it('what is proven for one delivery alone is confirmed alone', () => {
  const pin = { requirements: { pin: true } }
  const scan = { requirements: { barcode: true }, parcels_to_scan: 2 }
  expect(groupsOf([stop(pin), stop(pin), stop(scan), stop(scan)])).toHaveLength(4)
  expect(groupsOf([stop({ requirements: { photo: true } }), stop({ requirements: { photo: true } })])).toHaveLength(1)
})

it('goods that go back and goods that may stay at the door are not confirmed together', () => {
  expect(groupsOf([stop(), stop({ undeliverable: 'leave_at_door' })])).toHaveLength(2)
})

it('a group is as far as the stop that is least far', () => {
  const [group] = groupsOf([stop({ delivery_state: 'arrived_at_dropoff' }), stop({ delivery_state: 'en_route_to_dropoff' })])
  expect(group?.phase).toBe('under_way')
})

it('a return is under way once the driver has set out for it, whatever its state says', () => {
  const back = { kind: 'return', delivery_state: 'returning' } as const
  expect([phaseOf(stop(back)), phaseOf(stop({ ...back, started: true }))]).toEqual(['waiting', 'under_way'])
})

it('a drop-off needs what its delivery requires, a pickup only the scan', () => {
  const requirements = { photo: true, pin: true, barcode: true, minimum_age: 18 }
  expect(needsOf(stop({ requirements, parcels_to_scan: 2 }))).toEqual({
    codes: 2,
    photo: true,
    signature: false,
    pin: true,
    minimumAge: 18,
  })
  expect(needsOf(stop({ kind: 'pickup', requirements, parcels_to_scan: 2 }))).toMatchObject({ codes: 2, photo: false })
  expect(needsOfAll([stop({ requirements: { minimum_age: 18 } }), stop({ requirements: { minimum_age: 21 } })]).minimumAge).toBe(21)
})

it('setting out for a group keeps the order of its stops, since each that is left for becomes the first', () => {
  const [group] = groupsOf([stop(), stop(), stop()])
  const ids = group!.stops.map((one) => one.delivery_id)
  expect(setOut(group!, DOOR).map((draft) => draft.deliveryId)).toEqual(ids.toReversed())
})

it('arriving sets out first where the driver did not, and leaves alone what has arrived', () => {
  const [group] = groupsOf([stop(), stop({ delivery_state: 'en_route_to_dropoff' }), stop({ delivery_state: 'arrived_at_dropoff' })])
  expect(arrive(group!, DOOR).map((draft) => draft.kind)).toEqual(['depart', 'arrive', 'arrive'])
})

it('one confirmation delivers the whole group, each delivery by an action of its own', () => {
  const [group] = groupsOf(Array.from({ length: 10 }, () => stop({ delivery_state: 'arrived_at_dropoff' })))
  const inputs = handOver(group!, DOOR, { ...NOTED, receivedBy: ' Jo ' })
  expect(new Set(inputs.map((input) => input.deliveryId)).size).toBe(10)
  expect(inputs[0]?.body).toMatchObject({ received_by: 'Jo', pin: null, age_check: null, note: null })
})

it('only what the customer wants at the door may stay there, and only if nobody opens', () => {
  const [left] = groupsOf([stop({ undeliverable: 'leave_at_door' })])
  const [back] = groupsOf([stop()])
  expect([isLeftAtDoor(left!, 'customer_absent'), isLeftAtDoor(left!, 'customer_refused')]).toEqual([true, false])
  expect(isLeftAtDoor(back!, 'customer_absent')).toBe(false)
})
