import { expect, it, vi } from 'vitest'
import * as acting from '../api/acting'
import { lost } from '../api/answers'
import { type Line, needsSomebody, takeIn } from './taking_in'

const line = (number: number, outcome: Line['outcome']): Line => ({ line: number, code: 'R03', outcome, payout_id: null, detail: null })

it('a long file is sent until the API has all of it', async () => {
  const take = vi.spyOn(acting, 'takeReturns')
  take.mockImplementation(async (_, start) => ({
    data: { lines: [line(start + 1, 'returned')], counts: {}, next_start: start < 2 ? start + 1 : null },
    problem: null,
  }))
  const told: number[] = []
  expect(await takeIn('file', (lines) => told.push(lines.length))).toBeNull()
  expect(take.mock.calls.map(([text, start]) => [text, start])).toEqual([
    ['file', 0],
    ['file', 1],
    ['file', 2],
  ])
  expect(told).toEqual([1, 2, 3])
})

it('a piece that is refused ends it with its problem, and the lines before stay', async () => {
  const take = vi.spyOn(acting, 'takeReturns')
  take.mockResolvedValueOnce({ data: { lines: [line(1, 'known')], counts: {}, next_start: 1 }, problem: null })
  take.mockResolvedValueOnce({ data: null, problem: lost() })
  const told: Line[][] = []
  expect((await takeIn('file', (lines) => told.push(lines)))?.status).toBe(0)
  expect(told.at(-1)).toHaveLength(1)
})

it('lines from which nothing followed need somebody', () => {
  expect(needsSomebody(line(1, 'unmatched'))).toBe(true)
  expect(needsSomebody(line(1, 'known'))).toBe(false)
})
