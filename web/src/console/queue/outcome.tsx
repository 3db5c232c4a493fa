import { fill } from '../../parts/texts'
import type { Dispatched } from '../api/types'
import { useDesk } from '../shell/desk'
import { orderName, shortId, wordFor } from '../shell/words'

/** The outcome of a dispatch, order by order. */
export function Outcome({ outcome }: { outcome: Dispatched }) {
  const { texts, live, nameOf } = useDesk()
  const name = (id: string): string => {
    const row = live?.deliveryOf.get(id)
    return row ? orderName(row) : `…${shortId(id)}`
  }
  return (
    <div role="status">
      <ul class="results">
      {outcome.offered.length + outcome.waits.length === 0 && <li>{texts.plan.nothing}</li>}
      {outcome.offered.map((offer) => (
        <li key={offer.offer_id} class="good">
          {fill(texts.plan.offered, {
            orders: offer.delivery_ids.map(name).join(', '),
            drivers: offer.driver_ids.map(nameOf).join(', '),
          })}
        </li>
      ))}
      {outcome.waits.map((one) => (
        <li key={one.delivery_id}>
          {fill(texts.plan.waits, { order: name(one.delivery_id), why: wordFor(texts.waits, one.code) })}
        </li>
      ))}
      </ul>
    </div>
  )
}
