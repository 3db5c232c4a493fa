/** Days as the API writes them. */

export const dayWords = (day: string, language: string): string =>
  new Date(`${day}T12:00:00`).toLocaleDateString(language, { dateStyle: 'medium' })

/** The day of a moment in the payer's time zone, which is that of the tax office. */
export const officeDay = (now: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' }).format(now)
