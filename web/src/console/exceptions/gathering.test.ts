import { expect, it, vi } from 'vitest'
import type { Schemas } from '../../parts/client'
import { lost } from '../api/answers'
import { MOST_PAGES, failedPayouts, heldPayouts } from './gathering'

const payout = (payout_id: string) => ({ payout_id }) as Schemas['StaffPayout']
const page = (id: string, next_cursor: string | null) => ({ data: { payouts: [payout(id)], next_cursor }, problem: null })

it('held payouts of all pages are one list', async () => {
  const ask = vi.fn().mockResolvedValueOnce(page('a', 'two')).mockResolvedValueOnce(page('b', null))
  const { data } = await heldPayouts(ask)
  expect(data).toEqual({ payouts: [payout('a'), payout('b')], partly: false })
  expect(ask).toHaveBeenLastCalledWith({ state: 'held', cursor: 'two' })
})

it('a list without end is looked at in part, and says so', async () => {
  const ask = vi.fn().mockResolvedValue(page('a', 'on'))
  expect((await heldPayouts(ask)).data?.partly).toBe(true)
  expect(ask).toHaveBeenCalledTimes(MOST_PAGES)
})

it('one refused day refuses the list, so that none looks complete without it', async () => {
  const ask = vi.fn().mockResolvedValue(page('a', null)).mockResolvedValueOnce({ data: null, problem: lost() })
  expect((await failedPayouts(ask, ['2026-10-01', '2026-10-02'])).problem).not.toBeNull()
})

it('both states of each day are asked for', async () => {
  const ask = vi.fn().mockResolvedValue(page('a', null))
  await failedPayouts(ask, ['2026-10-02', '2026-10-01'])
  expect(ask.mock.calls.map(([query]) => `${query.period} ${query.state}`)).toEqual([
    '2026-10-02 failed',
    '2026-10-02 returned',
    '2026-10-01 failed',
    '2026-10-01 returned',
  ])
})
