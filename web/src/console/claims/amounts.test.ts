import { expect, it } from 'vitest'
import { minorUnits } from '../../parts/money'
import { major } from './amounts'

it.each([
  [1250, 'USD', '12.50'],
  [975, 'JPY', '975'],
  [1, 'KWD', '0.001'],
  [0, 'EUR', '0.00'],
])('%i %s is typed as %s, and read as the same amount', (amount, currency, typed) => {
  expect(major({ amount, currency })).toBe(typed)
  expect(minorUnits(typed, currency)).toBe(amount)
})
