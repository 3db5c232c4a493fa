import { expect, it } from 'vitest'
import { paceOf, tokenIn, troubleOf } from './following'

const refusal = (status: number) => ({ status, code: '', retryAfterS: null })

it('the token is the last part of the address and nothing else is one', () => {
  expect(tokenIn('/t/Ab_-9')).toBe('Ab_-9')
  expect(tokenIn('/t/Ab9/')).toBe('Ab9')
  expect([tokenIn('/t/'), tokenIn('/t/a/b'), tokenIn('/t/a.b'), tokenIn('/x/a')]).toEqual(['', '', '', ''])
})

it('the page asks more often the nearer the driver is, and never once the delivery is closed', () => {
  const every = (state: Parameters<typeof paceOf>[0]): number => paceOf(state)?.everyMs ?? 0
  expect(every('en_route_to_dropoff')).toBeLessThan(every('assigned'))
  expect(every('assigned')).toBeLessThan(every('returning'))
  expect((['delivered', 'cancelled', 'expired', 'failed', 'returned'] as const).map(paceOf)).toEqual(
    Array.from({ length: 5 }, () => null),
  )
})

it('each refusal has the trouble that the customer can do something about', () => {
  expect([401, 410, 404, 429, 500, 403].map((status) => troubleOf(refusal(status)))).toEqual([
    'wrong_link',
    'expired_link',
    'unknown',
    'busy',
    'failed',
    'failed',
  ])
})
