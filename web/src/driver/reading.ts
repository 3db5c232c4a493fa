/** An answer of the API that is asked for again and again, and is kept for times without a network. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { keepAsking, pause } from '../parts/polling'
import type { Queue } from './queue'

export type Trouble = 'offline' | 'failed'

export interface Reading<Value> {
  value: Value | null
  /** Moment at which it was asked for, by the device's clock in milliseconds. */
  at: number | null
  trouble: Trouble | null
  /** Ask now. */
  again: () => void
}

/** Return the answer; throw if there is none. */
export type Ask<Value> = (signal: AbortSignal) => Promise<Value>

const LONGEST_ANSWER_MS = 20_000
const LONGEST_PAUSE_MS = 120_000

/** An answer other than success. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError'

  constructor(
    readonly status: number,
    readonly retryAfterS: number | null,
  ) {
    super(`the API answered ${status}`)
  }
}

/** The body of an answer of openapi-fetch. */
export function bodyOf<Value>({ data, response }: { data?: Value | undefined; response: Response }): Value {
  if (data !== undefined) return data
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  throw new NoAnswerError(response.status, Number.isFinite(seconds) ? seconds : null)
}

/**
 * Read something as long as the component is there.
 *
 * @param everyMs null reads once, and again when `again` is called
 */
export function useReading<Value>(
  queue: Queue,
  name: string,
  ask: Ask<Value>,
  everyMs: number | null,
): Reading<Value> {
  const [known, set] = useState<Omit<Reading<Value>, 'again'>>({ value: null, at: null, trouble: null })
  const [round, setRound] = useState(0)
  const asking = useRef(ask)
  asking.current = ask

  useEffect(() => {
    set({ value: null, at: null, trouble: null })
    let gone = false
    const recall = async (): Promise<void> => {
      const kept = await queue.kept<Value>(name)
      if (kept && !gone) set((now) => (now.value === null ? { ...now, value: kept.value, at: kept.at } : now))
    }
    void recall()
    return () => {
      gone = true
    }
  }, [queue, name])

  useEffect(() => {
    let gone = false
    let failures = 0
    const read = async (): Promise<number | null> => {
      const pace = { everyMs: everyMs ?? 15_000, longestMs: LONGEST_PAUSE_MS }
      try {
        const value = await queue.load(name, () => asking.current(AbortSignal.timeout(LONGEST_ANSWER_MS)))
        failures = 0
        if (!gone) set({ value, at: Date.now(), trouble: null })
        return everyMs === null ? null : everyMs
      } catch (error) {
        if (!gone) set((before) => ({ ...before, trouble: navigator.onLine ? 'failed' : 'offline' }))
        return pause(pace, ++failures, error instanceof NoAnswerError ? error.retryAfterS : null)
      }
    }
    const stop = keepAsking(read)
    return () => {
      gone = true
      stop()
    }
  }, [queue, name, everyMs, round])

  const again = useCallback(() => setRound((before) => before + 1), [])
  return { ...known, again }
}
