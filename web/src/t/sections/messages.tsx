import { useEffect, useRef, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { LONGEST_MESSAGE, type Message, isOver, useConversation } from '../conversation'
import { refusalSaid } from '../acting'
import { isClosed } from '../following'
import { type SectionProps, zoneOf } from '../section'
import { Call } from './call'
import './messages.css'

/** The conversation with the driver, from the pickup until an hour after the stop; afterwards it is only read. */
export function Messages(props: SectionProps) {
  const { view, token, clock, texts } = props
  const ended = isClosed(view.state) ? (view.timeline.at(-1)?.at ?? null) : null
  const open = Boolean(view.contact) && !isOver(ended, clock.now())
  const fetched = view.timeline.some(({ state }) => state === 'picked_up')
  const talk = useConversation(token, open, fetched)
  const place = useSeen(talk.messages, talk.seen)
  const [text, write] = useState('')
  if (!open && !talk.messages.length) return null

  const said = text.trim()
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (said && (await talk.send(said))) write('')
  }
  const toRead = talk.messages.filter(({ sender, read_at: at }) => sender === 'driver' && !at)
  const unread = talk.messages.length ? toRead.length : (view.unread ?? 0)
  return (
    <section class="card act messages" ref={place}>
      <h2>
        {texts.messages.heading}
        {unread > 0 && <span class="badge">{fill(texts.messages.unread, { count: unread })}</span>}
      </h2>
      <div role="log" aria-label={texts.messages.heading} class="log">
        {talk.messages.map((message) => (
          <Said key={message.message_id} message={message} {...props} />
        ))}
      </div>
      {open && (
        <form onSubmit={(event) => void submit(event)} aria-busy={talk.phase === 'busy'}>
          <label class="field">
            {texts.messages.label}
            <textarea
              rows={2}
              maxLength={LONGEST_MESSAGE}
              required
              value={text}
              onInput={(event) => {
                write(event.currentTarget.value)
                talk.forget()
              }}
            />
          </label>
          <button type="submit" class="button" aria-disabled={talk.phase === 'busy'}>
            {talk.phase === 'busy' ? texts.acting.busy : texts.messages.send}
          </button>
        </form>
      )}
      <p role="status" class={talk.phase === 'failed' ? 'told bad' : 'told'}>
        {talk.phase === 'failed' && refusalSaid(texts, talk.code)}
        {talk.phase === 'done' && texts.messages.sent}
      </p>
      {open && view.calls && <Call {...props} />}
    </section>
  )
}

function Said({ message, view, clock, texts, language }: SectionProps & { message: Message }) {
  const own = message.sender === 'customer'
  const read = own && message.read_at ? ` · ${texts.messages.read}` : ''
  return (
    <div class={own ? 'message own' : 'message'}>
      <p class="message-text">{message.text}</p>
      <p class="soft">
        {own ? texts.messages.you : texts.messages.driver}
        {' · '}
        <time dateTime={message.at}>{timeOfDay(message.at, clock.now(), language, zoneOf(view))}</time>
        {read}
      </p>
    </div>
  )
}

/** A place in the page, and `seen` whenever it is looked at after something changed. */
function useSeen(messages: readonly Message[], seen: () => void) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!place.current) return
    if (typeof IntersectionObserver === 'undefined') return seen()
    const watch = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) seen()
    })
    watch.observe(place.current)
    return () => watch.disconnect()
  }, [messages])
  return place
}
