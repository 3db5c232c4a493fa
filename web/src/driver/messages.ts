/** Messages with dispatch or with a customer: all pages of them, and what waits on the phone. */

import { api } from '../parts/client'
import type { Message } from './model'
import type { Action } from './queue'
import { type Ask, bodyOf } from './reading'

export interface Talk {
  messages: Message[]
  unread: number
}

const MOST_PAGES = 20

/** Read all messages of a talk; `deliveryId` is empty for dispatch. */
export const talkOf =
  (deliveryId: string): Ask<Talk> =>
  async (signal) => {
    const talk: Talk = { messages: [], unread: 0 }
    let after: string | null = null
    for (let page = 0; page < MOST_PAGES; page++) {
      const query: { after?: string } = after === null ? {} : { after }
      const found: Talk & { next_after: string | null } = bodyOf(
        deliveryId
          ? await api.GET('/v1/driver/deliveries/{delivery_id}/messages', {
              params: { path: { delivery_id: deliveryId }, query },
              signal,
            })
          : await api.GET('/v1/driver/messages', { params: { query }, signal }),
      )
      talk.messages.push(...found.messages)
      talk.unread = found.unread
      after = found.next_after
      if (after === null) break
    }
    return talk
  }

/** Tell the API that the driver has read a customer's messages until a moment. */
export const markRead = (deliveryId: string, until: string, signal: AbortSignal): Promise<unknown> =>
  api.POST('/v1/driver/deliveries/{delivery_id}/messages/read', {
    params: { path: { delivery_id: deliveryId } },
    body: { until },
    signal,
  })

export interface Waiting {
  id: string
  text: string
  at: string
}

/** Messages of a talk that are on the phone alone. */
export function waitingOf(actions: readonly Action[], deliveryId: string, sent: readonly Message[]): Waiting[] {
  const known = new Set(sent.map((one) => one.message_id))
  return actions.flatMap((one) => {
    const mine = deliveryId ? one.kind === 'delivery_message' && one.deliveryId === deliveryId : one.kind === 'message'
    const text = one.body?.['text']
    const messageId = one.body?.['message_id']
    if (!mine || one.state === 'done' || typeof text !== 'string') return []
    return typeof messageId === 'string' && known.has(messageId) ? [] : [{ id: one.id, text, at: one.deviceAt }]
  })
}
