import { expect, it } from 'vitest'
import { termsOf, typedOf } from './waiting'

const TERMS = { pay_per_minute: 25, charge_per_minute: 40, grace_minutes: 5, most_minutes: 30 }

it.each([
  ['USD', '0.25'],
  ['JPY', '25'],
  ['KWD', '0.025'],
])('terms in %s are typed and read back as they are', (currency, pay) => {
  expect(typedOf(TERMS, currency).pay).toBe(pay)
  expect(termsOf(typedOf(TERMS, currency), currency)).toEqual(TERMS)
})

it('a zone without terms pays nothing for waiting', () => {
  expect(termsOf(typedOf(undefined, 'USD'), 'USD')).toEqual({
    pay_per_minute: 0,
    charge_per_minute: 0,
    grace_minutes: 10,
    most_minutes: 60,
  })
})

it.each([
  [{ pay: '' }],
  [{ pay: '-1' }],
  [{ pay: '0.255' }],
  [{ charge: 'much' }],
  [{ grace: '241' }],
  [{ grace: '1.5' }],
  [{ most: '481' }],
  [{ most: '' }],
])('%j is refused', (wrong) => {
  expect(termsOf({ ...typedOf(TERMS, 'USD'), ...wrong }, 'USD')).toBeNull()
})
