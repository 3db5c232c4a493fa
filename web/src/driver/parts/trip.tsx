import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { distance, duration, metresBetween } from '../measures'
import type { Offer } from '../model'

/** The way of an offer, and its pay by the hour; without a planned way the straight line over its places. */
export function TripLine({ offer }: { offer: Offer }) {
  const { texts, language, place } = useApp()
  const { trip, pay_per_hour: hourly } = offer
  if (trip) {
    const way = { distance: distance(trip.distance_m, language), duration: duration(trip.duration_s, language) }
    return (
      <span class="trip">
        <span>{fill(texts.offers.trip, way)}</span>
        {hourly && (
          <span>{fill(texts.offers.per_hour, { amount: money(hourly.amount, hourly.currency, language) })}</span>
        )}
      </span>
    )
  }
  const places = offer.deliveries.flatMap((one) => [one.pickup, one.dropoff])
  const all = place ? [place, ...places] : places
  const metres = all.reduce((sum, point, index) => sum + (index ? metresBetween(all[index - 1] ?? point, point) : 0), 0)
  return (
    <span class="trip">
      <span>{fill(texts.offers.beeline, { distance: distance(metres, language) })}</span>
    </span>
  )
}
