import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepAsking, pause } from './polling'

const PACE = { everyMs: 10_000, longestMs: 120_000 }
const middle = (): number => 0.5

describe('the pause', () => {
  it('doubles with each failure, up to the longest', () => {
    expect([0, 1, 2, 9].map((failures) => pause(PACE, failures, null, middle))).toEqual([10_000, 20_000, 40_000, 120_000])
  })

  it('is never shorter than the server asked for', () => {
    expect(pause(PACE, 1, 60, middle)).toBe(60_000)
  })

  it('differs from phone to phone after a failure', () => {
    expect(pause(PACE, 1, null, () => 0)).toBeLessThan(pause(PACE, 1, null, () => 1))
  })
})

describe('asking', () => {
  let hidden = false

  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    hidden = false
  })

  const show = (is: boolean): void => {
    hidden = !is
    document.dispatchEvent(new Event('visibilitychange'))
  }

  it('goes on after each pause and ends with null', async () => {
    const ask = vi.fn<() => Promise<number | null>>().mockResolvedValueOnce(1000).mockResolvedValueOnce(null)
    keepAsking(ask)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('rests while the page is hidden and begins at once when it is shown', async () => {
    const ask = vi.fn(async () => 1000)
    const stop = keepAsking(ask)
    await vi.advanceTimersByTimeAsync(500)
    show(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(1)
    show(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(ask).toHaveBeenCalledTimes(2)
    stop()
  })

  it('goes on while the page is hidden if it can not wait', async () => {
    const ask = vi.fn(async () => 1000)
    show(false)
    const stop = keepAsking(ask, true)
    await vi.advanceTimersByTimeAsync(2500)
    expect(ask).toHaveBeenCalledTimes(3)
    stop()
  })

  it('never asks twice at once', async () => {
    const ask = vi.fn(() => new Promise<number>(() => {}))
    const stop = keepAsking(ask)
    window.dispatchEvent(new Event('online'))
    show(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(1)
    stop()
  })
})
