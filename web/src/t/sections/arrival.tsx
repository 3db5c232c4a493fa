import { fill } from '../../parts/texts'
import { minutesUntil, timeOfDay, timeParts } from '../../parts/time'
import { type State, type View, isClosed } from '../following'
import { type SectionProps, merchantOf, zoneOf } from '../section'
import type { Texts } from '../texts'

/** How far the delivery is, in four legs: ordered, at the shop, under way, at the door. */
const LEGS: Partial<Record<State, number>> = {
  created: 1,
  offered: 1,
  assigned: 1,
  en_route_to_pickup: 2,
  arrived_at_pickup: 2,
  picked_up: 2,
  en_route_to_dropoff: 3,
  arrived_at_dropoff: 4,
  delivered: 4,
}

/** The state as a headline, the expected time with its interval, or the outcome. */
export function Arrival(props: SectionProps) {
  const { view, texts } = props
  const said = saidOf(view, texts)
  return (
    <section class="arrival">
      <h1>{texts.title[view.state]}</h1>
      {said && <p class="said">{fill(said, { merchant: merchantOf(view) })}</p>}
      {!isClosed(view.state) && view.state !== 'returning' && <Expected {...props} />}
      <Progress state={view.state} />
    </section>
  )
}

function saidOf(view: View, texts: Texts): string | null {
  switch (view.state) {
    case 'created':
    case 'offered':
    case 'expired':
    case 'cancelled':
      return texts.said[view.state]
    case 'delivered':
      return view.left_at_door ? texts.said.left_at_door : texts.said.handed_over
    case 'failed':
    case 'returning':
    case 'returned':
      return texts.failure[view.failure ?? 'other']
    default:
      return null
  }
}

function Expected({ view, clock, texts, language }: SectionProps) {
  const now = clock.now()
  const write = (at: string): string => timeOfDay(at, now, language, zoneOf(view))
  const promised = write(view.promised_until)
  if (!view.eta) {
    return (
      <>
        <p class="promise">{fill(texts.arrival.promised, { time: promised })}</p>
        <p class="promise">{texts.arrival.unknown}</p>
      </>
    )
  }
  const minutes = minutesUntil(view.eta, now)
  const late = Date.parse(view.eta) > Date.parse(view.promised_until)
  return (
    <>
      <p class="expected">
        <span class="expected-label">
          {texts.arrival.heading}{' '}
          <span class="expected-minutes">
            {minutes ? fill(texts.arrival.in_minutes, { minutes }) : texts.arrival.any_moment}
          </span>
        </span>
        <time class="expected-time" dateTime={view.eta}>
          {timeParts(view.eta, now, language, zoneOf(view)).map(({ type, value }) =>
            type === 'dayPeriod' || type === 'weekday' || !value.trim() ? <small key={type}>{value}</small> : value,
          )}
        </time>
      </p>
      <Interval view={view} text={texts.arrival.between} write={write} />
      <p class={late ? 'promise late' : 'promise'}>
        {fill(late ? texts.arrival.late : texts.arrival.promised, { time: promised })}
      </p>
    </>
  )
}

/** The interval as a line, on which a dot stands at the expected time, and as words. */
function Interval({ view, text, write }: { view: View; text: string; write: (at: string) => string }) {
  if (!view.eta || !view.eta_earliest || !view.eta_latest) return null
  const [from, at, to] = [view.eta_earliest, view.eta, view.eta_latest].map(Date.parse) as [number, number, number]
  const share = to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 0.5
  return (
    <div class="interval">
      <div class="interval-line" aria-hidden="true" style={{ '--at': `${Math.round(share * 100)}%` }} />
      <p>{fill(text, { from: write(view.eta_earliest), to: write(view.eta_latest) })}</p>
    </div>
  )
}

function Progress({ state }: { state: State }) {
  const done = LEGS[state]
  if (!done) return null
  const moving = !isClosed(state)
  return (
    <div class="progress" aria-hidden="true">
      {[1, 2, 3, 4].map((leg) => (
        <span key={leg} class={leg > done ? '' : leg === done && moving ? 'done now' : 'done'} />
      ))}
    </div>
  )
}
