/** Names of drivers. Those on duty in the zone are on its map; others are asked for, many at once, and kept. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import * as reading from '../api/reading'
import type { Live } from '../live/diff'
import { shortId } from './words'

/** The most ids that one call takes. */
const MOST = 100
/** Names that are missed within this time are asked for together. */
const GATHER_MS = 50

/** Return a function that names a driver: the end of the id until the name is known, or if there is none any more. */
export function useDriverNames(live: Live | null): (id: string) => string {
  const [known, learn] = useState<ReadonlyMap<string, string | null>>(new Map())
  const missed = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const ask = useCallback(async (): Promise<void> => {
    timer.current = undefined
    const ids = [...missed.current].slice(0, MOST)
    missed.current.clear()
    const { data, problem } = await reading.driverNames(ids)
    // After a failure the next drawing misses them again; a refusal would be repeated.
    if (problem && (problem.status === 0 || problem.status >= 500)) return
    const names = new Map(data?.drivers.map(({ driver_id, name }) => [driver_id, name]))
    learn((before) => new Map([...before, ...ids.map((id) => [id, names.get(id) ?? null] as const)]))
  }, [])
  return useCallback(
    (id) => {
      const row = live?.driverOf.get(id)
      if (live && !row && !known.has(id)) {
        missed.current.add(id)
        timer.current ??= setTimeout(() => void ask(), GATHER_MS)
      }
      return row?.name ?? known.get(id) ?? `…${shortId(id)}`
    },
    [live?.driverOf, known],
  )
}
