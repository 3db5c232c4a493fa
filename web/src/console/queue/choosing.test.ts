import { expect, it } from 'vitest'
import type { MapDelivery } from '../api/types'
import { FILTERS, MOST_AT_ONCE, counted, filtered, stillThere, toggled } from './choosing'

const row = (delivery_id: string, state: MapDelivery['state'], late_s = 0): MapDelivery =>
  ({ delivery_id, state, late_s }) as MapDelivery
const ROWS = [row('1', 'created'), row('2', 'offered', 60), row('3', 'picked_up', 60), row('4', 'assigned')]

it('a filter keeps what its name says, in its order', () => {
  const ids = FILTERS.map((filter) => filtered(ROWS, filter).map(({ delivery_id }) => delivery_id).join(''))
  expect(ids).toEqual(['1234', '12', '23', '34'])
  expect(counted(ROWS)).toEqual({ all: 4, waiting: 2, late: 2, under_way: 2 })
})

it('no more orders can be chosen than one call assigns, and a chosen one can always be given up', () => {
  let chosen: ReadonlySet<string> = new Set()
  for (let number = 0; number < 60; number++) chosen = toggled(chosen, String(number))
  expect(chosen.size).toBe(MOST_AT_ONCE)
  expect(toggled(chosen, '0').size).toBe(MOST_AT_ONCE - 1)
})

it('a chosen order that left the queue is no longer chosen', () => {
  const chosen = new Set(['1', '2'])
  expect([...stillThere(chosen, new Map([['2', 0]]))]).toEqual(['2'])
  expect(stillThere(chosen, new Map([['1', 0], ['2', 0]]))).toBe(chosen)
})
