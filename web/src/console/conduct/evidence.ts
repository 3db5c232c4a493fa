/** Evidence as staff write it down: an id a line. */

import type { Schemas } from '../../parts/client'

export type Reference = Schemas['Reference']

const KINDS: readonly [string, Reference['kind']][] = [
  ['dlv_', 'delivery'],
  ['evt_', 'event'],
]

/** The pieces of evidence of some lines, each once; whatever has no prefix of ours is a report. */
export function evidenceOf(lines: string): Reference[] {
  const ids = new Set(lines.split(/[\s,]+/).filter(Boolean))
  return [...ids].map((id) => ({ id, kind: KINDS.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'report' }))
}
