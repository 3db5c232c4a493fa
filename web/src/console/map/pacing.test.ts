import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pacePainting } from './pacing'

const map = document.createElement('div')
const list = document.createElement('button')
document.body.append(map, list)

let painted: number[] = []
let moving = false
let end: () => void = () => {}
let trigger: () => void = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  painted = []
  moving = false
  const heard: (() => void)[] = []
  const chart = {
    triggerRepaint: () => {
      painted.push(performance.now())
      for (const render of heard) render()
    },
    isMoving: () => moving,
    getContainer: () => map,
    on: (_: string, render: () => void) => heard.push(render),
  }
  end = pacePainting(chart as never)
  trigger = () => chart.triggerRepaint()
})
afterEach(() => {
  end()
  vi.useRealTimers()
})

/** Ask for a painting every 10 ms. */
function askFor(ms: number): void {
  for (let at = 0; at < ms; at += 10) {
    trigger()
    vi.advanceTimersByTime(10)
  }
}

const press = (element: Element, type = 'pointerdown'): void => void element.dispatchEvent(new Event(type, { bubbles: true }))

it('a map that nobody touches is painted four times a second', () => {
  askFor(990)
  expect(painted).toHaveLength(4)
})

it('a map that moves, or that somebody points at, is painted with each frame', () => {
  moving = true
  askFor(100)
  moving = false
  press(map, 'pointermove')
  askFor(100)
  expect(painted).toHaveLength(20)
})

it('after a press elsewhere the map waits, and what was to be painted is painted then', () => {
  press(list)
  trigger()
  vi.advanceTimersByTime(240)
  expect(painted).toEqual([])
  vi.advanceTimersByTime(20)
  expect(painted).toHaveLength(1)
})

it('while somebody types without a pause the map is painted every three seconds', () => {
  for (let at = 0; at < 10_000; at += 100) {
    press(list, 'keydown')
    askFor(100)
  }
  expect(painted).toHaveLength(3)
})

it('a closed map is not painted any more', () => {
  press(list)
  trigger()
  end()
  vi.advanceTimersByTime(1000)
  expect(painted).toEqual([])
})
