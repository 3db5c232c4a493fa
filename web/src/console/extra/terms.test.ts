import { expect, it } from 'vitest'
import { KINDS, termsOf } from './terms'

it('has for each kind its own fields and no other', () => {
  expect(KINDS.map((kind) => termsOf(kind, 12, 3000, 80))).toEqual([
    { kind: 'quest', steps: [{ deliveries: 12, amount: 3000 }] },
    { kind: 'batch_bonus', deliveries: 12, amount: 3000 },
    { kind: 'peak_bonus', amount: 3000 },
    { kind: 'guarantee', amount: 3000, duty_percent: 80 },
  ])
})
