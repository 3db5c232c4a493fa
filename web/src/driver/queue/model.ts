/** An action of a driver as the device keeps it, and what may be asked of the queue. */

import type { Schemas } from '../../parts/client'

export type StopKind = Schemas['StopKind']

export type Kind =
  | 'depart'
  | 'arrive'
  | 'pick_up'
  | 'deliver'
  | 'fail'
  | 'return'
  | 'unassign'
  | 'correct'
  | 'proof'
  | 'confirm_route'
  | 'go_on_duty'
  | 'go_off_duty'
  | 'message'
  | 'delivery_message'
  | 'read_messages'
  | 'emergency'

/** Kinds whose effect is seen on the route. */
export const CHANGES_ROUTE: ReadonlySet<Kind> = new Set<Kind>([
  'depart',
  'arrive',
  'pick_up',
  'deliver',
  'fail',
  'return',
  'unassign',
  'correct',
  'confirm_route',
])

/** A picture ready to be uploaded, with the hash of exactly these bytes. */
export interface Picture {
  blob: Blob
  sha256: string
}

/** An action before the queue has it; `steps.ts` makes them. */
export interface Input {
  kind: Kind
  deliveryId: string | null
  stop?: StopKind
  method: 'POST' | 'PUT' | 'DELETE'
  /** With a query if there is one. */
  path: string
  body?: Record<string, unknown>
  picture?: Picture
  /** The body is given the device's time as `device_at`. */
  dated?: boolean
  /** It goes before all others. */
  urgent?: boolean
  /** Actions of one lane wait for each other; one without a lane waits for none and none waits for it. */
  lane: string | null
}

export interface Refusal {
  status: number
  code: string
  detail: string
}

/** The record in the device's store. */
export interface Stored {
  id: string
  /** Its place in the order of all actions of the device. */
  seq: number
  owner: string
  /** Actions that were added together. */
  group: string
  kind: Kind
  deliveryId: string | null
  stop: StopKind | null
  lane: string | null
  urgent: boolean
  method: Input['method']
  path: string
  /** The JSON text as it will be sent. */
  body: string | null
  /** The hash by which its picture is kept. */
  picture: string | null
  pictureType: string | null
  digest: string
  /** By the device's clock, in milliseconds. */
  addedAt: number
  heldUntil: number | null
  attempts: number
  state: 'waiting' | 'refused' | 'done'
  refusal: Refusal | null
}

/** `behind` waits for a refused action of its lane, `resting` for another try after an error of the server. */
export type Standing = 'held' | 'waiting' | 'resting' | 'behind' | 'refused' | 'done'

/** An action as screens see it. */
export interface Action {
  id: string
  owner: string
  group: string
  kind: Kind
  deliveryId: string | null
  stop: StopKind | null
  method: Input['method']
  path: string
  /** The JSON that will be sent; null once it was answered. */
  body: Readonly<Record<string, unknown>> | null
  deviceAt: string
  heldUntil: number | null
  state: Standing | 'sending'
  refusal: Refusal | null
  attempts: number
}

export function shown(record: Stored, standing: Standing, sending: boolean): Action {
  const { id, owner, group, kind, deliveryId, stop, method, path, heldUntil, refusal, attempts } = record
  return {
    id,
    owner,
    group,
    kind,
    deliveryId,
    stop,
    method,
    path,
    heldUntil,
    refusal,
    attempts,
    body: record.body === null ? null : (JSON.parse(record.body) as Record<string, unknown>),
    deviceAt: new Date(record.addedAt).toISOString(),
    state: sending && standing !== 'done' ? 'sending' : standing,
  }
}

/** The device has no room. Nothing was changed: what was saved before is still there. */
export class StorageFullError extends Error {
  override name = 'StorageFullError'

  constructor() {
    super('The phone has no room to save this. Free some room, for example by deleting videos, then try again.')
  }
}

/** Nobody is signed in, or somebody else than the owner of the action. */
export class SignInNeededError extends Error {
  override name = 'SignInNeededError'
}
