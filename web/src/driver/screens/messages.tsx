import { useEffect, useRef, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { type Talk, markRead, talkOf, waitingOf } from '../messages'
import type { Message } from '../model'
import { Head, Read } from '../parts/screen'
import { at } from '../parts/words'
import { deliveryMessage, message, readMessages } from '../queue/steps'
import { useReading } from '../reading'

const LOOK_EVERY_MS = 10_000
const LONGEST_TEXT = 1000
const LONGEST_ANSWER_MS = 15_000

/** Messages with dispatch, or with the customer of a delivery if one is named. */
export function MessagesScreen({ id: deliveryId }: { id: string }) {
  const app = useApp()
  const { texts, queue, status, route, perform } = app
  const reading = useReading<Talk>(queue, `messages ${deliveryId}`, talkOf(deliveryId), LOOK_EVERY_MS)
  const stop = route.value?.stops.find((one) => one.delivery_id === deliveryId)
  const newest = reading.value?.messages.at(-1)
  const waits = waitingOf(status.actions, deliveryId, reading.value?.messages ?? [])

  useEffect(() => {
    if (!newest || !reading.value?.unread) return
    if (!deliveryId) void perform(readMessages(newest.at))
    else void markRead(deliveryId, newest.at, AbortSignal.timeout(LONGEST_ANSWER_MS)).catch(() => {})
  }, [newest?.message_id, reading.value?.unread])
  useEffect(() => queue.on('answered', ({ action }) => /message/.test(action.kind) && reading.again()), [queue])

  const send = async (text: string): Promise<boolean> => {
    const said = text.trim()
    if (!said) return false
    return (await perform(deliveryId ? deliveryMessage(deliveryId, said) : message(said))) !== null
  }
  const title = deliveryId ? fill(texts.chat.customer, { number: stop?.order_number ?? '' }) : texts.chat.dispatch
  return (
    <>
      <Head title={title} back="help" />
      <Read of={reading}>
        {({ messages }) => (
          <ol class="talk" aria-label={texts.chat.log} aria-live="polite">
            {messages.map((one) => (
              <Said key={one.message_id} one={one} />
            ))}
            {waits.map((one) => (
              <li key={one.id} class="said said-own">
                <p>{one.text}</p>
                <small>{texts.chat.waits}</small>
              </li>
            ))}
            {!messages.length && !waits.length && <li class="soft">{texts.chat.empty}</li>}
          </ol>
        )}
      </Read>
      <Write send={send} ready={deliveryId ? texts.chat.quick_customer : texts.chat.quick} />
    </>
  )
}

function Said({ one }: { one: Message }) {
  const app = useApp()
  const { texts } = app
  const own = one.sender === 'driver'
  const names = { driver: texts.chat.you, staff: texts.chat.staff, customer: texts.chat.customer_name }
  const end = useRef<HTMLLIElement>(null)
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [])
  return (
    <li class={own ? 'said said-own' : 'said'} ref={end}>
      <p>{one.text}</p>
      <small>
        {names[one.sender]}, {at(app, one.at)}
      </small>
    </li>
  )
}

function Write({ send, ready }: { send: (text: string) => Promise<boolean>; ready: readonly string[] }) {
  const { texts } = useApp()
  const [text, write] = useState('')
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (await send(text)) write('')
  }
  return (
    <form class="confirm" onSubmit={(event) => void submit(event)}>
      <div class="ways" role="group" aria-label={texts.chat.quick_label}>
        {ready.map((one) => (
          <button key={one} type="button" class="way" onClick={() => void send(one)}>
            {one}
          </button>
        ))}
      </div>
      <label class="field">
        {texts.chat.write}
        <textarea
          rows={2}
          maxLength={LONGEST_TEXT}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button button-big">
        {texts.chat.send}
      </button>
    </form>
  )
}
