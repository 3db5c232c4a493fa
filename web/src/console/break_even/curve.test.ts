import { expect, it } from 'vitest'
import { BOTTOM, HEIGHT, LEFT, hoursIn, pathOf, scalesOf, ticksTo } from './curve'

const CURVE = { volumes: [1, 2, 4], crowd: [7, 7, 7], dedicated: [70, 14, 7] }

it('the axes begin and end with the curve, and a cost above the axis stays on its edge', () => {
  const scales = scalesOf(CURVE)
  expect([scales.x(1), scales.y(0)]).toEqual([LEFT, HEIGHT - BOTTOM])
  expect(scales.highest).toBe(28)
  expect(scales.y(70)).toBe(scales.y(28))
  expect(pathOf(CURVE, CURVE.crowd, scales).match(/[ML]/g)).toEqual(['M', 'L', 'L'])
})

it('ticks are round numbers up to the end', () => {
  expect(ticksTo(28)).toEqual([0, 10, 20])
  expect(ticksTo(4)).toEqual([0, 1, 2, 3, 4])
})

it('hours are told as spans', () => {
  expect(hoursIn([{ from_hour: 11, until_hour: 14 }, { from_hour: 17, until_hour: 21 }])).toBe('11–14, 17–21')
})
