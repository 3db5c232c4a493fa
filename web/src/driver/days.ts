/** Days of earnings: dates without a time, as the API names its periods. */

const DAY_MS = 86_400_000

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const plusDays = (day: string, days: number): string => dayOf(Date.parse(`${day}T12:00:00Z`) + days * DAY_MS)

/** The last `count` days up to one, the oldest first. */
export const daysTo = (day: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => plusDays(day, index - count + 1))

/** "Fri, Jun 5": a day without a time has no time zone either. */
export function written(day: string, language: string): string {
  const form = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(language, form).format(Date.parse(`${day}T12:00:00Z`))
}

/** "May 1, 2031". */
export function writtenInFull(day: string, language: string): string {
  const form = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(language, form).format(Date.parse(`${day}T12:00:00Z`))
}
