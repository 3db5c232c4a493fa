import { expect, it } from 'vitest'
import texts from '../texts/en.json'
import { change, orderName, span, wordFor } from './words'

it('a span is written in its largest unit', () => {
  expect([0, 59, 60, 3599, 3900].map((seconds) => span(seconds, texts))).toEqual(['0 s', '59 s', '1 min', '1 h 00', '1 h 05'])
})

it('a change has its sign', () => {
  expect([change(0, texts), change(-40, texts), change(240, texts)]).toEqual(['none', '−40 s', '+4 min'])
})

it('a code without words is shown, not hidden', () => {
  expect(wordFor(texts.ineligible, 'too_far')).toBe('too far from the pickup')
  expect(wordFor({}, 'a_new_code')).toBe('a new code')
})

it('an order without a number is called by the end of its id', () => {
  expect(orderName({ delivery_id: '0123456789', order_number: null })).toBe('…456789')
})
