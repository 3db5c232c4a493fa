import { useEffect, useRef } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { ago } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { lookOfDriver } from '../map/shapes'
import { useDesk } from '../shell/desk'
import { PanelHead } from '../shell/panel_head'
import { span, wordFor } from '../shell/words'
import { Duty } from './duty'
import { RouteEditor } from './route_editor'
import { Thread } from './thread'
import { TransferForm } from './transfer_form'

/** True from the first day without work to the end of the level; the days are UTC's here. */
function isBarred(driver: Schemas['DriverView'] | null): boolean {
  const { barred_from: from = null, until = null } = driver?.standing ?? {}
  const today = new Date().toISOString().slice(0, 10)
  return from !== null && from <= today && (until === null || today < until)
}

/** Everything about one driver: state, route with its changes, messages. */
export function DriverPanel({ id }: { id: string }) {
  const { texts, live, language, may, go, look, nameOf } = useDesk()
  const row = live?.driverOf.get(id) ?? null
  const driver = useReading(id, () => reading.driver(id), row ? 'on duty' : 'off')
  const stamp = row ? `${row.stops} ${row.delivery_id} ${row.heading}` : 'off'
  const route = useReading(driver.data?.duty ? id : null, () => reading.route(id), stamp)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [id])
  const changed = (): void => {
    driver.again()
    route.again()
    look()
  }
  const vehicle = driver.data?.vehicle.kind ?? row?.vehicle
  return (
    <section class="panel" aria-labelledby="panel-heading">
      <PanelHead title={nameOf(id)} kind={texts.driver.heading} heading={heading} close={() => go({ driver: null })} />
      {driver.problem && !driver.data && <Refused problem={driver.problem} texts={texts} />}
      <p class="state">
        {row ? <strong>{texts.look[lookOfDriver(row)]}</strong> : driver.data && !driver.data.duty && <strong>{texts.driver.off_duty}</strong>}
        {isBarred(driver.data) && <span class="badge">{texts.driver.suspended}</span>}
        {row && row.late_s > 0 && <span class="late">{fill(texts.queue.late, { span: span(row.late_s, texts) })}</span>}
      </p>
      <dl class="facts">
        {vehicle && (
          <div>
            <dt>{texts.driver.vehicle}</dt>
            <dd>{wordFor(texts.vehicle, vehicle)}</dd>
          </div>
        )}
        <div>
          <dt>{texts.driver.position}</dt>
          <dd>{row?.position_at && live ? ago(row.position_at, live.clock.now(), language) : texts.driver.no_position}</dd>
        </div>
        {driver.data && (
          <div>
            <dt>{texts.driver.rating}</dt>
            <dd>{driver.data.rating.toFixed(2)}</dd>
          </div>
        )}
        <div>
          <dt>{texts.delivery.id}</dt>
          <dd class="code">{id}</dd>
        </div>
      </dl>
      {route.problem && <Refused problem={route.problem} texts={texts} />}
      {route.data && <RouteEditor key={id} route={route.data} reload={route.again} changed={changed} />}
      {may('change_operations') && route.data && (
        <TransferForm key={`transfer ${id}`} route={route.data} reload={route.again} changed={changed} />
      )}
      {driver.data && <Duty driver={driver.data} changed={changed} />}
      {may('contact_people') && <Thread key={`thread ${id}`} driverId={id} />}
      {may('read_audit') && (
        <button type="button" class="quiet" onClick={() => go({ view: 'audit', subject: id })}>
          {texts.history.audit}
        </button>
      )}
    </section>
  )
}
