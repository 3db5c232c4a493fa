/** What the customer may do by the link: one request at a time, and how it went. */

import { useCallback, useRef, useState } from 'preact/hooks'
import type { Schemas } from '../parts/client'
import { digitsOf } from '../parts/money'

export type Actions = Schemas['CustomerActions']
export type Phase = 'idle' | 'busy' | 'done' | 'failed'

/** An answer of the API: the new actions, or a problem. */
interface Answer {
  data?: Actions | undefined
  error?: unknown
}

export interface Acting {
  phase: Phase
  /** The reason of the API in phase `failed`; null if it gave none. */
  detail: string | null
  /** Send a request, unless one is under way. */
  send: (request: () => Promise<Answer>) => Promise<void>
  /** Forget how the last request went. */
  forget: () => void
}

/** The largest tip in minor units, the longest text in characters: limits of the API. */
export const MOST_TIP = 10_000
export const LONGEST_TEXT = 500
export const LONGEST_REQUEST_MS = 15_000

/** The `detail` of a problem; null if the answer is no problem, as that of a proxy. */
export function detailOf(error: unknown): string | null {
  const detail = (error as { detail?: unknown } | null | undefined)?.detail
  return typeof detail === 'string' && detail ? detail : null
}

/** One act of the customer. A second tap while a request is under way sends nothing. */
export function useActing(acted: (actions: Actions) => void): Acting {
  const [outcome, set] = useState<{ phase: Phase; detail: string | null }>({ phase: 'idle', detail: null })
  const busy = useRef(false)

  const send: Acting['send'] = async (request) => {
    if (busy.current) return
    busy.current = true
    set({ phase: 'busy', detail: null })
    try {
      const { data, error } = await request()
      if (data) acted(data)
      set(data ? { phase: 'done', detail: null } : { phase: 'failed', detail: detailOf(error) })
    } catch {
      set({ phase: 'failed', detail: null })
    } finally {
      busy.current = false
    }
  }
  const forget = useCallback(() => {
    if (!busy.current) set({ phase: 'idle', detail: null })
  }, [])
  return { ...outcome, send, forget }
}

/** A typed amount in minor units, with a comma or a point; null if it is none or cannot be a tip. */
export function minorUnits(typed: string, currency: string): number | null {
  const digits = digitsOf(currency)
  const [, whole, part = ''] = /^(\d{1,6})(?:[.,](\d+))?$/.exec(typed.trim()) ?? []
  if (whole === undefined || part.length > digits) return null
  const amount = Number(whole + part.padEnd(digits, '0'))
  return amount >= 1 && amount <= MOST_TIP ? amount : null
}
