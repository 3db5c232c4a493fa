import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { useDesk } from '../shell/desk'
import { isDriver, shortId, wordFor } from '../shell/words'
import type { SectionProps } from './panel'

/** The timeline, times at the stops, and the way to the audit trail. */
export function History({ known }: SectionProps) {
  const { texts, live, language, go, may, nameOf } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  const time = (at: string): string => timeOfDay(at, now, language)
  const who = (actor: string): string => {
    const word = (texts.actor as Record<string, string>)[actor]
    if (word) return word
    if (isDriver(actor)) return nameOf(actor)
    return actor.length > 14 ? `…${shortId(actor)}` : actor
  }
  const steps = (known.delivery.timeline ?? []).toReversed()
  return (
    <section aria-labelledby="history-heading">
      <h3 id="history-heading">{texts.history.heading}</h3>
      <ol class="timeline">
        {steps.map((step, index) => (
          <li key={`${step.at} ${step.state} ${index}`}>
            <span>
              {texts.state[step.state]}{' '}
              <span class="soft">
                {fill(texts.history.by, { actor: who(step.actor) })}
                {step.reason && `, ${wordFor({ ...texts.failure, ...texts.history.reason }, step.reason)}`}
                {typeof step.distance_m === 'number' && `, ${fill(texts.history.away, { metres: step.distance_m })}`}
              </span>
            </span>
            <time dateTime={step.at}>{time(step.at)}</time>
          </li>
        ))}
      </ol>
      {known.stops.some((stop) => stop.differs) && <p class="warn">{texts.history.differs}</p>}
      <ul class="soft">
        {known.stops
          .filter((stop) => stop.arrived_at)
          .map((stop) => (
            <li key={stop.kind}>
              {fill(stop.done_at ? texts.history.stop_done : texts.history.stop_there, {
                stop: texts.stop[stop.kind],
                from: stop.arrived_at ? time(stop.arrived_at) : '',
                to: stop.done_at ? time(stop.done_at) : '',
              })}
            </li>
          ))}
      </ul>
      {may('read_audit') && (
        <button type="button" class="quiet" onClick={() => go({ view: 'audit', subject: known.delivery.id })}>
          {texts.history.audit}
        </button>
      )}
    </section>
  )
}
