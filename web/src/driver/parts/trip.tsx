import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { distance, duration } from '../measures'
import type { Offer } from '../model'

/** The way from where the driver is over all stops of an offer, and its pay by the hour. */
export function TripLine({ offer }: { offer: Offer }) {
  const { texts, language } = useApp()
  const { trip, pay_per_hour: hourly } = offer
  const way = { distance: distance(trip.distance_m, language), duration: duration(trip.duration_s, language) }
  return (
    <span class="trip">
      <span>{fill(texts.offers.trip, way)}</span>
      {hourly && <span>{fill(texts.offers.per_hour, { amount: money(hourly.amount, hourly.currency, language) })}</span>}
    </span>
  )
}
