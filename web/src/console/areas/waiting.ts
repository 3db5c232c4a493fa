import type { Schemas } from '../../parts/client'
import { digitsOf, minorUnits } from '../../parts/money'

export type WaitTerms = Schemas['WaitTerms']

/** The terms of waiting as somebody types them: amounts in units of the currency, and whole minutes. */
export interface Typed {
  pay: string
  charge: string
  grace: string
  most: string
}

/** The bounds of the API; it refuses what is beyond. */
export const MOST_GRACE = 240
export const MOST_COUNTED = 480

const written = (minor: number, currency: string): string => (minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency))

/** The terms as they are typed; those of a zone that has none are the API's defaults. */
export const typedOf = (terms: WaitTerms | undefined, currency: string): Typed => ({
  pay: written(terms?.pay_per_minute ?? 0, currency),
  charge: written(terms?.charge_per_minute ?? 0, currency),
  grace: String(terms?.grace_minutes ?? 10),
  most: String(terms?.most_minutes ?? 60),
})

const minutesOf = (text: string, most: number): number | null => {
  const minutes = /^\d{1,3}$/.test(text.trim()) ? Number(text) : null
  return minutes !== null && minutes <= most ? minutes : null
}

/** The terms that are typed; null if something is no amount of the currency, or no number of minutes that is allowed. */
export function termsOf(typed: Typed, currency: string): WaitTerms | null {
  const [pay, charge] = [minorUnits(typed.pay, currency), minorUnits(typed.charge, currency)]
  const [grace, most] = [minutesOf(typed.grace, MOST_GRACE), minutesOf(typed.most, MOST_COUNTED)]
  if (pay === null || charge === null || grace === null || most === null) return null
  return { pay_per_minute: pay, charge_per_minute: charge, grace_minutes: grace, most_minutes: most }
}
