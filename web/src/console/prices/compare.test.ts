import { expect, test } from 'vitest'
import { changesOf } from './compare'

const BEFORE = {
  columns: ['zone', 'days', 'charge_base', 'pay_base'],
  cells: [
    ['', '', '5.99', '3.25'],
    ['loop', '', '6.50', '3.25'],
  ],
}

test('a table does not differ from itself', () => {
  expect(changesOf(BEFORE, BEFORE)).toEqual([])
})

test('rows belong together by what they are for, whatever their place', () => {
  const after = { ...BEFORE, cells: [['loop', '', '6.75', '3.25'], ['', '', '5.99', '3.25']] }
  expect(changesOf(BEFORE, after)).toEqual([
    { row: 'zone loop', column: 'charge_base', before: '6.50', after: '6.75' },
  ])
})

test('a row that one of them lacks is told figure by figure', () => {
  const after = { ...BEFORE, cells: [...BEFORE.cells, ['', 'sat,sun', '7.99', '4.00']] }
  expect(changesOf(BEFORE, after).map(({ row, before, after: now }) => [row, before, now])).toEqual([
    ['days sat,sun', null, '7.99'],
    ['days sat,sun', null, '4.00'],
  ])
})

test('a figure that is gone is told', () => {
  const after = { columns: ['charge_base'], cells: [['5.99']] }
  expect(changesOf({ columns: ['charge_base', 'charge_minimum'], cells: [['5.99', '8.00']] }, after)).toEqual([
    { row: '', column: 'charge_minimum', before: '8.00', after: null },
  ])
})
