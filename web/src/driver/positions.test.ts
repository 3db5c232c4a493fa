import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Fix, Fixes, reportPositions } from './positions'

const START = Date.parse('2026-06-05T12:00:00Z')
const fix = (seconds: number, north: number, accuracy = 8): Fix => ({
  point: { lat: 39 + north / 111_195, lon: -76 },
  device_at: new Date(START + seconds * 1000).toISOString(),
  accuracy_m: accuracy,
  speed_mps: null,
})

it('a driver who stands is kept once a minute, one who moves every five seconds', () => {
  const standing = new Fixes()
  for (let second = 0; second <= 180; second++) standing.add(fix(second, 0))
  expect(standing.take().map((one) => (Date.parse(one.device_at) - START) / 1000)).toEqual([0, 60, 120, 180])
  const moving = new Fixes()
  for (let second = 0; second <= 20; second++) moving.add(fix(second, second * 20))
  expect(moving.count).toBe(5)
})

it('a position that jumps within its own inaccuracy is no movement', () => {
  const fixes = new Fixes()
  fixes.add(fix(0, 0, 100))
  expect(fixes.add(fix(10, 40, 100))).toBe(false)
})

it('a clock that was set back does not silence the phone', () => {
  const fixes = new Fixes()
  fixes.add(fix(3600, 0))
  expect(fixes.add(fix(0, 0))).toBe(true)
})

it('hours without a network keep the way, thinner, and never more than fits', () => {
  const fixes = new Fixes()
  for (let minute = 0; minute < 1000; minute++) fixes.add(fix(minute * 60, minute * 100))
  expect(fixes.count).toBeLessThanOrEqual(240)
  const times = [...fixes.take(200), ...fixes.take(200)].map((one) => Date.parse(one.device_at))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.at(-1)).toBe(START + 999 * 60_000)
})

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

it('a batch that could not be sent is sent again with the next', async () => {
  let measured: PositionCallback = () => {}
  const sent: number[] = []
  const stop = reportPositions({
    geolocation: {
      watchPosition: (then) => {
        measured = then
        return 1
      },
      clearWatch: () => {},
      getCurrentPosition: () => {},
    },
    send: async (fixes) => {
      sent.push(fixes.length)
      return sent.length > 1
    },
    here: () => {},
    trouble: () => {},
    everyMs: 15_000,
  })
  const at = (metres: number): void =>
    measured({ coords: { latitude: 39 + metres / 111_195, longitude: -76, accuracy: 8, speed: Number.NaN }, timestamp: Date.now() } as never)
  at(0)
  await vi.advanceTimersByTimeAsync(6000)
  at(100)
  await vi.advanceTimersByTimeAsync(15_000)
  expect(sent).toEqual([1, 2])
  stop()
})

it('a phone that neither answers nor refuses is told to the driver', async () => {
  const told: unknown[] = []
  const stop = reportPositions({
    geolocation: { watchPosition: () => 1, clearWatch: () => {}, getCurrentPosition: () => {} },
    send: async () => true,
    here: () => {},
    trouble: (trouble) => told.push(trouble),
    everyMs: 15_000,
  })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(told).toContain('unavailable')
  stop()
})
