import { timeOfDay } from '../../parts/time'
import { isClosed } from '../following'
import { type SectionProps, zoneOf } from '../section'

/** What has happened so far, the newest first. */
export function Timeline({ view, clock, texts, language }: SectionProps) {
  // A failure with goods on board and the way back begin at one moment; the failure is what the customer looks for.
  const steps = view.timeline.toReversed()
  return (
    <section class="card">
      <h2>{texts.timeline.heading}</h2>
      <ol class="timeline">
        {steps.map((step, index) => (
          <li key={step.state} class={index === 0 && !isClosed(view.state) ? 'now' : ''}>
            <span>{(texts.timeline as Record<string, string>)[step.state]}</span>
            <time dateTime={step.at}>{timeOfDay(step.at, clock.now(), language, zoneOf(view))}</time>
          </li>
        ))}
      </ol>
    </section>
  )
}
