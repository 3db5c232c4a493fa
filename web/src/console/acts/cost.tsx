import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import type { Rerouted } from '../api/types'
import { useDesk } from '../shell/desk'
import { change, orderName, shortId, span } from '../shell/words'

/** The cost of a change to each driver, before it is done: driving, lateness, and the stops that it makes later. */
export function Costs({ routes }: { routes: readonly Rerouted[] }) {
  const { texts, live, language, nameOf } = useDesk()
  if (!routes.length) return <p class="soft">{texts.cost.none}</p>
  return (
    <ul class="costs">
      {routes.map(({ driver_id, before, after, later }) => (
        <li key={driver_id}>
          <strong>{nameOf(driver_id)}</strong>
          <dl class="cost">
            <div>
              <dt>{texts.cost.driving}</dt>
              <dd>{change(after.cost.driving_s - before.cost.driving_s, texts)}</dd>
            </div>
            <div>
              <dt>{texts.cost.waiting}</dt>
              <dd>{change(after.cost.waiting_s - before.cost.waiting_s, texts)}</dd>
            </div>
            <div class={after.cost.late_s > before.cost.late_s ? 'bad' : ''}>
              <dt>{texts.cost.late}</dt>
              <dd>{change(after.cost.late_s - before.cost.late_s, texts)}</dd>
            </div>
          </dl>
          {later.length === 0 ? (
            <p class="soft">{texts.cost.nobody_later}</p>
          ) : (
            <ul class="later">
              {later.map((stop) => (
                <li key={stop.stop_id}>
                  {fill(texts.cost.later, {
                    order: orderOf(stop.delivery_id),
                    before: span(stop.late_before_s, texts),
                    after: span(stop.late_after_s, texts),
                  })}
                </li>
              ))}
            </ul>
          )}
          <ol class="cost-stops" aria-label={texts.cost.stops}>
            {after.stops.map((stop) => (
              <li key={stop.stop_id}>
                {texts.stop[stop.kind]} {orderOf(stop.delivery_id)}{' '}
                {stop.eta && <time dateTime={stop.eta}>{timeOfDay(stop.eta, live?.clock.now() ?? Date.now(), language)}</time>}
              </li>
            ))}
          </ol>
        </li>
      ))}
    </ul>
  )

  function orderOf(deliveryId: string): string {
    const row = live?.deliveryOf.get(deliveryId)
    return row ? orderName(row) : `…${shortId(deliveryId)}`
  }
}
