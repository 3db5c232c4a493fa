/** What was captured at a stop before its step: kept on the phone, so that an app that was closed goes on there. */

export interface Captured {
  pictures: string[]
  codes: string[]
}

const KEY = 'driver.captured'
const NONE: Captured = { pictures: [], codes: [] }
const MOST = 100

type Kept = Record<string, Captured>

function all(): Kept {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Kept
  } catch {
    return {}
  }
}

function keep(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(kept).slice(-MOST))))
  } catch {
    // A full phone forgets only that something was scanned already.
  }
}

export const capturedAt = (stopId: string): Captured => all()[stopId] ?? NONE

export function capture(stopId: string, change: (before: Captured) => Captured): Captured {
  const { [stopId]: before = NONE, ...others } = all()
  const after = change(before)
  keep({ ...others, [stopId]: after })
  return after
}

/** Forget stops that are no longer on the route. */
export function forgetOthers(stopIds: readonly string[]): void {
  const kept = all()
  const left = Object.entries(kept).filter(([stopId]) => stopIds.includes(stopId))
  if (left.length < Object.keys(kept).length) keep(Object.fromEntries(left))
}
