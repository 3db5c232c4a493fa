/** Moments as the API writes them, shown in the language of the page and the time zone of the phone. */

const MINUTE_MS = 60_000

/** The API's clock, carried on between answers: phones' clocks are wrong by minutes, and a local stack's runs fast. */
export class ServerClock {
  private constructor(
    private readonly serverMs: number,
    private readonly monotonicMs: number,
  ) {}

  static setAt(asOf: string, monotonicMs = performance.now()): ServerClock {
    return new ServerClock(Date.parse(asOf), monotonicMs)
  }

  now(monotonicMs = performance.now()): number {
    return this.serverMs + monotonicMs - this.monotonicMs
  }
}

/** "6:42 PM" in its parts, with the weekday before it unless the day is that of `nowMs`. */
export function timeParts(at: string, nowMs: number, language: string, timeZone?: string): Intl.DateTimeFormatPart[] {
  const moment = new Date(at)
  const day = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'numeric', day: 'numeric', timeZone })
  const time: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit', timeZone }
  if (day.format(moment) !== day.format(nowMs)) time.weekday = 'short'
  return new Intl.DateTimeFormat(language, time).formatToParts(moment)
}

/** The same as text. */
export function timeOfDay(at: string, nowMs: number, language: string, timeZone?: string): string {
  return timeParts(at, nowMs, language, timeZone)
    .map(({ value }) => value)
    .join('')
}

/** Whole minutes until a moment, at least 0. */
export function minutesUntil(at: string, nowMs: number): number {
  return Math.max(0, Math.ceil((Date.parse(at) - nowMs) / MINUTE_MS))
}

/** "2 minutes ago", "20 seconds ago". */
export function ago(at: string | number, nowMs: number, language: string): string {
  const moment = typeof at === 'number' ? at : Date.parse(at)
  const seconds = Math.max(0, Math.round((nowMs - moment) / 1000))
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  if (seconds < 60) return words.format(-seconds, 'second')
  if (seconds < 3600) return words.format(-Math.round(seconds / 60), 'minute')
  if (seconds < 86_400) return words.format(-Math.round(seconds / 3600), 'hour')
  return words.format(-Math.round(seconds / 86_400), 'day')
}
