import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import type { Dispatched } from '../api/types'
import { useDesk } from '../shell/desk'
import { orderName, shortId, wordFor } from '../shell/words'
import { Outcome } from './outcome'

/** The offers that the platform would make next, and the button that makes them now. */
export function PlanPanel({ close }: { close: () => void }) {
  const { texts, live, zone, may, look, nameOf } = useDesk()
  const { data, problem, busy, again } = useReading(`plan ${zone.id}`, () => reading.plan(zone.id))
  const act = useAct<Dispatched>()
  const order = (id: string): string => {
    const row = live?.deliveryOf.get(id)
    return row ? orderName(row) : `…${shortId(id)}`
  }
  const waiting = data?.deliveries.filter((one) => one.waits) ?? []
  const go = async (): Promise<void> => {
    await act.send(() => acting.dispatch(zone.id, null))
    look()
    again()
  }
  return (
    <section class="panel" aria-labelledby="plan-heading">
      <header class="panel-head">
        <h2 id="plan-heading">{texts.plan.heading}</h2>
        <button type="button" class="act" onClick={close}>
          {texts.close}
        </button>
      </header>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.why.planning}</p>}
      {data && data.offers.length === 0 && <p class="empty">{texts.plan.nothing}</p>}
      {data && data.offers.length > 0 && (
        <ul class="results">
          {data.offers.map((offer) => (
            <li key={offer.delivery_ids.join()}>
              {fill(offer.dedicated ? texts.plan.gives : texts.plan.asks, {
                orders: offer.delivery_ids.map(order).join(', '),
                drivers: offer.asked.map(({ driver_id }) => nameOf(driver_id)).join(', '),
              })}
            </li>
          ))}
        </ul>
      )}
      {waiting.length > 0 && (
        <>
          <p class="soft">{texts.plan.waiting}</p>
          <ul class="results">
            {waiting.map((one) => (
              <li key={one.delivery_id}>
                {fill(texts.plan.waits, { order: order(one.delivery_id), why: wordFor(texts.waits, one.waits) })}
              </li>
            ))}
          </ul>
        </>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.data && <Outcome outcome={act.data} />}
      <div class="acts">
        {may('change_operations') && (
          <button
            type="button"
            class="act main"
            disabled={!data?.offers.length}
            aria-disabled={act.phase === 'busy'}
            onClick={() => void go()}
          >
            {texts.plan.dispatch}
          </button>
        )}
        <button type="button" class="act" onClick={again}>
          {texts.plan.again}
        </button>
      </div>
    </section>
  )
}
