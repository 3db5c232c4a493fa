import { expect, it } from 'vitest'
import type { Stop } from './model'
import { arrive, fail, giveBack, handOver, isLeftAtDoor, pickUp, reasonsOf, setOut } from './steps'
import { NOTHING, groupsOf, needsOf, needsOfAll, phaseOf } from './stops'

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
    reasons: ['customer_absent', 'customer_refused', 'goods_damaged', 'no_access', 'no_valid_id', 'temperature_out_of_range', 'underage', 'wrong_address'],
    needs_disposition: false,
    is_transfer: false,
    is_area: false,
    ...changes,
  }
}

const NOTED = {
  condition: null,
  note: '',
  scanned: [],
  celsius: null,
  pin: '',
  document: null,
  ageMet: false,
  receivedBy: '',
  id: null,
  affirmed: [],
  relation: null,
}

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
    ...NOTHING,
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

const LAWFUL = {
  minimum_age: 21,
  id_check: true,
  affirmations: ['of_age'],
  printed_name: true,
  recipient_relation: true,
  temperature: { least_c: 2, most_c: 8 },
  custody_scan: true,
}

it('a document that is read proves the age, and no look at it is asked for besides', () => {
  expect(needsOf(stop({ requirements: LAWFUL, parcels_to_scan: 1 }))).toEqual({
    ...NOTHING,
    codes: 1,
    idAge: 21,
    affirmations: ['of_age'],
    printedName: true,
    relation: true,
    temperature: LAWFUL.temperature,
  })
  expect(needsOf(stop({ requirements: { id_check: true } })).idAge).toBe(0)
})

it('custody is scanned and the temperature measured at the pickup; what became of goods is said as they come back', () => {
  const asked = { requirements: LAWFUL, parcels_to_scan: 1, needs_disposition: true }
  expect(needsOf(stop({ ...asked, kind: 'pickup' }))).toEqual({ ...NOTHING, codes: 1, temperature: LAWFUL.temperature })
  expect(needsOf(stop({ ...asked, kind: 'return' }))).toEqual({ ...NOTHING, codes: 1, disposition: true })
  expect(needsOf(stop({ kind: 'return', requirements: { barcode: true }, parcels_to_scan: 1 }))).toEqual(NOTHING)
})

it('what is of one delivery is confirmed by itself', () => {
  for (const alone of [{ requirements: { temperature: LAWFUL.temperature } }, { needs_disposition: true }])
    expect(groupsOf([stop(alone), stop(alone)])).toHaveLength(2)
})

it('a scanned document is sent with its dates and without a reason, a typed one with it', () => {
  const [group] = groupsOf([stop({ requirements: LAWFUL })])
  const id = { document: 'passport', scanned: true, unreadable: 'damaged', birthDate: '1990-05-31', expiresOn: '' } as const
  const sent = (read: object) => handOver(group!, DOOR, { ...NOTED, id: { ...id, ...read } })[0]?.body
  expect(sent({})).toMatchObject({
    id_check: { document: 'passport', read_by: 'scan', unreadable: null, birth_date: '1990-05-31', expires_on: null },
  })
  expect(sent({ scanned: false })).toMatchObject({ id_check: { read_by: 'typed', unreadable: 'damaged' } })
  expect(sent({ birthDate: '' })).toMatchObject({ id_check: null })
})

it('a pickup sends the temperature, a return what became of the goods', () => {
  const [shop] = groupsOf([stop({ kind: 'pickup', requirements: LAWFUL })])
  expect(pickUp(shop!, DOOR, { ...NOTED, celsius: 4.5 })[0]?.body).toMatchObject({ temperature_c: 4.5 })
  const [back] = groupsOf([stop({ kind: 'return', needs_disposition: true })])
  const disposed = { kind: 'destroyed', person: ' Jo ' } as const
  expect(giveBack(back!, DOOR, { scanned: [], celsius: null, disposed })[0]?.body).toMatchObject({
    disposition: { kind: 'destroyed', person: 'Jo' },
  })
  const nothing = { kind: null, person: '' } as const
  expect(fail(back!, DOOR, 'customer_absent', { ...NOTED, disposed: nothing })[0]?.body).toMatchObject({ disposition: null })
})

it('the reasons are those that the API takes of all stops, without those of checks that nobody asked for', () => {
  const [plain] = groupsOf([stop()])
  expect(reasonsOf(plain!)).toEqual(['customer_absent', 'customer_refused', 'wrong_address', 'no_access', 'goods_damaged'])
  const [aged] = groupsOf([stop({ requirements: { minimum_age: 21 }, reasons: ['underage', 'no_valid_id', 'intoxicated'] })])
  expect(reasonsOf(aged!)).toEqual(['intoxicated', 'underage', 'no_valid_id'])
})
