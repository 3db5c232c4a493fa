import { expect, it } from 'vitest'
import type { MapDelivery, MapDriver, ZoneMap } from '../api/types'
import { merged, same, takeIn } from './diff'

const driver = (driver_id: string, stops = 0): MapDriver => ({
  driver_id,
  name: 'Ada',
  vehicle: 'bicycle',
  position: { lat: 39.29, lon: -76.61 },
  position_at: null,
  heading: null,
  delivery_id: null,
  stops,
  late_s: 0,
  suspended: false,
})

const order = (delivery_id: string, urgency: number): MapDelivery => ({
  delivery_id,
  order_number: null,
  merchant_id: 'm',
  merchant: 'Bakery',
  state: 'created',
  priority: 'normal',
  pickup: { lat: 0, lon: 0 },
  dropoff: { lat: 0, lon: 0 },
  driver_id: null,
  eta: null,
  promised_until: '2026-06-05T22:00:00Z',
  late_s: 0,
  urgency,
  reasons: ['no_driver'],
  waits: null,
})

const answer = (changes: Partial<ZoneMap> = {}): ZoneMap => ({
  zone_id: 'z',
  as_of: '2026-06-05T22:00:00Z',
  drivers: [driver('a'), driver('b')],
  deliveries: [order('1', 80), order('2', 10)],
  incidents: [],
  paused: null,
  ...changes,
})

it('values are the same if they say the same, at any depth', () => {
  expect(same({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true)
  expect([same([], {}), same({ a: undefined }, { b: undefined }), same([1], [1, 2]), same(null, {})]).toEqual(
    Array.from({ length: 4 }, () => false),
  )
})

it('a row that says the same is the same object, and a changed one is not', () => {
  const first = takeIn(null, answer())
  const next = takeIn(first, answer({ drivers: [driver('a'), driver('b', 2)] }))
  expect(next.drivers[0]).toBe(first.drivers[0])
  expect(next.drivers[1]).not.toBe(first.drivers[1])
  expect(next.incidents).toBe(first.incidents)
})

it('the order of the answer is kept, and rows that are gone are gone', () => {
  const first = takeIn(null, answer())
  const next = takeIn(first, answer({ deliveries: [order('2', 90), order('3', 20)] }))
  expect(next.deliveries.map(({ delivery_id }) => delivery_id)).toEqual(['2', '3'])
  expect(next.deliveryOf.has('1')).toBe(false)
})

it('an id that comes twice is one row', () => {
  expect(merged(new Map(), [1, 2, 1], String).size).toBe(2)
})
