/** Several pages and days of payouts as one answer. */

import type { Schemas } from '../../parts/client'
import type { Answer } from '../api/answers'
import type { PayoutsQuery } from '../api/reading'

type Payout = Schemas['StaffPayout']
type Ask = (query: PayoutsQuery) => Promise<Answer<Schemas['PayoutPage']>>

export interface Gathered {
  payouts: Payout[]
  /** There are more than were looked at. */
  partly: boolean
}

/** Pages of held payouts that are looked at: 50 payouts each. */
export const MOST_PAGES = 6

/** Held payouts of any day, page by page. */
export async function heldPayouts(ask: Ask): Promise<Answer<Gathered>> {
  const payouts: Payout[] = []
  let cursor: string | null | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const { data, problem }: Answer<Schemas['PayoutPage']> = await ask({ state: 'held', ...(cursor ? { cursor } : {}) })
    if (problem) return { data: null, problem }
    payouts.push(...data.payouts)
    cursor = data.next_cursor
    if (!cursor) break
  }
  return { data: { payouts, partly: Boolean(cursor) }, problem: null }
}

/** Payouts of some days that failed or came back, the newest day first. */
export async function failedPayouts(ask: Ask, days: readonly string[]): Promise<Answer<Gathered>> {
  const wanted = days.flatMap((period) => (['failed', 'returned'] as const).map((state) => ({ period, state })))
  const answers = await Promise.all(wanted.map(ask))
  const refused = answers.find(({ problem }) => problem !== null)
  if (refused?.problem) return { data: null, problem: refused.problem }
  const pages = answers.flatMap(({ data }) => data ?? [])
  return {
    data: { payouts: pages.flatMap(({ payouts }) => payouts), partly: pages.some(({ next_cursor: next }) => next) },
    problem: null,
  }
}
