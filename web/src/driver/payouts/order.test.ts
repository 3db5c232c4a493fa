import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api } from '../../parts/client'
import { type Payout, feeOf, keptOrder, newOrder, send } from './order'

const USD = (amount: number) => ({ amount, currency: 'USD' })
const answer = (status: number, body: object) =>
  ({ response: new Response(null, { status }), ...(status < 300 ? { data: body as Payout } : { error: body }) }) as never

beforeEach(() => localStorage.clear())
afterEach(() => vi.restoreAllMocks())

it('an order without an answer keeps its key, also when the app is opened again', async () => {
  const post = vi.spyOn(api, 'POST').mockRejectedValueOnce(new TypeError('no network'))
  const order = newOrder(USD(4000))
  expect((await send('ada', order)).kind).toBe('lost')
  expect(keptOrder('ada')).toEqual(order)
  expect(keptOrder('ben'), 'another driver on this phone has no part in it').toBeNull()
  post.mockResolvedValueOnce(answer(201, { payout_id: 'pay_1' }))
  expect((await send('ada', keptOrder('ada')!)).kind).toBe('ordered')
  const keys = post.mock.calls.map((call) => (call as unknown as [string, { params: { header: object } }])[1].params.header)
  expect(keys[0]).toEqual(keys[1])
  expect(keptOrder('ada')).toBeNull()
})

it.each([
  [202, 'reserved', true],
  [503, 'lost', true],
  [429, 'lost', true],
  [401, 'lost', true],
  [409, 'refused', false],
  [422, 'refused', false],
])('after %i the order is %s; it is kept: %s', async (status, kind, isKept) => {
  vi.spyOn(api, 'POST').mockResolvedValueOnce(answer(status, { code: 'more_than_available' }))
  expect((await send('ada', newOrder(USD(4000)))).kind).toBe(kind)
  expect(keptOrder('ada') !== null).toBe(isKept)
})

it('the fee is a share of the amount, rounded half up, within its bounds', () => {
  const terms = { basis_points: 150, least: USD(50), most: USD(1000) }
  expect([1000, 10_000, 90_000, 3367, 3366].map((amount) => feeOf(amount, terms))).toEqual([50, 150, 1000, 51, 50])
})
