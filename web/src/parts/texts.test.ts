import { expect, it } from 'vitest'
import { choose, fill } from './texts'

it('the first language that there is is chosen', () => {
  expect(choose(['fr-CA', 'de-AT', 'en'], ['en', 'es', 'de'])).toBe('de')
  expect(choose(['fr'], ['en', 'es'])).toBe('en')
})

it('places are filled, and one without a value stays to be seen', () => {
  expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}')
})
