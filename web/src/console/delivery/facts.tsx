import { fill } from '../../parts/texts'
import { money } from '../../parts/money'
import { timeOfDay } from '../../parts/time'
import { useDesk } from '../shell/desk'
import { span, wordFor } from '../shell/words'
import type { SectionProps } from './panel'

/** State, times, driver and price of an order. */
export function Facts({ known, row }: SectionProps) {
  const { texts, live, language, go, nameOf } = useDesk()
  const { delivery } = known
  const now = live?.clock.now() ?? Date.now()
  const time = (at: string): string => timeOfDay(at, now, language)
  const window = ({ opens_at, closes_at }: { opens_at: string; closes_at: string }): string =>
    fill(texts.delivery.window, { from: time(opens_at), to: time(closes_at) })
  const pay = [...delivery.price.pay.map(({ amount }) => amount), delivery.price.tip]
  const total = pay.reduce((sum, { amount }) => sum + amount, 0)
  const driverId = delivery.driver_id
  const eta = row?.eta ?? delivery.eta
  return (
    <section aria-label={texts.delivery.facts}>
      <p class="state">
        <strong>{delivery.state ? texts.state[delivery.state] : ''}</strong>
        {delivery.priority === 'urgent' && <span class="badge">{texts.delivery.urgent}</span>}
        {row && row.late_s > 0 && <span class="late">{fill(texts.queue.late, { span: span(row.late_s, texts) })}</span>}
      </p>
      {row && row.reasons.length > 0 && (
        <p class="row-reasons">{row.reasons.map((code) => wordFor(texts.reason, code)).join(' · ')}</p>
      )}
      <dl class="facts">
        {row && (
          <div>
            <dt>{texts.delivery.merchant}</dt>
            <dd>{row.merchant}</dd>
          </div>
        )}
        <div>
          <dt>{texts.delivery.driver}</dt>
          <dd>
            {driverId ? (
              <button type="button" class="link" onClick={() => go({ driver: driverId, delivery: null })}>
                {nameOf(driverId)}
              </button>
            ) : (
              texts.delivery.no_driver
            )}
          </dd>
        </div>
        <div>
          <dt>{texts.delivery.eta}</dt>
          <dd>{eta ? time(eta) : '–'}</dd>
        </div>
        <div>
          <dt>{texts.delivery.pickup_window}</dt>
          <dd>{window(delivery.pickup_window)}</dd>
        </div>
        <div>
          <dt>{texts.delivery.dropoff_window}</dt>
          <dd>{window(delivery.dropoff_window)}</dd>
        </div>
        <div>
          <dt>{texts.delivery.pay}</dt>
          <dd>{money(total, delivery.price.tip.currency, language)}</dd>
        </div>
        <div>
          <dt>{texts.delivery.id}</dt>
          <dd class="code">{delivery.id}</dd>
        </div>
        <div>
          <dt>{texts.delivery.external_id}</dt>
          <dd class="code">{delivery.external_id}</dd>
        </div>
        {known.stars !== null && (
          <div>
            <dt>{texts.delivery.stars}</dt>
            <dd>{fill(texts.delivery.stars_of, { stars: known.stars })}</dd>
          </div>
        )}
      </dl>
    </section>
  )
}
