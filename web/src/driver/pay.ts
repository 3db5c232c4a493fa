/** Pay of an offer: its total with the tip, and what that is by the hour. */

import type { Money, Offer } from './model'

export const totalOf = (offer: Offer): Money => ({
  amount: offer.pay_total.amount + offer.tip.amount,
  currency: offer.pay_total.currency,
})

/** Parts with the same code as one, in the order in which they first stand. */
export function summed(parts: Offer['pay_parts']): Offer['pay_parts'] {
  const sums = new Map<string, Money>()
  for (const { code, amount } of parts) {
    const before = sums.get(code)
    sums.set(code, before ? { ...before, amount: before.amount + amount.amount } : amount)
  }
  return Array.from(sums, ([code, amount]) => ({ code, amount }))
}
