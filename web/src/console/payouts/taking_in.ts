/** A bank's file of returns, which the API takes in piece by piece. */

import type { Schemas } from '../../parts/client'
import * as acting from '../api/acting'
import type { Problem } from '../api/answers'

export type Line = Schemas['ReturnLine']

const SETTLED: ReadonlySet<Schemas['ReturnOutcome']> = new Set(['returned', 'corrected', 'known'])

/** True if nothing followed from a line, so that somebody must look at it. */
export const needsSomebody = ({ outcome }: Line): boolean => !SETTLED.has(outcome)

/**
 * Send a file until the API has all of it.
 *
 * @param told all lines so far, after each piece
 * @returns the problem that ended it; the same file may be sent again then
 */
export async function takeIn(text: string, told: (lines: Line[]) => void): Promise<Problem | null> {
  const lines: Line[] = []
  let start: number | null = 0
  while (start !== null) {
    const { data, problem }: Awaited<ReturnType<typeof acting.takeReturns>> = await acting.takeReturns(text, start)
    if (problem) return problem
    lines.push(...data.lines)
    told([...lines])
    start = data.next_start !== null && data.next_start > start ? data.next_start : null
  }
  return null
}
