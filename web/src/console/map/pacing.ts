/** The pace at which the map is painted. Painting takes the time in which the page could answer. */

import type { Map as Chart } from 'maplibre-gl'

/** Milliseconds between two paintings while nobody touches the map. */
const REST_MS = 250
/** Milliseconds after a press elsewhere on the page in which the map waits. */
const ANSWER_MS = 250
/** The longest that a painting waits, however much somebody types. */
const LONGEST_MS = 3000
/** Milliseconds after the pointer, a key or the wheel was used on the map in which every frame is painted. */
const TOUCHED_MS = 500

const ELSEWHERE = ['pointerdown', 'pointerup', 'keydown'] as const
const TOUCHES = [...ELSEWHERE, 'pointermove', 'wheel'] as const

/** Paint the map seldom while it is only looked at, and not while the page answers; return what ends that. */
export function pacePainting(chart: Pick<Chart, 'triggerRepaint' | 'isMoving' | 'getContainer' | 'on'>): () => void {
  const paint = chart.triggerRepaint.bind(chart)
  const container = chart.getContainer()
  let paintedAt = -Infinity
  let touchedAt = -Infinity
  let pressedAt = -Infinity
  let askedAt: number | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = ({ target, type }: Event): void => {
    if (container.contains(target as Node)) touchedAt = performance.now()
    else if ((ELSEWHERE as readonly string[]).includes(type)) pressedAt = performance.now()
  }
  chart.on('render', () => {
    paintedAt = performance.now()
  })
  chart.triggerRepaint = () => {
    const now = performance.now()
    askedAt ??= now
    const free = chart.isMoving() || now - touchedAt < TOUCHED_MS
    const from = free ? now : Math.min(Math.max(paintedAt + REST_MS, pressedAt + ANSWER_MS), askedAt + LONGEST_MS)
    if (now >= from) {
      askedAt = null
      return paint()
    }
    timer ??= setTimeout(() => {
      timer = undefined
      chart.triggerRepaint()
    }, from - now)
  }
  for (const type of TOUCHES) window.addEventListener(type, heard, { capture: true, passive: true })
  return () => {
    clearTimeout(timer)
    for (const type of TOUCHES) window.removeEventListener(type, heard, { capture: true })
  }
}
