/** Answers of the API under the names that the console uses. */

import type { Schemas } from '../../parts/client'

export type State = Schemas['State']
export type Point = Schemas['Point']
export type Zone = Schemas['ZoneView']
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
/** A driver on duty, and an order that waits or is under way, as the map and the lists show them. */
export type MapDriver = Schemas['DriverOnMap']
export type MapDelivery = Schemas['DeliveryOnMap']
export type ZoneMap = Schemas['ZoneMap']
export type Pause = Schemas['Pause']
export type AuditEntry = Schemas['AuditEntry']
export type Assigned = Schemas['BulkAssigned']
export type Emergency = Schemas['EmergencyLine']
export type Message = Schemas['MessageView']
export type Unread = Schemas['UnreadDriver']
export type Dispatched = Schemas['Dispatched']
export type AreaOffer = Schemas['AreaOffer']
export type Area = Schemas['AreaOfferInput']['area']

export interface Found {
  deliveries: Schemas['DeliveryLine'][]
  drivers: { driver_id: string; name: string | null; zone_id: string | null; on_duty: boolean }[]
}
