import { useEffect, useRef, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import type { Message } from '../api/types'
import { useAsking } from '../live/use_asking'
import { useDesk } from '../shell/desk'
import { cursorOf, joined, unreadUntil } from './threads'

type Page = Schemas['MessagePage']

const PACE = { everyMs: 5000, longestMs: 60_000 }
export const LONGEST_TEXT = 1000
/** Messages shown at once, the newest. */
const STEP = 10

/** The messages between a driver and the dispatchers. */
export function Thread({ driverId }: { driverId: string }) {
  const { texts, live, language } = useDesk()
  const known = useRef<{ messages: Message[]; more: boolean }>({ messages: [], more: true })
  const ask = () => reading.messages(driverId, cursorOf(known.current.messages, known.current.more))
  const { data, problem, again } = useAsking(driverId, PACE, ask, (before: Message[] | null, answer: Page) => {
    const messages = joined(before ?? [], answer.messages)
    known.current = { messages, more: answer.next_after !== null }
    return messages
  })
  useEffect(() => {
    if (known.current.more && data?.length) again()
  }, [data])
  const until = unreadUntil(data ?? [])
  useEffect(() => {
    if (until) void acting.markRead(driverId, until)
  }, [driverId, until])
  const [text, write] = useState('')
  const [most, setMost] = useState(STEP)
  const act = useAct<Message>()
  // The same id goes out again until the message arrived, so that a second press is the same message.
  const id = useRef(crypto.randomUUID())
  const now = live?.clock.now() ?? Date.now()

  const send = async (): Promise<void> => {
    const words = text.trim()
    if (!words) return
    const answer = await act.send(() => acting.write(driverId, id.current, words))
    if (!answer || answer.problem) return
    id.current = crypto.randomUUID()
    write('')
    again()
  }
  return (
    <section aria-labelledby="thread-heading">
      <h3 id="thread-heading">{texts.message.heading}</h3>
      {problem && !data && <Refused problem={problem} texts={texts} />}
      {data?.length === 0 && <p class="soft">{texts.message.none}</p>}
      {data && data.length > most && (
        <button type="button" class="quiet" onClick={() => setMost(most + STEP)}>
          {texts.message.earlier}
        </button>
      )}
      {data && data.length > 0 && (
        <ol class="thread">
          {data.slice(-most).map((message) => (
            <li key={message.message_id} class={`said-by-${message.sender}`}>
              <p class="soft">
                {texts.sender[message.sender]}{' '}
                <time dateTime={message.at}>{timeOfDay(message.at, now, language)}</time>
                {message.sender === 'staff' && message.read_at && ` · ${texts.message.read}`}
              </p>
              <p class="words">{message.text}</p>
            </li>
          ))}
        </ol>
      )}
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <label class="field">
          {texts.message.label}
          <textarea rows={2} maxLength={LONGEST_TEXT} value={text} onInput={({ currentTarget }) => write(currentTarget.value)} />
        </label>
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        <button type="submit" class="act main" disabled={!text.trim()} aria-disabled={act.phase === 'busy'}>
          {texts.message.send}
        </button>
      </form>
    </section>
  )
}
