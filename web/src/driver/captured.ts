/** Photos and codes captured at a stop before its step. The phone keeps them, so they survive a killed app. */

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Queue } from './queue'

export interface Captured {
  pictures: string[]
  codes: string[]
}

export type AllCaptured = Readonly<Record<string, Captured>>

export interface Capturing {
  /** Null until they were read from the phone. */
  all: AllCaptured | null
  /** Resolves once the change is on the disk. */
  change: (stopId: string, how: (before: Captured) => Captured) => Promise<void>
  /** Forget stops that are no longer on the route. */
  keepOnly: (stopIds: readonly string[]) => void
}

export const NOTHING_CAPTURED: Captured = { pictures: [], codes: [] }
const NAME = 'captured'

export const only = (all: AllCaptured, stopIds: readonly string[]): AllCaptured =>
  Object.fromEntries(Object.entries(all).filter(([stopId]) => stopIds.includes(stopId)))

export function useCaptured(queue: Queue): Capturing {
  const [all, set] = useState<AllCaptured | null>(null)
  const newest = useRef<AllCaptured>({})
  const writing = useRef(Promise.resolve())

  useEffect(() => {
    let gone = false
    void queue.kept<AllCaptured>(NAME).then((kept) => {
      if (gone) return
      newest.current = { ...kept?.value, ...newest.current }
      set(newest.current)
    })
    return () => {
      gone = true
    }
  }, [queue])

  const write = async (after: AllCaptured): Promise<void> => {
    newest.current = after
    set(after)
    const kept = writing.current.then(() => queue.load(NAME, () => Promise.resolve(after)))
    // A full phone still shows what was captured, and forgets it only when it is killed.
    writing.current = kept.then(
      () => {},
      () => {},
    )
    await writing.current
  }
  return {
    all,
    change: (stopId, how) =>
      write({ ...newest.current, [stopId]: how(newest.current[stopId] ?? NOTHING_CAPTURED) }),
    keepOnly: (stopIds) => {
      const left = only(newest.current, stopIds)
      if (Object.keys(left).length < Object.keys(newest.current).length) void write(left)
    },
  }
}
