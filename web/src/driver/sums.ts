/** Earnings of several days as one. */

import type { Earnings, Money } from './model'

export const SUMS = ['trips', 'tips', 'extra', 'corrections', 'instant', 'carried'] as const

export interface Total {
  currency: string
  sums: Record<(typeof SUMS)[number], Money>
  total: Money
}

/** The sums of days by currency, in the order in which the currencies first stand. */
export function totalled(days: readonly Earnings[]): Total[] {
  const found = new Map<string, Total>()
  for (const { currency, sums, total } of days.flatMap((day) => day.totals)) {
    const before = found.get(currency)
    const add = (one: Money, other: Money | undefined): Money => ({ ...one, amount: one.amount + (other?.amount ?? 0) })
    found.set(currency, {
      currency,
      sums: {
        trips: add(sums.trips, before?.sums.trips),
        tips: add(sums.tips, before?.sums.tips),
        extra: add(sums.extra, before?.sums.extra),
        corrections: add(sums.corrections, before?.sums.corrections),
        instant: add(sums.instant, before?.sums.instant),
        carried: add(sums.carried, before?.sums.carried),
      },
      total: add(total, before?.total),
    })
  }
  return [...found.values()]
}
