import { describe, expect, it } from 'vitest'
import { ServerClock, ago, minutesUntil, timeOfDay } from './time'

const NOW = Date.parse('2026-06-05T22:20:00Z')
const ZONE = 'America/New_York'

describe('times', () => {
  it('are written as the language writes them', () => {
    expect(timeOfDay('2026-06-05T22:34:00Z', NOW, 'en-US', ZONE)).toMatch(/^6:34\sPM$/)
    expect(timeOfDay('2026-06-05T22:34:00Z', NOW, 'de', ZONE)).toBe('18:34')
  })

  it('name the day unless it is today', () => {
    expect(timeOfDay('2026-06-06T13:05:00Z', NOW, 'de', ZONE)).toMatch(/^Sa\.?,? 09:05$/)
  })

  it('are counted up to a whole minute and never below none', () => {
    expect(minutesUntil('2026-06-05T22:20:01Z', NOW)).toBe(1)
    expect(minutesUntil('2026-06-05T22:10:00Z', NOW)).toBe(0)
  })

  it('have an age in the largest unit that fits', () => {
    const aged = (seconds: number): string => ago(NOW - seconds * 1000, NOW, 'en')
    expect([20, 119, 7200, 90_000].map(aged)).toEqual(['20 seconds ago', '2 minutes ago', '2 hours ago', '1 day ago'])
    expect(aged(-30)).toBe('0 seconds ago')
  })
})

describe('the clock of the server', () => {
  it('goes on between answers, whatever the clock of the phone says', () => {
    const clock = ServerClock.setAt('2026-06-05T22:20:00Z', 1000)
    expect(clock.now(6000) - NOW).toBe(5000)
  })
})
