import { expect, it } from 'vitest'
import { LOADERS } from '../texts'
import { dayWords, figureWords } from './figures'

const texts = (await LOADERS['en']!()).default

it.each([
  ['60', 'seconds', '60 seconds'],
  ['5', 'business_days', '5 business days'],
  ['0.77 USD', 'per_mile', '0.77 USD per mile'],
  ['5.20 USD', 'money', '5.20 USD'],
  ['120', 'percent', '120 %'],
  ['yes', 'flag', 'yes'],
  ['no', 'flag', 'no'],
  ['pay;customer_payment', 'list', 'pay, customer payment'],
  ['02:00-06:00;22:00-23:00', 'hours_span', '02:00–06:00, 22:00–23:00'],
  ['', 'per_mile', 'no figure'],
  ['3', 'lunar_months', '3 lunar months'],
])('%s in %s is read as "%s"', (figure, unit, words) => {
  expect(figureWords({ figure, unit }, texts)).toBe(words)
})

it('a day of the tables is the same day everywhere', () => {
  expect(dayWords('2025-01-01', 'en-US')).toBe('Jan 1, 2025')
  expect(dayWords('2025-01-01', 'de')).toBe('01.01.2025')
})
