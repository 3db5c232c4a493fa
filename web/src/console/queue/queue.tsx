import { useCallback, useMemo, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import type { MapDelivery } from '../api/types'
import { useDesk } from '../shell/desk'
import { Bulk } from './bulk'
import { FILTERS, type Filter, counted, filtered, stillThere, toggled } from './choosing'
import { Row, type RowProps } from './row'
import './queue.css'

/** Rows drawn at once; a longer list makes every click slower. */
const STEP = 40

/** A row that is not drawn again while all that it shows is the same object. */
function Kept(props: RowProps) {
  const { row, driver, chosen, checked, texts } = props
  return useMemo(() => <Row {...props} />, [row, driver, chosen, checked, texts])
}

/** The orders that wait or are under way, the most urgent first. */
export function Queue({ rows }: { rows: readonly MapDelivery[] }) {
  const { texts, language, may, place, go, live } = useDesk()
  const [filter, setFilter] = useState<Filter>('all')
  const [most, setMost] = useState(STEP)
  const [ticked, tick] = useState<ReadonlySet<string>>(new Set())
  const chosen = useMemo(() => (live ? stillThere(ticked, live.deliveryOf) : ticked), [ticked, live?.deliveryOf])
  const shown = useMemo(() => filtered(rows, filter), [rows, filter])
  const counts = useMemo(() => counted(rows), [rows])
  const open = useCallback((id: string) => go({ delivery: id, driver: null }), [go])
  const check = useCallback((id: string) => tick((before) => toggled(before, id)), [])
  const mayAct = may('change_operations')
  const nowMs = live?.clock.now() ?? Date.now()

  return (
    <section class="queue" aria-labelledby="queue-heading">
      <div class="queue-head">
        <h2 id="queue-heading">{texts.queue.heading}</h2>
        <div class="chips" role="group" aria-label={texts.queue.filter}>
          {FILTERS.map((one) => (
            <button
              key={one}
              type="button"
              class="chip"
              aria-pressed={one === filter}
              onClick={() => {
                setFilter(one)
                setMost(STEP)
              }}
            >
              {texts.queue.filters[one]} <span class="count">{counts[one]}</span>
            </button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? (
        <p class="empty">{rows.length ? texts.queue.none_so : texts.queue.empty}</p>
      ) : (
        <ol class="rows">
          {shown.slice(0, most).map((row) => (
            <Kept
              key={row.delivery_id}
              row={row}
              driver={row.driver_id && (live?.driverOf.get(row.driver_id)?.name ?? null)}
              chosen={place.delivery === row.delivery_id}
              checked={chosen.has(row.delivery_id)}
              texts={texts}
              language={language}
              nowMs={nowMs}
              open={open}
              check={mayAct ? check : null}
            />
          ))}
        </ol>
      )}
      {shown.length > most && (
        <button type="button" class="quiet more" onClick={() => setMost(most + STEP)}>
          {fill(texts.queue.more, { count: shown.length - most })}
        </button>
      )}
      {chosen.size > 0 && <Bulk ids={[...chosen]} done={() => tick(new Set())} />}
    </section>
  )
}
