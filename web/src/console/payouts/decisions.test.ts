import { expect, it } from 'vitest'
import { decisionsFor } from './decisions'

it('a held payout can be released, and what is decided for good can not be changed', () => {
  expect(decisionsFor({ state: 'held', release_asked_by: null }, 'mira')).toContain('release')
  for (const state of ['in_transit', 'paid', 'failed', 'returned', 'canceled'] as const) {
    expect(decisionsFor({ state, release_asked_by: null }, 'mira')).toEqual([])
  }
})

it('only a second person is offered the release that somebody asked for', () => {
  const asked = { state: 'held', release_asked_by: 'mira' } as const
  expect(decisionsFor(asked, 'mira')).not.toContain('release')
  expect(decisionsFor(asked, 'jon')).toContain('release')
})
