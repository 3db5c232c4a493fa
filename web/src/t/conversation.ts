/** The messages of the customer with the driver, and the outcome of the last one that was sent. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { type Schemas, api } from '../parts/client'
import { keepAsking, pause } from '../parts/polling'
import { LONGEST_REQUEST_MS, NO_ANSWER, type Phase, codeOf } from './acting'

export type Message = Schemas['MessageView']

/** The longest message of the API, in characters. */
export const LONGEST_MESSAGE = 1000

const PACE = { everyMs: 10_000, longestMs: 120_000 }
/** Messages that are asked for again, to see which of them were read. */
const LOOKED_BACK = 20
const HOUR_MS = 3_600_000

/** A UUID. `crypto.randomUUID` is missing where a page comes without TLS, as on a local platform. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Known messages with others that came, each once, the oldest first; one that came anew replaces the older copy. */
export function joined(known: readonly Message[], came: readonly Message[]): Message[] {
  const byId = new Map([...known, ...came].map((message) => [message.message_id, message]))
  return [...byId.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** True from an hour after the hand-over, when the page no longer asks for the delivery. */
export const isOver = (endedAt: string | null, nowMs: number): boolean =>
  endedAt !== null && nowMs >= Date.parse(endedAt) + HOUR_MS

const markedRead = (message: Message, until: string): Message =>
  message.sender === 'driver' && !message.read_at && message.at <= until ? { ...message, read_at: until } : message

export interface Conversation {
  messages: readonly Message[]
  phase: Phase
  /** The code of the problem in phase `failed`, else an empty text. */
  code: string
  send: (text: string) => Promise<boolean>
  forget: () => void
  /** The customer has seen what is there. */
  seen: () => void
}

/** Follow a conversation: while both may write again and again, else once if there is something to read. */
export function useConversation(token: string, open: boolean, worthReading: boolean): Conversation {
  const [messages, setMessages] = useState<readonly Message[]>([])
  const [outcome, set] = useState<{ phase: Phase; code: string }>({ phase: 'idle', code: '' })
  const draft = useRef({ id: '', text: '' })
  const busy = useRef(false)
  const marked = useRef('')

  useEffect(() => {
    if (!open && !worthReading) return
    let failures = 0
    let known: Message[] = []
    let after: string | undefined
    let gone = false
    const ask = async (): Promise<number | null> => {
      try {
        const { data, response } = await api.GET('/v1/track/{token}/messages', {
          params: { path: { token }, query: after ? { after } : {} },
          signal: AbortSignal.timeout(LONGEST_REQUEST_MS),
        })
        if (gone) return null
        if (!data) return response.status < 500 && response.status !== 429 ? null : pause(PACE, ++failures)
        failures = 0
        known = joined(known, data.messages)
        after = data.next_after ?? known.at(-LOOKED_BACK)?.message_id
        setMessages((before) => joined(before, data.messages))
        if (data.next_after) return 0
        return open ? PACE.everyMs : null
      } catch {
        return pause(PACE, ++failures)
      }
    }
    const stop = keepAsking(ask)
    return () => {
      gone = true
      stop()
    }
  }, [token, open, worthReading])

  const send = async (text: string): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    // The same text keeps its id, so that what arrived without an answer is not said twice.
    if (draft.current.text !== text) draft.current = { id: uuid(), text }
    set({ phase: 'busy', code: '' })
    try {
      const { data, error } = await api.POST('/v1/track/{token}/messages', {
        params: { path: { token } },
        body: { message_id: draft.current.id, text },
        signal: AbortSignal.timeout(LONGEST_REQUEST_MS),
      })
      if (data) {
        draft.current = { id: '', text: '' }
        setMessages((known) => joined(known, [data]))
      }
      set(data ? { phase: 'done', code: '' } : { phase: 'failed', code: codeOf(error) })
      return Boolean(data)
    } catch {
      set({ phase: 'failed', code: NO_ANSWER })
      return false
    } finally {
      busy.current = false
    }
  }

  const seen = (): void => {
    const until = messages.findLast(({ sender, read_at: at }) => sender === 'driver' && !at)?.at
    if (!until || until === marked.current) return
    marked.current = until
    const asked = { params: { path: { token } }, body: { until }, signal: AbortSignal.timeout(LONGEST_REQUEST_MS) }
    void api
      .POST('/v1/track/{token}/messages/read', asked)
      .then(() => setMessages((known) => known.map((one) => markedRead(one, until))))
      .catch(() => (marked.current = ''))
  }
  const forget = (): void => {
    if (!busy.current) set({ phase: 'idle', code: '' })
  }
  return { messages, ...outcome, send, forget, seen }
}
