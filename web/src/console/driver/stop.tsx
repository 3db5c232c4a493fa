import { useRef } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { STOP, useDrag, useDrop } from '../acts/drag'
import type { RouteStop } from '../api/types'
import { useDesk } from '../shell/desk'
import { span } from '../shell/words'

interface StopProps {
  stop: RouteStop
  name: string
  index: number
  pinned: boolean
  mayUp: boolean
  mayDown: boolean
  move: (id: string, place: number) => void
  pin: (id: string) => void
}

/** A stop of a route with the buttons that move and pin it. */
export function Stop({ stop, name, index, pinned, mayUp, mayDown, move, pin }: StopProps) {
  const { texts, live, language, may, go } = useDesk()
  const mayMove = may('change_operations')
  const id = stop.stop_id
  const line = useRef<HTMLLIElement>(null)
  useDrag(line, STOP, stop.started || !mayMove ? null : id)
  useDrop(line, STOP, (dragged) => move(dragged, index))
  return (
    <li class={`stop${pinned ? ' pinned' : ''}`} ref={line}>
      <span class="stop-number" aria-hidden="true">
        {index + 1}
      </span>
      <span class="stop-body">
        <button type="button" class="link" onClick={() => go({ delivery: stop.delivery_id, driver: null })}>
          {name}
        </button>
        <span class="soft stop-when">
          {stop.eta && (
            <time dateTime={stop.eta}>{timeOfDay(stop.eta, live?.clock.now() ?? Date.now(), language)}</time>
          )}
          {stop.late_s > 0 && <span class="late"> {fill(texts.queue.late, { span: span(stop.late_s, texts) })}</span>}
          {stop.started && ` ${texts.route.started}`}
        </span>
      </span>
      {mayMove && (
        <span class="stop-acts">
          <button
            type="button"
            class="quiet"
            data-button={`up ${id}`}
            aria-label={fill(texts.route.up, { stop: name })}
            aria-disabled={!mayUp}
            onClick={() => move(id, index - 1)}
          >
            ↑
          </button>
          <button
            type="button"
            class="quiet"
            data-button={`down ${id}`}
            aria-label={fill(texts.route.down, { stop: name })}
            aria-disabled={!mayDown}
            onClick={() => move(id, index + 1)}
          >
            ↓
          </button>
          <button
            type="button"
            class="quiet"
            aria-pressed={pinned}
            aria-label={fill(texts.route.pin, { stop: name })}
            onClick={() => pin(id)}
          >
            {pinned ? '●' : '○'}
          </button>
        </span>
      )}
    </li>
  )
}
