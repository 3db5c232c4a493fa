import { useEffect, useState } from 'preact/hooks'
import { useTick } from '../parts/hooks'
import { fill } from '../parts/texts'
import { useApp } from './app'
import type { Action } from './queue'

const ENDING: Partial<Record<Action['kind'], 'delivered' | 'failed' | 'returned'>> = {
  deliver: 'delivered',
  fail: 'failed',
  return: 'returned',
}

/** For ten seconds after an ending it can be taken back, before it has left the phone. */
export function UndoBar() {
  const { texts, status, queue, route } = useApp()
  const [late, setLate] = useState(false)
  useTick(500)
  const now = Date.now()
  const held = status.actions.filter((one) => one.heldUntil !== null && one.heldUntil > now && ENDING[one.kind])
  const newest = held.at(-1)
  const ending = newest && ENDING[newest.kind]

  useEffect(() => {
    if (!late) return
    const timer = setTimeout(() => setLate(false), 6000)
    return () => clearTimeout(timer)
  }, [late])

  if (!newest || !ending) {
    return <div role="status">{late && <p class="undo">{texts.undo.late}</p>}</div>
  }
  const group = held.filter((one) => one.group === newest.group)
  const numbers = group.map(
    (one) => route.value?.stops.find((stop) => stop.delivery_id === one.deliveryId)?.order_number ?? '',
  )
  const what = group.length > 1 ? fill(texts.route.count, { count: group.length }) : (numbers[0] ?? '')
  const undo = async (): Promise<void> => {
    if (!(await queue.undo(newest.id))) setLate(true)
  }
  const left = Math.ceil(((newest.heldUntil ?? now) - now) / 1000)
  return (
    <div class="undo">
      <p role="status">{fill(texts.undo[ending], { what })}</p>
      <button type="button" class="undo-button" onClick={() => void undo()}>
        {texts.undo.button} <span aria-hidden="true">{fill(texts.undo.left, { seconds: left })}</span>
      </button>
    </div>
  )
}
