/** A driver's steps for all stops of a group, as actions of the queue in the order in which they are sent. */

import type { Schemas } from '../parts/client'
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

/** An identity document as it was read; its dates are of no use after the step. */
export interface IdRead {
  document: Schemas['DocumentType'] | null
  scanned: boolean
  unreadable: Schemas['Unreadable'] | null
  birthDate: string
  expiresOn: string
}

/** What became of goods that were not delivered. */
export interface Disposed {
  kind: 'returned_to_store' | 'handed_to' | 'destroyed' | null
  person: string
}

/** What the law of some goods wants at any stop. */
interface Measured {
  scanned: string[]
  celsius: number | null
}

export interface HandedOver extends Noted, Measured {
  pin: string
  document: Schemas['DocumentType'] | null
  ageMet: boolean
  receivedBy: string
  id: IdRead | null
  affirmed: string[]
  relation: Schemas['Relation'] | null
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

const measured = ({ scanned, celsius }: Measured): queue.Measured => ({ scanned, temperature_c: celsius })

const disposed = ({ kind, person }: Disposed): Schemas['DispositionInput'] | null =>
  kind && { kind, person: person.trim() || null }

export const pickUp = (group: Group, position: At, given: Noted & Measured): Input[] =>
  group.stops.map((stop) => queue.pickUp(stop.delivery_id, { position, ...measured(given), ...noted(given) }))

function idCheck(read: IdRead | null): Schemas['IdCheck'] | null {
  if (!read?.document || !read.birthDate) return null
  return {
    document: read.document,
    read_by: read.scanned ? 'scan' : 'typed',
    unreadable: read.scanned ? null : read.unreadable,
    birth_date: read.birthDate,
    expires_on: read.expiresOn || null,
  }
}

export function handOver(group: Group, position: At, given: HandedOver): Input[] {
  const captured: queue.HandingOver = {
    position,
    ...measured(given),
    pin: given.pin || null,
    age_check: given.document ? { document: given.document, minimum_age_met: given.ageMet } : null,
    id_check: idCheck(given.id),
    affirmed: given.affirmed,
    relation: given.relation,
    received_by: given.receivedBy.trim() || null,
    ...noted(given),
  }
  return group.stops.map((stop) => queue.deliver(stop.delivery_id, captured))
}

export function fail(group: Group, position: At, reason: FailureReason, given: Noted & Measured & { disposed: Disposed }): Input[] {
  const captured = { position, reason, ...measured(given), disposition: disposed(given.disposed), ...noted(given) }
  const at = group.first.kind === 'pickup' ? 'pickup' : 'dropoff'
  return group.stops.map((stop) => queue.fail(stop.delivery_id, at, captured))
}

export const giveBack = (group: Group, position: At, given: Measured & { disposed: Disposed }): Input[] =>
  group.stops.map((stop) =>
    queue.giveBack(stop.delivery_id, { position, ...measured(given), disposition: disposed(given.disposed) }),
  )

export const unassign = (group: Group, position: At): Input[] =>
  group.stops.map((stop) => queue.unassign(stop.delivery_id, { position }))

/** Reasons of failures, the likely ones first, and before them those that the law of some goods wants. */
const REASONS: readonly FailureReason[] = [
  'intoxicated',
  'recipient_not_addressee',
  'closed_hours',
  'pickup_closed',
  'goods_not_ready',
  'goods_not_found',
  'customer_absent',
  'customer_refused',
  'wrong_address',
  'no_access',
  'underage',
  'no_valid_id',
  'goods_damaged',
  'temperature_out_of_range',
]

/** The measured temperature is a reason only where it is measured. */
const UNASKED: Partial<Record<FailureReason, (stop: Stop) => boolean>> = {
  underage: ({ requirements }) => !requirements.minimum_age && !requirements.id_check,
  no_valid_id: ({ requirements }) => !requirements.minimum_age && !requirements.id_check,
  temperature_out_of_range: ({ requirements }) => !requirements.temperature,
}

/** The reasons by which all stops of a group may fail. */
export const reasonsOf = ({ stops }: Group): FailureReason[] =>
  REASONS.filter((reason) => stops.every((stop) => stop.reasons.includes(reason) && !UNASKED[reason]?.(stop)))

/** Goods that may stay at the door when nobody opens: the photo then proves the hand-over. */
export const isLeftAtDoor = (group: Group, reason: FailureReason | null): boolean =>
  reason === 'customer_absent' && group.first.kind === 'dropoff' && group.first.undeliverable === 'leave_at_door'
