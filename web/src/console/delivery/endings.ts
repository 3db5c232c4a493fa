/** The endings of an order by hand that the API takes, by its state and by where the goods are. */

import type { Schemas } from '../../parts/client'
import type { Delivery } from '../api/types'

type Order = Delivery['delivery']
type FailureReason = Schemas['FailureReason']

const WAITING = ['created', 'offered']
const BEFORE_PICKUP = ['assigned', 'en_route_to_pickup', 'arrived_at_pickup']
const ON_BOARD = ['picked_up', 'en_route_to_dropoff', 'arrived_at_dropoff']

const AT_PICKUP: readonly FailureReason[] = [
  'pickup_closed',
  'goods_not_ready',
  'goods_not_found',
  'goods_damaged',
  'temperature_out_of_range',
]
const AT_DROPOFF: readonly FailureReason[] = [
  'customer_absent',
  'customer_refused',
  'wrong_address',
  'no_access',
  'underage',
  'no_valid_id',
  'goods_damaged',
  'temperature_out_of_range',
  'goods_lost',
]

const stateOf = ({ state }: Order): string => state ?? 'created'
/** True while another driver is to fetch the goods from the one who has them. */
const changesHands = ({ transfer_point }: Order): boolean => Boolean(transfer_point)

export const isWaiting = (order: Order): boolean => WAITING.includes(stateOf(order))

export const isOpen = (order: Order): boolean => [...WAITING, ...BEFORE_PICKUP, ...ON_BOARD].includes(stateOf(order))

export const mayCancel = (order: Order): boolean => isOpen(order) && !changesHands(order)

export const mayComplete = (order: Order): boolean =>
  changesHands(order) ? isOpen(order) : [...ON_BOARD, 'returning'].includes(stateOf(order))

/** The reasons at the door that the law of its goods adds. */
function lawful({ demands }: Order): readonly FailureReason[] {
  const refusals = (demands?.refusals ?? []) as readonly FailureReason[]
  const closed = demands?.closed?.length ? (['closed_hours'] as const) : []
  return [...refusals.filter((reason) => !AT_DROPOFF.includes(reason)), ...closed]
}

/** True if it has to be said what became of its goods when it ends like that. */
export const needsDisposition = (order: Order, ending: 'fail' | 'complete', reason: string | null): boolean =>
  Boolean(order.demands?.disposition) &&
  (ending === 'complete'
    ? stateOf(order) === 'returning'
    : reason === 'goods_lost' || (ON_BOARD.includes(stateOf(order)) && order.undeliverable === 'dispose'))

/** The reasons for which it may fail now; none if it may not. */
export function failureReasons(order: Order): readonly FailureReason[] {
  const state = stateOf(order)
  if (changesHands(order) || state === 'returning') return ['goods_lost']
  if (ON_BOARD.includes(state)) return [...lawful(order), ...AT_DROPOFF]
  return state === 'arrived_at_pickup' ? AT_PICKUP : []
}

/** The two drivers of whom one may have brought goods that change hands; nobody if they don't. */
export function whoMayHaveBrought(order: Order): string[] {
  if (!changesHands(order) || !order.driver_id) return []
  const had = (order.timeline ?? []).findLast(({ state }) => state === 'picked_up')
  return [...new Set([...(had ? [had.actor] : []), order.driver_id])]
}
