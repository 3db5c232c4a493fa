import { expect, it } from 'vitest'
import type { MapDelivery, MapDriver } from '../api/types'
import { boxOf, circle, levelOf, lineThrough, lookOfDriver, metres, orderPoints, polygon } from './shapes'

const CENTRE = { lat: 39.29, lon: -76.61 }

it('a circle is closed, and each of its corners is as far from the centre as its radius', () => {
  for (const lat of [0, 39.29, -60])
    for (const radius of [50, 1000, 20_000]) {
      const ring = circle({ lat, lon: 10 }, radius)
      expect(ring[0]).toEqual(ring.at(-1))
      for (const [lon = 0, north = 0] of ring) {
        const away = metres({ lat, lon: 10 }, { lat: north, lon })
        expect(Math.abs(away - radius) / radius).toBeLessThan(0.01)
      }
    }
})

it('an order is drawn where its goods are', () => {
  const row = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 }, urgency: 0 } as MapDelivery
  const at = (state: MapDelivery['state']) => orderPoints([{ ...row, state }]).features[0]?.geometry
  expect(at('assigned')).toMatchObject({ coordinates: [1, 1] })
  expect(at('picked_up')).toMatchObject({ coordinates: [2, 2] })
})

it('urgency has three levels, and a suspended driver looks suspended before anything else', () => {
  expect([0, 34, 35, 69, 70, 100].map(levelOf)).toEqual(['calm', 'calm', 'watch', 'watch', 'urgent', 'urgent'])
  const driver = { suspended: true, late_s: 60, stops: 2 } as MapDriver
  expect(lookOfDriver(driver)).toBe('suspended')
  expect(lookOfDriver({ ...driver, suspended: false })).toBe('late')
  expect(lookOfDriver({ ...driver, suspended: false, late_s: 0 })).toBe('busy')
  expect(lookOfDriver({ ...driver, suspended: false, late_s: 0, stops: 0 })).toBe('idle')
})

it('too few points are no shape', () => {
  expect(polygon([CENTRE, CENTRE]).features).toEqual([])
  expect(lineThrough([CENTRE]).features).toEqual([])
  expect(boxOf([])).toBeNull()
})
