/** Messages as they come in: pages are joined by id, and the last ones are asked for again, since they may have been read. */

import type { Message } from '../api/types'

/** Messages that are asked for again. */
const AGAIN = 10

/** The known messages with those of a page; a message that came again has its new state. */
export function joined(known: readonly Message[], page: readonly Message[]): Message[] {
  const all = new Map(known.map((one) => [one.message_id, one]))
  for (const one of page) all.set(one.message_id, one)
  return [...all.values()]
}

/** The message after which to ask; undefined for the first page. */
export const cursorOf = (known: readonly Message[], wholePages: boolean): string | undefined =>
  wholePages ? known.at(-1)?.message_id : known.at(-1 - AGAIN)?.message_id

/** The moment up to which the driver's messages are to be marked as read; null if all are. */
export function unreadUntil(known: readonly Message[]): string | null {
  return known.findLast(({ sender, read_at }) => sender === 'driver' && !read_at)?.at ?? null
}
