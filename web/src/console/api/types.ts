/** Answers of the API under the names that the console uses. */

import type { Schemas } from '../../parts/client'

export type State = Schemas['State']
export type Point = Schemas['Point']
export type Zone = Schemas['ZoneView'] & { pause?: Pause | null }
export type Delivery = Schemas['StaffDelivery']
export type Explanation = Schemas['Explanation']
export type Route = Schemas['StaffRoute']
export type Rerouted = Schemas['ReroutedView']
export type RouteStop = Schemas['SketchStop']
export type Transfer = Schemas['TransferView']
export type Plan = Schemas['ZonePlan']
export type PlannedDelivery = Schemas['PlannedDelivery']
export type Incident = Schemas['KnownIncident']
export type Held = Schemas['HeldDelivery']
export type Ground = Schemas['Ground']
export type Proof = Schemas['ProofView']

/** A driver on duty, as the map shows them. */
export interface MapDriver {
  driver_id: string
  name: string | null
  vehicle: string
  position: Point | null
  position_at: string | null
  heading: 'pickup' | 'dropoff' | 'return' | null
  delivery_id: string | null
  stops: number
  late_s: number
  suspended: boolean
}

/** An order that waits or is under way, as the map and the queue show it. */
export interface MapDelivery {
  delivery_id: string
  order_number: string | null
  merchant: string
  state: State
  priority: 'normal' | 'urgent'
  pickup: Point
  dropoff: Point
  driver_id: string | null
  eta: string | null
  promised_until: string
  late_s: number
  urgency: number
  reasons: string[]
  waits: string | null
}

export interface Pause {
  orders: boolean
  offers: boolean
  until: string | null
  reason: string
  by: string
  since: string
}

export interface ZoneMap {
  as_of: string
  drivers: MapDriver[]
  deliveries: MapDelivery[]
  incidents: Incident[]
  paused: Pause | null
}

export interface Emergency {
  emergency_id: string
  raised_at: string
  state: 'open' | 'handled'
  handled_at: string | null
  driver_id: string
  driver_name: string | null
  zone_id: string | null
  position: Point | null
  note: string | null
  handled_by: string | null
  handling_note: string | null
  driver_phone: string | null
}

export interface Message {
  message_id: string
  at: string
  sender: 'driver' | 'staff' | 'customer'
  text: string
  read_at: string | null
}

export interface Unread {
  driver_id: string
  count: number
  since: string
}

export interface AssignedRow {
  delivery_id: string
  status: string | number
  driver_id: string | null
  problem: { code: string; detail: string } | null
}

export interface Dispatched {
  offered: { offer_id: string; delivery_ids: string[]; driver_ids: string[] }[]
  waits: { delivery_id: string; code: string }[]
}

export type Area = { centre: Point; radius_m: number } | { polygon: Point[] }

export interface AreaOffer {
  offer_id: string
  asked: string[]
  left_out: { driver_id: string; reason: string }[]
}

export interface AuditEntry {
  entry_id: string
  at: string
  by: string
  action: string
  subjects: string[]
  outcome: number | null
  request: unknown
}

export interface Found {
  deliveries: Schemas['DeliveryLine'][]
  drivers: { driver_id: string; name: string | null; zone_id: string | null; on_duty: boolean }[]
}
