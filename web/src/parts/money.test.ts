import { expect, it } from 'vitest'
import { minorUnits, money } from './money'

it.each([
  ['3.50', 'USD', 350],
  ['3,5', 'EUR', 350],
  [' 120 ', 'USD', 12_000],
  ['0.07', 'USD', 7],
  ['8', 'JPY', 8],
  ['1.234', 'KWD', 1234],
  ['2', 'IQD', 2000],
])('%s of %s are %d minor units, without a detour by fractions', (written, currency, minor) => {
  expect(minorUnits(written, currency)).toBe(minor)
})

it.each([
  ['', 'USD'],
  ['-3', 'USD'],
  ['1,200.00', 'USD'],
  ['1.234', 'USD'],
  ['8.5', 'JPY'],
  ['3.', 'USD'],
  ['ten', 'USD'],
  ['99999999999999999', 'USD'],
])('"%s" is no amount of %s', (written, currency) => {
  expect(minorUnits(written, currency)).toBeNull()
})

it('an amount that is read is written as it was', () => {
  expect(money(minorUnits('3.50', 'USD') ?? 0, 'USD', 'en')).toBe('$3.50')
})
