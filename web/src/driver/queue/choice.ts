/** The choice of the action that is sent next: pure functions of what the device keeps. */

import type { Standing, Stored } from './model'

export interface Choice {
  standings: ReadonlyMap<string, Standing>
  /** The action to be sent now. */
  next: Stored | null
  /** Milliseconds until there may be a next one without anybody doing anything. */
  dueInMs: number | null
}

/**
 * True while the driver may take an action back.
 *
 * A clock that was set back ends it, or an action would be held until that clock has caught up.
 */
export const isHeld = (record: Stored, nowMs: number): boolean =>
  record.heldUntil !== null && nowMs < record.heldUntil && nowMs >= record.addedAt

const inOrder = (a: Stored, b: Stored): number => Number(b.urgent) - Number(a.urgent) || a.seq - b.seq

/**
 * Choose from one driver's actions.
 *
 * They are sent in the order in which they were added. A refused action stops its lane alone, and so does one that rests
 * after an error of the server. A held one stops all that have a lane: the driver may still take it back, and what comes
 * later may build on it.
 *
 * @param restMs how long actions still rest, by their id
 */
export function choose(records: readonly Stored[], nowMs: number, restMs: ReadonlyMap<string, number> = new Map()): Choice {
  const standings = new Map<string, Standing>()
  const refused = new Set<string | null>()
  const stopped = new Set<string | null>()
  let next: Stored | null = null
  let dueInMs: number | null = null
  let held = false

  const due = (inMs: number): void => {
    dueInMs = dueInMs === null ? inMs : Math.min(dueInMs, inMs)
  }
  for (const record of records.toSorted(inOrder)) {
    const { id, lane } = record
    if (record.state !== 'waiting') {
      standings.set(id, record.state)
      if (record.state === 'refused' && lane !== null) refused.add(lane)
    } else if (refused.has(lane)) {
      standings.set(id, 'behind')
    } else if (isHeld(record, nowMs)) {
      standings.set(id, 'held')
      held = true
      due((record.heldUntil ?? nowMs) - nowMs)
    } else if ((restMs.get(id) ?? 0) > 0) {
      standings.set(id, 'resting')
      if (lane !== null) stopped.add(lane)
      due(restMs.get(id) ?? 0)
    } else {
      standings.set(id, 'waiting')
      if (!stopped.has(lane) && !(held && lane !== null)) next ??= record
    }
  }
  return { standings, next, dueInMs }
}
