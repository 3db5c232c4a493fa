import { useRef } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { isClosed } from '../following'
import { type SectionProps, zoneOf } from '../section'

const WORTH_SAYING_MS = 2 * 60_000

/** What a screen reader says by itself: a new state, or an arrival that moved by two minutes and more. */
export function Announcement({ view, clock, texts, language }: SectionProps) {
  const last = useRef({ state: '', eta: 0, text: '' })
  const eta = view.eta && !isClosed(view.state) ? Date.parse(view.eta) : 0
  if (view.state !== last.current.state || Math.abs(eta - last.current.eta) >= WORTH_SAYING_MS) {
    const title = texts.title[view.state]
    const time = view.eta ? timeOfDay(view.eta, clock.now(), language, zoneOf(view)) : ''
    last.current = { state: view.state, eta, text: eta ? fill(texts.arrival.announced, { title, time }) : title }
  }
  return (
    <p class="unseen" role="status" aria-live="polite">
      {last.current.text}
    </p>
  )
}
