/** The driver's calls of the API as actions of the queue. */

import type { Schemas } from '../../parts/client'
import type { Input, Kind, Picture, StopKind } from './model'

type Position = Schemas['Point']

/** State of the goods, if the driver looked at them. */
export interface Condition {
  state: 'intact' | 'damaged' | 'opened' | 'wet' | 'wrong' | 'missing_items'
  note?: string
}

interface Noted {
  position?: Position | null
  condition?: Condition | null
  note?: string | null
}

/** What is scanned and measured at any stop. */
export interface Measured {
  scanned?: string[]
  temperature_c?: number | null
}

export interface PickingUp extends Noted, Measured {}

export interface HandingOver extends Noted, Measured {
  pin?: string | null
  age_check?: Schemas['AgeCheck'] | null
  id_check?: Schemas['IdCheck'] | null
  affirmed?: string[]
  relation?: Schemas['Relation'] | null
  received_by?: string | null
}

interface Disposing {
  disposition?: Schemas['DispositionInput'] | null
}

export interface Failing extends Noted, Measured, Disposing {
  reason: Schemas['FailureReason']
}

export interface GivingBack extends Measured, Disposing {
  position?: Position | null
}

export type ProofKind = 'photo' | 'signature' | 'pickup_photo' | 'failure_photo'
export type CorrectionReason = 'pressed_by_mistake' | 'customer_came' | 'other'

const place = (deliveryId: string): string => `/v1/driver/deliveries/${encodeURIComponent(deliveryId)}`

function step(kind: Kind, deliveryId: string, call: string, body: object, stop?: StopKind): Input {
  return {
    kind,
    deliveryId,
    method: 'POST' as const,
    path: `${place(deliveryId)}/${call}`,
    dated: true,
    lane: deliveryId,
    body: { ...body },
    ...(stop && { stop }),
  }
}

export const depart = (deliveryId: string, stop: StopKind, with_: { position?: Position | null } = {}): Input =>
  step('depart', deliveryId, 'depart', { stop, ...with_ }, stop)

export const arrive = (deliveryId: string, stop: StopKind, with_: { position?: Position | null } = {}): Input =>
  step('arrive', deliveryId, 'arrive', { stop, ...with_ }, stop)

export const pickUp = (deliveryId: string, captured: PickingUp = {}): Input =>
  step('pick_up', deliveryId, 'pick-up', captured, 'pickup')

export const deliver = (deliveryId: string, captured: HandingOver = {}): Input =>
  step('deliver', deliveryId, 'deliver', captured, 'dropoff')

/** `stop` is where the driver is: at the shop or at the customer's. */
export const fail = (deliveryId: string, stop: 'pickup' | 'dropoff', captured: Failing): Input =>
  step('fail', deliveryId, 'fail', captured, stop)

export const giveBack = (deliveryId: string, with_: GivingBack = {}): Input =>
  step('return', deliveryId, 'return', with_, 'return')

export const unassign = (deliveryId: string, with_: { position?: Position | null } = {}): Input =>
  step('unassign', deliveryId, 'unassign', with_, 'pickup')

export const correct = (deliveryId: string, reason: CorrectionReason, note: string | null = null): Input =>
  step('correct', deliveryId, 'correct', { reason, note })

/** The upload of a picture; add it before the step that needs it. */
export const proof = (deliveryId: string, kind: ProofKind, picture: Picture): Input => ({
  kind: 'proof',
  deliveryId,
  method: 'PUT',
  lane: deliveryId,
  picture,
  path: `${place(deliveryId)}/proofs/${kind}?sha256=${picture.sha256}`,
})

export const confirmRoute = (revision: number): Input => ({
  kind: 'confirm_route',
  deliveryId: null,
  method: 'POST',
  path: '/v1/driver/route/confirm',
  lane: null,
  body: { revision },
})

export const goOnDuty = (zoneId: string | null, position: Position | null = null): Input => ({
  kind: 'go_on_duty',
  deliveryId: null,
  method: 'POST',
  path: '/v1/driver/duty',
  lane: 'duty',
  body: { zone_id: zoneId, position },
})

export const goOffDuty = (): Input => ({
  kind: 'go_off_duty',
  deliveryId: null,
  method: 'DELETE',
  path: '/v1/driver/duty',
  lane: 'duty',
})

/** A message to the dispatcher. */
export const message = (text: string): Input => ({
  kind: 'message',
  deliveryId: null,
  method: 'POST',
  path: '/v1/driver/messages',
  lane: null,
  body: { message_id: crypto.randomUUID(), text },
})

/** A message to the customer of a delivery. */
export const deliveryMessage = (deliveryId: string, text: string): Input => ({
  kind: 'delivery_message',
  deliveryId,
  method: 'POST',
  path: `${place(deliveryId)}/messages`,
  lane: null,
  body: { message_id: crypto.randomUUID(), text },
})

export const readMessages = (until: string): Input => ({
  kind: 'read_messages',
  deliveryId: null,
  method: 'POST',
  path: '/v1/driver/messages/read',
  lane: null,
  body: { until },
})

/** A call for help, which overtakes everything else. */
export const emergency = (position: Position | null, note: string | null = null): Input => ({
  kind: 'emergency',
  deliveryId: null,
  method: 'POST',
  path: '/v1/driver/emergencies',
  lane: null,
  urgent: true,
  dated: true,
  body: { emergency_id: crypto.randomUUID(), position, note },
})
