/** A driver's steps as actions of the queue: what is sent for each stop, and in which order. */

import type { Point, Stop } from './model'
import { type Group, phaseOf } from './stops'

/** An action before it is in the queue. */
export interface Draft {
  kind: string
  deliveryId: string | null
  method: 'POST' | 'PUT' | 'DELETE'
  path: string
  body?: object
  picture?: Blob
  holdMs?: number
}

/** When and where a step is made, by the phone. */
export interface Moment {
  device_at: string
  position: Point | null
}

export type ConditionState = 'intact' | 'damaged' | 'opened' | 'wet' | 'wrong' | 'missing_items'

/** What the driver noted at a stop. */
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

export type PictureKind = 'photo' | 'signature' | 'pickup_photo' | 'failure_photo'

/** How long an ending waits on the phone, so that it can be undone. */
export const UNDO_MS = 10_000

const pathOf = (deliveryId: string, step: string): string =>
  `/v1/driver/deliveries/${encodeURIComponent(deliveryId)}/${step}`

function step(stop: Stop, name: string, body: object, holdMs?: number): Draft {
  const draft: Draft = {
    kind: name.replace('-', '_'),
    deliveryId: stop.delivery_id,
    method: 'POST',
    path: pathOf(stop.delivery_id, name),
    body,
  }
  return holdMs ? { ...draft, holdMs } : draft
}

const depart = (stop: Stop, moment: Moment): Draft => step(stop, 'depart', { ...moment, stop: stop.kind })
const arriveAt = (stop: Stop, moment: Moment): Draft => step(stop, 'arrive', { ...moment, stop: stop.kind })

/**
 * Set out for a group.
 *
 * The stop that is left for last becomes the first of the route, so the stops are sent backwards and keep their order.
 */
export function setOut(group: Group, moment: Moment): Draft[] {
  return group.stops.toReversed().map((stop) => depart(stop, moment))
}

/** Arrive at a group; a stop for which the driver never set out is left for in the same moment. */
export function arrive(group: Group, moment: Moment): Draft[] {
  const behind = group.stops.filter((stop) => phaseOf(stop) === 'waiting').toReversed()
  const there = group.stops.filter((stop) => phaseOf(stop) !== 'there')
  return [...behind.map((stop) => depart(stop, moment)), ...there.map((stop) => arriveAt(stop, moment))]
}

const noted = ({ condition, note }: Noted): object => ({
  ...(condition && { condition: { state: condition } }),
  ...(note.trim() && { note: note.trim() }),
})

/** A picture for each delivery of a group, before the step that needs it. */
export function pictures(group: Group, kind: PictureKind, picture: Blob): Draft[] {
  return group.stops.map((stop) => ({
    kind,
    deliveryId: stop.delivery_id,
    method: 'PUT',
    path: pathOf(stop.delivery_id, `proofs/${kind}`),
    picture,
  }))
}

export function pickUp(group: Group, moment: Moment, given: Noted & { scanned: string[] }): Draft[] {
  const body = { ...moment, scanned: given.scanned, ...noted(given) }
  return group.stops.map((stop) => step(stop, 'pick-up', body))
}

export function handOver(group: Group, moment: Moment, given: HandedOver): Draft[] {
  const body = {
    ...moment,
    scanned: given.scanned,
    ...(given.pin && { pin: given.pin }),
    ...(given.document && { age_check: { document: given.document, minimum_age_met: given.ageMet } }),
    ...(given.receivedBy.trim() && { received_by: given.receivedBy.trim() }),
    ...noted(given),
  }
  // The API says at once whether a PIN is right, and the driver stands at the door to hear it.
  return group.stops.map((stop) => step(stop, 'deliver', body, given.pin ? undefined : UNDO_MS))
}

export function fail(group: Group, moment: Moment, reason: string, given: Noted & { scanned: string[] }): Draft[] {
  const body = { ...moment, reason, scanned: given.scanned, ...noted(given) }
  return group.stops.map((stop) => step(stop, 'fail', body, UNDO_MS))
}

export const giveBack = (group: Group, moment: Moment): Draft[] =>
  group.stops.map((stop) => step(stop, 'return', moment, UNDO_MS))

export const unassign = (group: Group, moment: Moment): Draft[] =>
  group.stops.map((stop) => step(stop, 'unassign', moment))

export function correct(deliveryId: string, moment: Moment, reason: string, note: string): Draft {
  return {
    kind: 'correct',
    deliveryId,
    method: 'POST',
    path: pathOf(deliveryId, 'correct'),
    body: { device_at: moment.device_at, reason, ...(note.trim() && { note: note.trim() }) },
  }
}

export const confirmPlan = (revision: number): Draft => ({
  kind: 'confirm',
  deliveryId: null,
  method: 'POST',
  path: '/v1/driver/route/confirm',
  body: { revision },
})

/** Reasons at each kind of stop, the likely ones first. */
export const REASONS: Record<Stop['kind'], readonly string[]> = {
  pickup: ['pickup_closed', 'goods_not_ready', 'goods_not_found', 'goods_damaged'],
  dropoff: ['customer_absent', 'customer_refused', 'wrong_address', 'no_access', 'age_not_proven', 'goods_damaged'],
  return: [],
}

/** Goods that may stay at the door when nobody opens: the photo then proves the hand-over. */
export const isLeftAtDoor = (group: Group, reason: string): boolean =>
  reason === 'customer_absent' && group.first.kind === 'dropoff' && group.first.undeliverable === 'leave_at_door'
