import { describe, expect, it } from 'vitest'
import { choose } from './choice'
import { NOON, stored } from './testing/fixtures'

const of = (...records: Parameters<typeof stored>[0][]) => records.map(stored)
const standings = (records: ReturnType<typeof of>, now = NOON, rest = new Map<string, number>()) =>
  Object.fromEntries(choose(records, now, rest).standings)

describe('the next action', () => {
  it('is the one that was added first', () => {
    expect(choose(of({ id: 'a2' }, { id: 'a1' }), NOON).next?.id).toBe('a1')
    expect(choose([], NOON)).toEqual({ standings: new Map(), next: null, dueInMs: null })
  })

  it('is a call for help if there is one, even while another is held', () => {
    const records = of({ id: 'a1', heldUntil: NOON + 10_000 }, { id: 'a2', urgent: true, lane: null, deliveryId: null })
    expect(choose(records, NOON).next?.id).toBe('a2')
  })

  it('is of another delivery once one was refused, and what follows the refused one waits behind it', () => {
    const records = of({ id: 'a1', state: 'refused' }, { id: 'a2' }, { id: 'a3', deliveryId: 'd2' })
    expect(choose(records, NOON).next?.id).toBe('a3')
    expect(standings(records)).toEqual({ a1: 'refused', a2: 'behind', a3: 'waiting' })
  })

  it('waits for a held one, of whatever delivery, and is due when the driver can no longer take that back', () => {
    const records = of({ id: 'a1', heldUntil: NOON + 10_000 }, { id: 'a2', deliveryId: 'd2' })
    expect(choose(records, NOON + 4000)).toMatchObject({ next: null, dueInMs: 6000 })
    expect(choose(records, NOON + 10_000).next?.id).toBe('a1')
  })

  it('is not held for a day by a clock that was set back', () => {
    const records = of({ id: 'a1', heldUntil: NOON + 10_000 })
    expect(choose(records, NOON - 86_400_000).next?.id).toBe('a1')
  })

  it('is of another delivery while one rests after an error of the server', () => {
    const records = of({ id: 'a1' }, { id: 'a2' }, { id: 'a3', deliveryId: 'd2' })
    const choice = choose(records, NOON, new Map([['a1', 7000]]))
    expect(choice.next?.id).toBe('a3')
    expect(choice.dueInMs).toBe(7000)
    expect(standings(records, NOON, new Map([['a1', 7000]]))).toEqual({ a1: 'resting', a2: 'waiting', a3: 'waiting' })
  })

  it('may be a message although another message was refused', () => {
    const records = of({ id: 'a1', lane: null, state: 'refused' }, { id: 'a2', lane: null })
    expect(choose(records, NOON).next?.id).toBe('a2')
  })
})
