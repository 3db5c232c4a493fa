/** Terms of an incentive from what staff typed. */

import type { Schemas } from '../../parts/client'

export const KINDS = ['quest', 'batch_bonus', 'peak_bonus', 'guarantee'] as const
export type Kind = (typeof KINDS)[number]

export function termsOf(kind: Kind, count: number, amount: number, percent: number): Schemas['IncentiveInput']['terms'] {
  switch (kind) {
    case 'quest':
      return { kind, steps: [{ deliveries: count, amount }] }
    case 'batch_bonus':
      return { kind, deliveries: count, amount }
    case 'peak_bonus':
      return { kind, amount }
    case 'guarantee':
      return { kind, amount, duty_percent: percent }
  }
}
