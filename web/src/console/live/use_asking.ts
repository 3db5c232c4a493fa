/** Answers that are asked for again and again while the page is seen. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Pace, keepAsking, pause } from '../../parts/polling'
import type { Answer, Problem } from '../api/answers'

export interface Asked<Data> {
  data: Data | null
  /** The problem that has arisen since the newest data came; null if there is none. */
  problem: Problem | null
  /** Ask at once. */
  again: () => void
}

/** Refusals after which a repeated question gets the same answer. */
const FINAL = [401, 403, 404]

/**
 * Ask under a key, at a pace, for as long as the component lives.
 *
 * `take` makes the data from an answer and from the data before it; data of another key is forgotten. A hidden page asks
 * only if `alsoHidden` is true.
 */
export function useAsking<Data, Raw = Data>(
  key: string | null,
  pace: Pace,
  ask: () => Promise<Answer<Raw>>,
  take: (before: Data | null, answer: Raw) => Data,
  alsoHidden = false,
): Asked<Data> {
  const [known, set] = useState<{ key: string | null; data: Data | null; problem: Problem | null }>({
    key,
    data: null,
    problem: null,
  })
  const [round, setRound] = useState(0)
  const failures = useRef(0)

  useEffect(() => {
    if (key === null) return
    let gone = false
    const next = async (): Promise<number | null> => {
      const { data, problem } = await ask()
      if (gone) return null
      if (problem) {
        set((before) => ({ key, data: before.key === key ? before.data : null, problem }))
        return FINAL.includes(problem.status) ? null : pause(pace, ++failures.current, problem.retryAfterS)
      }
      failures.current = 0
      set((before) => ({ key, data: take(before.key === key ? before.data : null, data), problem: null }))
      return pause(pace, 0)
    }
    const stop = keepAsking(next, alsoHidden)
    return () => {
      gone = true
      stop()
    }
  }, [key, round])

  const again = useCallback(() => {
    failures.current = 0
    setRound((before) => before + 1)
  }, [])
  const mine = known.key === key
  return { data: mine ? known.data : null, problem: mine ? known.problem : null, again }
}
