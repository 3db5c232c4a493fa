/** One act of staff at a time, and how it went. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Answer, Problem } from '../api/answers'

export interface Act<Data> {
  phase: 'idle' | 'busy' | 'done' | 'failed'
  data: Data | null
  problem: Problem | null
  /** Send a request, unless one is under way; the answer, or null if nothing was sent or a newer answer counts. */
  send: (request: () => Promise<Answer<Data>>) => Promise<Answer<Data> | null>
  /** Forget how the last request went. */
  forget: () => void
}

type Outcome<Data> = Pick<Act<Data>, 'phase' | 'data' | 'problem'>

const NOTHING = { phase: 'idle', data: null, problem: null } as const

export function useAct<Data>(): Act<Data> {
  const [outcome, set] = useState<Outcome<Data>>(NOTHING)
  const busy = useRef(false)
  const gone = useRef(false)
  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])

  const send: Act<Data>['send'] = useCallback(async (request) => {
    if (busy.current) return null
    busy.current = true
    set({ phase: 'busy', data: null, problem: null })
    const answer = await request()
    busy.current = false
    if (!gone.current) set({ phase: answer.problem ? 'failed' : 'done', data: answer.data, problem: answer.problem })
    return answer
  }, [])
  const forget = useCallback(() => {
    if (!busy.current) set(NOTHING)
  }, [])
  return { ...outcome, send, forget }
}

/**
 * A preview of an act, which is asked for with each change of the wish.
 *
 * Unlike an act it does not wait for the one before: the newest question counts, and an older answer is dropped.
 */
export function usePreview<Data>(): Act<Data> {
  const [outcome, set] = useState<Outcome<Data>>(NOTHING)
  const newest = useRef(0)
  useEffect(
    () => () => {
      newest.current++
    },
    [],
  )
  const send: Act<Data>['send'] = useCallback(async (request) => {
    const mine = ++newest.current
    set({ phase: 'busy', data: null, problem: null })
    const answer = await request()
    if (mine !== newest.current) return null
    set({ phase: answer.problem ? 'failed' : 'done', data: answer.data, problem: answer.problem })
    return answer
  }, [])
  const forget = useCallback(() => {
    newest.current++
    set(NOTHING)
  }, [])
  return { ...outcome, send, forget }
}

export interface Reading<Data> {
  data: Data | null
  problem: Problem | null
  /** True while a question is under way. */
  busy: boolean
  again: () => void
}

/**
 * Ask the API and ask again when `key` changes; what was known for another key is forgotten.
 *
 * `stamp` asks again too, and keeps what is known until the new answer is there.
 */
export function useReading<Data>(
  key: string | null,
  ask: () => Promise<Answer<Data>>,
  stamp: string | number = '',
): Reading<Data> {
  const [known, set] = useState<{ key: string | null; data: Data | null; problem: Problem | null; busy: boolean }>({
    key: null,
    data: null,
    problem: null,
    busy: false,
  })
  const [round, setRound] = useState(0)
  const newest = useRef(0)

  useEffect(() => {
    if (key === null) return
    const mine = ++newest.current
    set((before) => (before.key === key ? { ...before, busy: true } : { key, data: null, problem: null, busy: true }))
    void ask().then(({ data, problem }) => {
      if (mine !== newest.current) return
      set((before) => ({ key, data: problem ? before.data : data, problem, busy: false }))
    })
    return () => {
      newest.current++
    }
  }, [key, stamp, round])

  const again = useCallback(() => setRound((before) => before + 1), [])
  const mine = known.key === key
  return {
    data: mine ? known.data : null,
    problem: mine ? known.problem : null,
    busy: mine ? known.busy : key !== null,
    again,
  }
}
