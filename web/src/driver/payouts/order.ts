/** An order of instant pay, sent with one key until an answer decides it, whatever happens to the network or the app. */

import { type Schemas, api } from '../../parts/client'
import type { Money } from '../model'

type Terms = Schemas['FeeTerms']
export type Payout = Schemas['PayoutView']

export interface Order {
  key: string
  amount: Money
  /** True if the driver wants the amount once more within a day. */
  again: boolean
}

export type Outcome =
  | { kind: 'ordered'; payout: Payout }
  /** Booked, and the bank has not answered. */
  | { kind: 'reserved'; payout: Payout }
  | { kind: 'refused'; code: string }
  /** No answer: it may have been booked. */
  | { kind: 'lost' }

const LONGEST_ANSWER_MS = 30_000
/** Statuses after which the same order may still be taken. */
const UNDECIDED: ReadonlySet<number> = new Set([401, 408, 425, 429])
const BASIS = 10_000

const nameOf = (owner: string): string => `driver.instant_pay.${owner}`

/** The order of a driver that has no decisive answer yet. */
export function keptOrder(owner: string, place: Storage = localStorage): Order | null {
  try {
    return JSON.parse(place.getItem(nameOf(owner)) ?? 'null') as Order | null
  } catch {
    return null
  }
}

export const newOrder = (amount: Money): Order => ({ key: crypto.randomUUID(), amount, again: false })

/** Send an order. It is kept before, and forgotten once an answer decides it. */
export async function send(owner: string, order: Order, place: Storage = localStorage): Promise<Outcome> {
  place.setItem(nameOf(owner), JSON.stringify(order))
  const outcome = await answerTo(order)
  if (outcome.kind === 'ordered' || outcome.kind === 'refused') place.removeItem(nameOf(owner))
  return outcome
}

async function answerTo({ key, amount, again }: Order): Promise<Outcome> {
  try {
    const { data, error, response } = await api.POST('/v1/driver/instant-pay', {
      params: { header: { 'idempotency-key': key } },
      body: { amount, again },
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
    })
    if (data) return { kind: response.status === 202 ? 'reserved' : 'ordered', payout: data }
    if (response.status >= 500 || UNDECIDED.has(response.status)) return { kind: 'lost' }
    return { kind: 'refused', code: (error as { code?: string } | undefined)?.code ?? '' }
  } catch {
    return { kind: 'lost' }
  }
}

/** The fee of an amount in minor units: a share of it, rounded half up, within its bounds. */
export const feeOf = (amount: number, { basis_points: points, least, most }: Terms): number =>
  Math.min(Math.max(Math.floor((amount * points + BASIS / 2) / BASIS), least.amount), most.amount)
