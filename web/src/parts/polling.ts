/** Asking again: when, after what, and not while nobody looks. */

export interface Pace {
  everyMs: number
  longestMs: number
}

/** The pause before the next question, in milliseconds: doubled with each failure, never shorter than was asked for. */
export function pause(pace: Pace, failures: number, retryAfterS: number | null = null, random = Math.random): number {
  const backed = Math.min(pace.longestMs, pace.everyMs * 2 ** failures)
  // Phones that lost the network together would otherwise come back together.
  const spread = failures ? backed * (0.8 + 0.4 * random()) : backed
  return Math.max(spread, (retryAfterS ?? 0) * 1000)
}

/**
 * Call `ask` now and again after the pause that it returns, until it returns null.
 *
 * A hidden page does not ask, unless `alsoHidden` says that what is asked for can't wait. A page that is shown again, or
 * is online again, asks at once.
 */
export function keepAsking(ask: () => Promise<number | null>, alsoHidden = false): () => void {
  const rests = (): boolean => document.hidden && !alsoHidden
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false
  let over = false

  const next = async (): Promise<void> => {
    clearTimeout(timer)
    if (over || asking || rests()) return
    asking = true
    const wait = await ask().finally(() => (asking = false))
    if (wait === null) over = true
    else if (!over && !rests()) timer = setTimeout(() => void next(), wait)
  }
  const look = (): void => {
    if (rests()) clearTimeout(timer)
    else void next()
  }
  const online = (): void => void next()

  document.addEventListener('visibilitychange', look)
  window.addEventListener('online', online)
  void next()
  return () => {
    over = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
    window.removeEventListener('online', online)
  }
}
