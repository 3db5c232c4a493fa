/** Codes of the API and measures as a person reads them. */

import { fill } from '../../parts/texts'
import type { Texts } from '../texts'

/** The words for a code. A code without words is shown with spaces, so that nothing is hidden. */
export function wordFor(words: Record<string, string>, code: string | null | undefined): string {
  if (!code) return ''
  return words[code] ?? code.replaceAll('_', ' ')
}

/** "4 min", "1 h 05"; under a minute "40 s". */
export function span(seconds: number, texts: Texts): string {
  const whole = Math.round(Math.abs(seconds))
  if (whole < 60) return fill(texts.span.seconds, { count: whole })
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return fill(texts.span.minutes, { count: minutes })
  return fill(texts.span.hours, { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, '0') })
}

/** The same with its sign: "+4 min", "−40 s". */
export function change(seconds: number, texts: Texts): string {
  if (Math.round(seconds) === 0) return texts.span.none
  return `${seconds > 0 ? '+' : '−'}${span(seconds, texts)}`
}

/** The last six characters of an id, for what has no other name. */
export const shortId = (id: string): string => id.slice(-6)

/** True if an id is a driver's. */
export const isDriver = (id: string): boolean => id.startsWith('drv_')

/** The name of an order: its number, else the end of its id. */
export const orderName = (order: { delivery_id: string; order_number: string | null }): string =>
  order.order_number ?? `…${shortId(order.delivery_id)}`
