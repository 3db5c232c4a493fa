import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NOTHING, SAID_MS, looked, useGone } from './gone'
import type { Offer } from './model'

const offer = (id: string): Offer => ({ offer_id: id }) as Offer
const list = (ids: string[], gone: [string, 'accepted' | 'withdrawn' | 'expired'][] = []) => ({
  offers: ids.map(offer),
  gone: gone.map(([offer_id, state]) => ({ offer_id, state })),
})
const said = (of: { gone: readonly { offer: Offer; code: string }[] }) => of.gone.map((one) => [one.offer.offer_id, one.code])

describe('an offer that goes', () => {
  it('is told with its reason if it was shown', () => {
    const before = looked(NOTHING, list(['a', 'b']), 0)
    const after = looked(before, list([], [['a', 'accepted'], ['b', 'withdrawn']]), 1000)
    expect(said(after)).toEqual([['a', 'offer_taken'], ['b', 'offer_withdrawn']])
  })

  it('is told once, although the list names it until its time is over', () => {
    const before = looked(NOTHING, list(['a']), 0)
    const gone = list([], [['a', 'accepted']])
    expect(said(looked(looked(before, gone, 1000), gone, 2000))).toEqual([['a', 'offer_taken']])
    expect(said(looked(looked(before, gone, 1000), gone, 1000 + SAID_MS))).toEqual([])
  })

  it('is not told if the app never showed it, or if the driver answered it', () => {
    expect(said(looked(NOTHING, list([], [['a', 'accepted']]), 0))).toEqual([])
    expect(said(looked(looked(NOTHING, list(['a']), 0), list([]), 1000))).toEqual([])
  })

  it('is no trouble in an answer that an older version of the app kept', () => {
    expect(looked(NOTHING, { offers: [offer('a')] } as never, 0).shown).toHaveLength(1)
  })
})

describe('the card of an offer that went', () => {
  afterEach(() => void vi.useRealTimers())

  it('goes by itself, also if nothing new is heard', () => {
    vi.useFakeTimers()
    const place = document.createElement('div')
    const Cards = ({ of }: { of: ReturnType<typeof list> }) => <>{useGone(of).map((one) => one.offer.offer_id)}</>
    const show = (of: ReturnType<typeof list>): void => void act(() => render(<Cards of={of} />, place))
    show(list(['a']))
    show(list([], [['a', 'accepted']]))
    expect(place.textContent).toBe('a')
    void act(() => void vi.advanceTimersByTime(SAID_MS + 1))
    expect(place.textContent).toBe('')
  })
})
