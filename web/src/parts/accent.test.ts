import { expect, it } from 'vitest'
import { PAPER, contrast, readable } from './accent'

it('a colour that can be read stays as the merchant chose it', () => {
  expect(readable('#0b6b4f', PAPER.light)).toBe('#0b6b4f')
})

it.each(['#ffee00', '#000000', '#ffffff', '#e8590c', '#808080', '#0a7d4f'])('%s can be read by day and by night', (colour) => {
  for (const paper of Object.values(PAPER)) expect(contrast(readable(colour, paper), paper)).toBeGreaterThanOrEqual(4.5)
})

it('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})
