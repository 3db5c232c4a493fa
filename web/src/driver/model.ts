/** What the driver's app knows of the API's answers. */

import type { Schemas } from '../parts/client'

export type Driver = Schemas['DriverView']
export type Money = Schemas['Money']
export type Point = Schemas['Point']
export type PricePart = Schemas['PricePart']
export type Stop = Schemas['StopView']
export type StopKind = Schemas['StopKind']
export type State = Schemas['State']
export type Change = Schemas['ChangeView']
/** An ending of this duty, and until when it can be corrected. */
export interface Ended {
  delivery_id: string
  order_number: string
  state: State
  ended_at: string
  correctable_until: string | null
}
export type Route = Schemas['RouteView'] & { ended?: Ended[] }
export type Offer = Schemas['OfferView'] & {
  trip?: { distance_m: number; duration_s: number } | null
  pay_per_hour?: Money | null
}
export type OfferedDelivery = Schemas['OfferedDelivery']
export type Offers = { offers: Offer[] }
export type Earnings = Schemas['Earnings']
export type FailureReason = Schemas['FailureReason']
export type DocumentKind = Schemas['DocumentKind']
export type VehicleKind = Schemas['VehicleKind']
