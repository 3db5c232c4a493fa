/** Offers that went while the app showed them, with the reason, so that a card does not vanish without a word. */

import { useEffect, useState } from 'preact/hooks'
import type { Offer, Offers } from './model'

/** How long a card says that its offer is gone. */
export const SAID_MS = 20_000

export interface Gone {
  offer: Offer
  /** The code with which the API would refuse an answer. */
  code: string
  /** The moment at which the app learned of it, by the device's clock in milliseconds. */
  at: number
}

/** The offers of the last look, and those that went since they were shown. */
export interface Looked {
  shown: readonly Offer[]
  gone: readonly Gone[]
}

export const NOTHING: Looked = { shown: [], gone: [] }
const CODES: Partial<Record<Offers['gone'][number]['state'], string>> = {
  accepted: 'offer_taken',
  withdrawn: 'offer_withdrawn',
}

/** What is known after a look at the list: an offer that was shown before and is told as gone is remembered. */
export function looked({ shown, gone }: Looked, list: Pick<Offers, 'offers' | 'gone'>, at: number): Looked {
  const codes = new Map((list.gone ?? []).map(({ offer_id: id, state }) => [id, CODES[state] ?? 'no_such_offer']))
  const went = shown.flatMap((offer): Gone[] => {
    const code = codes.get(offer.offer_id)
    return code ? [{ offer, code, at }] : []
  })
  return { shown: list.offers, gone: [...gone.filter((one) => at - one.at < SAID_MS), ...went] }
}

/** The offers that went in the last moments, while the app showed them. */
export function useGone(list: Offers | null): readonly Gone[] {
  const [{ gone }, set] = useState(NOTHING)
  useEffect(() => {
    if (list) set((before) => looked(before, list, Date.now()))
  }, [list])
  const newest = gone.at(-1)?.at ?? null
  useEffect(() => {
    if (newest === null) return
    const later = (): void => set((before) => ({ ...before, gone: before.gone.filter((one) => one.at > newest) }))
    const timer = setTimeout(later, newest + SAID_MS - Date.now())
    return () => clearTimeout(timer)
  }, [newest])
  return gone
}
