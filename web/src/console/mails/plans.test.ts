import { expect, it } from 'vitest'
import { addressesIn } from './plans'

it('recipients stand on lines, or between commas, each once', () => {
  expect(addressesIn(' fay@a.example\n\ngus@a.example, FAY@a.example;')).toEqual(['fay@a.example', 'gus@a.example'])
  expect(addressesIn(' \n')).toEqual([])
})
