import { useRef } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { ORDER, useDrag } from '../acts/drag'
import type { MapDelivery } from '../api/types'
import { levelOf } from '../map/shapes'
import { orderName, span, wordFor } from '../shell/words'
import type { Texts } from '../texts'

export interface RowProps {
  row: MapDelivery
  driver: string | null
  chosen: boolean
  checked: boolean
  texts: Texts
  language: string
  /** The zone's clock when the row last changed; only its day counts. */
  nowMs: number
  open: (id: string) => void
  /** Null for whoever may not act on orders. */
  check: ((id: string) => void) | null
}

/** One order of the queue. It is drawn again only if one of its properties is another. */
export function Row({ row, driver, chosen, checked, texts, language, nowMs, open, check }: RowProps) {
  const id = row.delivery_id
  const line = useRef<HTMLLIElement>(null)
  useDrag(line, ORDER, id)
  const name = orderName(row)
  const time = (at: string): string => timeOfDay(at, nowMs, language)
  const words = [...row.reasons.map((code) => wordFor(texts.reason, code)), ...(row.waits ? [wordFor(texts.waits, row.waits)] : [])]
  return (
    <li ref={line} class={`row level-${levelOf(row.urgency)}`} aria-current={chosen ? 'true' : undefined}>
      {check && (
        <label class="row-check">
          <input type="checkbox" checked={checked} onChange={() => check(id)} aria-label={fill(texts.queue.choose, { order: name })} />
        </label>
      )}
      <button type="button" class="row-open" onClick={() => open(id)}>
        <span class="row-line">
          <strong>{name}</strong>
          <span class="row-merchant">{row.merchant}</span>
          {row.late_s > 0 && <span class="late">{fill(texts.queue.late, { span: span(row.late_s, texts) })}</span>}
        </span>
        <span class="row-line soft">
          <span>{texts.state[row.state]}</span>
          {driver && <span>{driver}</span>}
          <span class="row-when">
            {row.eta
              ? fill(texts.queue.eta, { eta: time(row.eta), promised: time(row.promised_until) })
              : fill(texts.queue.promised, { promised: time(row.promised_until) })}
          </span>
        </span>
        {words.length > 0 && <span class="row-reasons">{words.join(' · ')}</span>}
        <span class="unseen">{fill(texts.queue.urgency, { urgency: row.urgency })}</span>
      </button>
    </li>
  )
}
