/** The API's answers under the names that the driver's app uses. */

import type { Schemas } from '../parts/client'

export type Driver = Schemas['DriverView']
export type Money = Schemas['Money']
export type Point = Schemas['Point']
export type PricePart = Schemas['PricePart']
export type Stop = Schemas['StopView']
export type StopKind = Schemas['StopKind']
export type State = Schemas['State']
export type Change = Schemas['ChangeView']
export type Route = Schemas['RouteView']
export type Offer = Schemas['OfferView']
export type OfferedDelivery = Schemas['OfferedDelivery']
export type Offers = Schemas['OfferList']
export type Earnings = Schemas['Earnings']
export type Range = Schemas['Range']
export type FailureReason = Schemas['FailureReason']
export type DocumentKind = Schemas['DocumentKind']
export type VehicleKind = Schemas['VehicleKind']
export type Message = Schemas['MessageView']
export type Emergency = Schemas['EmergencyView']
