/** Geometry of the break-even's plot: pure, so that it can be tested without a page. */

import type { Schemas } from '../../parts/client'

export type Curve = NonNullable<Schemas['BreakEvenView']['curve']>

export const WIDTH = 640
export const HEIGHT = 280
export const LEFT = 56
export const BOTTOM = 40
const TOP = 12
const RIGHT = 12

export interface Scales {
  x: (volume: number) => number
  y: (cost: number) => number
  highest: number
}

/** The scales of a curve. Where few orders come a driver's cost has no end, so the axis ends at four times the crowd's. */
export function scalesOf(curve: Curve): Scales {
  const first = curve.volumes[0] ?? 0
  const last = curve.volumes.at(-1) ?? 1
  const highest = 4 * Math.max(...curve.crowd, 0.01)
  return {
    x: (volume) => LEFT + ((volume - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT),
    y: (cost) => HEIGHT - BOTTOM - (Math.min(cost, highest) / highest) * (HEIGHT - BOTTOM - TOP),
    highest,
  }
}

/** The path of one of the costs. */
export function pathOf(curve: Curve, costs: readonly number[], { x, y }: Scales): string {
  return curve.volumes
    .map((volume, place) => `${place ? 'L' : 'M'}${x(volume).toFixed(1)} ${y(costs[place] ?? 0).toFixed(1)}`)
    .join('')
}

/** Round numbers from zero to an end, four or so of them. */
export function ticksTo(end: number): number[] {
  const rough = end / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, number) => number * step)
}

/** Hours as spans: "11–14, 17–21". */
export const hoursIn = (spans: readonly Schemas['HourSpan'][]): string =>
  spans.map(({ from_hour, until_hour }) => `${from_hour}–${until_hour}`).join(', ')
