/** Following one delivery: asking the API politely, and what is known meanwhile. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Refusal, type Schemas, api, refusalOf } from '../parts/client'
import { type Pace, keepAsking, pause } from '../parts/polling'
import { ServerClock } from '../parts/time'
import type { Actions } from './acting'

export type View = Schemas['TrackingView']
export type State = Schemas['State']
export type Trouble = 'wrong_link' | 'expired_link' | 'unknown' | 'busy' | 'failed' | 'offline'

/** The newest answer, and what has gone wrong since it came. */
export interface Following {
  view: View | null
  clock: ServerClock | null
  trouble: Trouble | null
}

const LONGEST_ANSWER_MS = 15_000
const CLOSED: readonly State[] = ['delivered', 'cancelled', 'expired', 'failed', 'returned']
const NEAR: readonly State[] = ['en_route_to_dropoff', 'arrived_at_dropoff']
const FINAL: readonly Trouble[] = ['wrong_link', 'expired_link', 'unknown']

export const isClosed = (state: State): boolean => CLOSED.includes(state)

/** How often the page asks: often while a driver comes, seldom while little changes, never once it has ended. */
export function paceOf(state: State | null): Pace | null {
  if (state === null) return { everyMs: 3000, longestMs: 60_000 }
  if (isClosed(state)) return null
  if (NEAR.includes(state)) return { everyMs: 10_000, longestMs: 120_000 }
  return { everyMs: state === 'returning' ? 60_000 : 20_000, longestMs: 180_000 }
}

export function troubleOf(refusal: Refusal): Trouble {
  switch (refusal.status) {
    case 400:
    case 401:
      return 'wrong_link'
    case 404:
      return 'unknown'
    case 410:
      return 'expired_link'
    case 429:
      return 'busy'
    default:
      return 'failed'
  }
}

/** The token in a page's address, `/t/<token>`. */
export function tokenIn(path: string): string {
  return /^\/t\/([\w-]+)\/?$/.exec(path)?.[1] ?? ''
}

export function useFollowing(token: string): Following & { again: () => void; acted: (actions: Actions) => void } {
  const [known, set] = useState<Following>({ view: null, clock: null, trouble: token ? null : 'wrong_link' })
  const [round, setRound] = useState(0)
  const failures = useRef(0)

  useEffect(() => {
    if (!token) return
    let state: State | null = null
    let asked = 0

    const failed = (trouble: Trouble, retryAfterS: number | null): number | null => {
      set((before) => ({ ...before, trouble }))
      if (FINAL.includes(trouble)) return null
      const pace = paceOf(state)
      return pace && pause(pace, ++failures.current, retryAfterS)
    }

    const ask = async (): Promise<number | null> => {
      const mine = ++asked
      try {
        const { data, error, response } = await api.GET('/v1/track/{token}', {
          params: { path: { token } },
          signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
        })
        if (mine !== asked) return null
        if (!data) {
          const refusal = refusalOf(response, error)
          return failed(troubleOf(refusal), refusal.retryAfterS)
        }
        failures.current = 0
        state = data.state
        set({ view: data, clock: ServerClock.setAt(data.as_of), trouble: null })
        const pace = paceOf(state)
        return pace && pause(pace, 0)
      } catch {
        return failed(navigator.onLine ? 'failed' : 'offline', null)
      }
    }
    const stop = keepAsking(ask)
    return () => {
      asked++
      stop()
    }
  }, [token, round])

  const again = useCallback(() => {
    failures.current = 0
    setRound((before) => before + 1)
  }, [])
  const acted = useCallback((actions: Actions) => {
    set((before) => ({ ...before, view: before.view && { ...before.view, ...actions } }))
  }, [])
  return { ...known, again, acted }
}
