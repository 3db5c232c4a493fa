/** Plans of finance's mails between the form and the API. */

import type { Schemas } from '../../parts/client'

export const KINDS = ['flash', 'weekly', 'month', 'exceptions'] as const
export type Kind = (typeof KINDS)[number]
export type Plans = Schemas['FinanceMails']['plans']
export type Plan = Plans[Kind]

/** The addresses that stand on the lines of a text, each once. */
export function addressesIn(text: string): string[] {
  const written = text.split(/[\s,;]+/).filter(Boolean)
  return written.filter((one, place) => written.findIndex((other) => other.toLowerCase() === one.toLowerCase()) === place)
}

/** The plans as the API takes them. */
export const inputOf = (plans: Plans): Schemas['FinanceMailsRequest']['plans'] => plans as Schemas['FinanceMailsRequest']['plans']
