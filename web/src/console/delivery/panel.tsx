import { useEffect, useRef } from 'preact/hooks'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Delivery, MapDelivery } from '../api/types'
import { PanelHead } from '../shell/panel_head'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { Actions } from './actions'
import { DispatchOf } from './dispatched'
import { Facts } from './facts'
import { History } from './history'
import { LawOf } from './law'
import { NoticesOf } from './notices'
import { ProofOf } from './proof'
import { Why } from './why'

export interface SectionProps {
  known: Delivery
  /** The line on the map, while the order is open. */
  row: MapDelivery | null
  /** Ask for the order anew, after an act. */
  changed: () => void
}

/** Sections of an order's panel below its facts and actions, from top to bottom. */
const SECTIONS = [Why, DispatchOf, LawOf, ProofOf, NoticesOf, History]

/** Everything about one order, and what may be done with it. */
export function DeliveryPanel({ id, preset }: { id: string; preset: string | null }) {
  const { texts, live, look, go } = useDesk()
  const row = live?.deliveryOf.get(id) ?? null
  const stamp = row ? `${row.state} ${row.driver_id} ${row.promised_until}` : 'closed'
  const { data: known, problem, again } = useReading(id, () => reading.delivery(id), stamp)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [id])
  const changed = (): void => {
    again()
    look()
  }
  const name = known?.delivery.order_number ?? row?.order_number ?? `…${shortId(id)}`
  return (
    <section class="panel" aria-labelledby="panel-heading">
      <PanelHead title={name} kind={texts.delivery.heading} heading={heading} close={() => go({ delivery: null })} />
      {problem && (!known || problem.status === 404) && <Refused problem={problem} texts={texts} />}
      {!known && !problem && <p role="status">{texts.loading}</p>}
      {known && (
        <>
          <Facts known={known} row={row} changed={changed} />
          <Actions key={`actions ${preset}`} known={known} row={row} changed={changed} preset={preset} />
          {SECTIONS.map((Section) => (
            <Section key={Section.name} known={known} row={row} changed={changed} />
          ))}
        </>
      )}
    </section>
  )
}
