/** Amounts of money as the API has them: whole minor units of an ISO 4217 currency. */

/** Decimals by ISO 4217, as the API counts, of currencies for which some browsers write fewer. */
const ISO_DIGITS: Record<number, string> = {
  2: 'AFN ALL COP HUF IDR IRR KPW LAK LBP MGA MMK PKR SOS SYP YER',
  3: 'IQD',
}

/** Decimals of a currency by ISO 4217. */
export function digitsOf(currency: string): number {
  const iso = Object.entries(ISO_DIGITS).find(([, codes]) => codes.includes(currency))
  if (iso) return Number(iso[0])
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** An amount in minor units as the language writes it: 350 and USD are "$3.50". */
export function money(amount: number, currency: string, language: string): string {
  const digits = digitsOf(currency)
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(language, { style: 'currency', currency, ...fraction }).format(amount / 10 ** digits)
}

/** The minor units of an amount as a person writes it, "3.50" or "3,5"; null if it is none of the currency. */
export function minorUnits(written: string, currency: string): number | null {
  const [, whole, part = ''] = /^(\d+)(?:[.,](\d+))?$/.exec(written.trim()) ?? []
  const digits = digitsOf(currency)
  if (!whole || part.length > digits) return null
  const minor = Number(whole + part.padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? minor : null
}
