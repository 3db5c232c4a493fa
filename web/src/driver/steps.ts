/** A driver's steps for all stops of a group, as actions of the queue in the order in which they are sent. */

import type { FailureReason, Point, Stop } from './model'
import type { Input, Picture } from './queue'
import * as queue from './queue/steps'
import { type Group, phaseOf } from './stops'

/** Time for which an ending waits on the phone, so that it can be undone. */
export const UNDO_MS = 10_000

export type ConditionState = queue.Condition['state']

/** Notes of the driver at a stop. */
export interface Noted {
  condition: ConditionState | null
  note: string
}

export interface HandedOver extends Noted {
  scanned: string[]
  pin: string
  document: string
  ageMet: boolean
  receivedBy: string
}

export type At = Point | null

const depart = (stop: Stop, position: At): Input => queue.depart(stop.delivery_id, stop.kind, { position })

/**
 * Set out for a group.
 *
 * The stop that is left for last becomes the first of the route, so the stops are sent backwards and keep their order.
 */
export const setOut = (group: Group, position: At): Input[] =>
  group.stops.toReversed().map((stop) => depart(stop, position))

/** Arrive at a group; a stop for which the driver never set out is left for in the same moment. */
export function arrive(group: Group, position: At): Input[] {
  const behind = group.stops.filter((stop) => phaseOf(stop) === 'waiting').toReversed()
  const there = group.stops.filter((stop) => phaseOf(stop) !== 'there')
  return [
    ...behind.map((stop) => depart(stop, position)),
    ...there.map((stop) => queue.arrive(stop.delivery_id, stop.kind, { position })),
  ]
}

const noted = ({ condition, note }: Noted): { condition: queue.Condition | null; note: string | null } => ({
  condition: condition && { state: condition },
  note: note.trim() || null,
})

/** A picture for each delivery of a group, before the step that needs it. */
export const pictures = (group: Group, kind: queue.ProofKind, picture: Picture): Input[] =>
  group.stops.map((stop) => queue.proof(stop.delivery_id, kind, picture))

export const pickUp = (group: Group, position: At, given: Noted & { scanned: string[] }): Input[] =>
  group.stops.map((stop) => queue.pickUp(stop.delivery_id, { position, scanned: given.scanned, ...noted(given) }))

export function handOver(group: Group, position: At, given: HandedOver): Input[] {
  const captured: queue.HandingOver = {
    position,
    scanned: given.scanned,
    pin: given.pin || null,
    age_check: given.document ? { document: given.document, minimum_age_met: given.ageMet } : null,
    received_by: given.receivedBy.trim() || null,
    ...noted(given),
  }
  return group.stops.map((stop) => queue.deliver(stop.delivery_id, captured))
}

export function fail(group: Group, position: At, reason: FailureReason, given: Noted & { scanned: string[] }): Input[] {
  const captured = { position, reason, scanned: given.scanned, ...noted(given) }
  const at = group.first.kind === 'pickup' ? 'pickup' : 'dropoff'
  return group.stops.map((stop) => queue.fail(stop.delivery_id, at, captured))
}

export const giveBack = (group: Group, position: At): Input[] =>
  group.stops.map((stop) => queue.giveBack(stop.delivery_id, { position }))

export const unassign = (group: Group, position: At): Input[] =>
  group.stops.map((stop) => queue.unassign(stop.delivery_id, { position }))

/** Reasons at each kind of stop, the likely ones first. */
export const REASONS: Record<Stop['kind'], readonly FailureReason[]> = {
  pickup: ['pickup_closed', 'goods_not_ready', 'goods_not_found', 'goods_damaged'],
  dropoff: ['customer_absent', 'customer_refused', 'wrong_address', 'no_access', 'age_not_proven', 'goods_damaged'],
  return: [],
}

/** Goods that may stay at the door when nobody opens: the photo then proves the hand-over. */
export const isLeftAtDoor = (group: Group, reason: FailureReason | null): boolean =>
  reason === 'customer_absent' && group.first.kind === 'dropoff' && group.first.undeliverable === 'leave_at_door'
