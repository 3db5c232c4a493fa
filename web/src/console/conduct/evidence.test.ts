import { expect, it } from 'vitest'
import { evidenceOf } from './evidence'

it('an id a line is a piece of evidence of its kind, once', () => {
  expect(evidenceOf('dlv_1\n evt_2, report-7\ndlv_1\n')).toEqual([
    { id: 'dlv_1', kind: 'delivery' },
    { id: 'evt_2', kind: 'event' },
    { id: 'report-7', kind: 'report' },
  ])
  expect(evidenceOf(' \n')).toEqual([])
})
