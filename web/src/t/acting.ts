/** What the customer may do by the link: one request at a time, and how it went. */

import { useCallback, useRef, useState } from 'preact/hooks'
import type { Schemas } from '../parts/client'
import { digitsOf } from '../parts/money'
import type { Texts } from './texts'

export type Actions = Schemas['CustomerActions']
export type Phase = 'idle' | 'busy' | 'done' | 'failed'

/** An answer of the API: the new actions, or a problem. */
interface Answer {
  data?: Actions | undefined
  error?: unknown
}

export interface Acting {
  phase: Phase
  /** The code of the problem in phase `failed`, else an empty text. */
  code: string
  /** Send a request, unless one is under way. */
  send: (request: () => Promise<Answer>) => Promise<void>
  /** Forget how the last request went. */
  forget: () => void
}

/** The largest tip in minor units, the longest text in characters: limits of the API. */
export const MOST_TIP = 10_000
export const LONGEST_TEXT = 500
export const LONGEST_REQUEST_MS = 15_000

/** Stands for the code of a problem where no answer came. */
export const NO_ANSWER = 'no_answer'

/** The `code` of a problem; an empty text if the answer is no problem, as that of a proxy. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/** Why something did not work, in the language of the page: the API's own sentences are in English. */
export function refusalSaid({ refused }: Texts, code: string): string {
  return (refused as Record<string, string>)[code] ?? refused.other
}

/** One act of the customer. A second tap while a request is under way sends nothing. */
export function useActing(acted: (actions: Actions) => void): Acting {
  const [outcome, set] = useState<{ phase: Phase; code: string }>({ phase: 'idle', code: '' })
  const busy = useRef(false)

  const send: Acting['send'] = async (request) => {
    if (busy.current) return
    busy.current = true
    set({ phase: 'busy', code: '' })
    try {
      const { data, error } = await request()
      if (data) acted(data)
      set(data ? { phase: 'done', code: '' } : { phase: 'failed', code: codeOf(error) })
    } catch {
      set({ phase: 'failed', code: NO_ANSWER })
    } finally {
      busy.current = false
    }
  }
  const forget = useCallback(() => {
    if (!busy.current) set({ phase: 'idle', code: '' })
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
