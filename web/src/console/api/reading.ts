/** Questions to the API. */

import { type Schemas, api } from '../../parts/client'
import { LONGEST_ANSWER_MS, answered } from './answers'

const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(LONGEST_ANSWER_MS) })

export const zones = () => answered(api.GET('/v1/staff/zones', soon()))

export const zoneMap = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/map', { params: { path: { zone_id } }, ...soon() }))

export const plan = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/plan', { params: { path: { zone_id } }, ...soon() }))

export const law = (zone_id: string, on?: string) =>
  answered(api.GET('/v1/staff/law', { params: { query: on ? { zone_id, on } : { zone_id } }, ...soon() }))

export const heldPay = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/held-pay', { params: { path: { zone_id } }, ...soon() }))

export const priceTables = (cursor: string | null) =>
  answered(api.GET('/v1/staff/price-tables', { params: { query: cursor ? { cursor } : {} }, ...soon() }))

export const priceTable = (table_id: string) =>
  answered(api.GET('/v1/staff/price-tables/{table_id}', { params: { path: { table_id } }, ...soon() }))

export const surge = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/surge', { params: { path: { zone_id } }, ...soon() }))

export const financeMails = () => answered(api.GET('/v1/staff/finance/mails', soon()))

export const breakEven = (zone_id: string) =>
  answered(api.GET('/v1/staff/break-even', { params: { query: { zone_id } }, ...soon() }))

export const adjustments = () => answered(api.GET('/v1/staff/ledger/adjustments', soon()))

export const delivery = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}', { params: { path: { delivery_id } }, ...soon() }))

export const offersOf = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}/offers', { params: { path: { delivery_id } }, ...soon() }))

export const dispatchOf = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}/dispatch', { params: { path: { delivery_id } }, ...soon() }))

export const shifts = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/shifts', { params: { path: { zone_id } }, ...soon() }))

export const classification = (zone_id: string) =>
  answered(api.GET('/v1/staff/classification', { params: { query: { zone_id } }, ...soon() }))

export const corrections = () => answered(api.GET('/v1/staff/corrections', soon()))

export const proof = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}/proof', { params: { path: { delivery_id } }, ...soon() }))

export const verification = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}/proof/verify', { params: { path: { delivery_id } }, ...soon() }))

export const notices = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}/notices', { params: { path: { delivery_id } }, ...soon() }))

export const rating = (delivery_id: string) =>
  answered(api.GET('/v1/staff/deliveries/{delivery_id}/rating', { params: { path: { delivery_id } }, ...soon() }))

export const driver = (driver_id: string) =>
  answered(api.GET('/v1/staff/drivers/{driver_id}', { params: { path: { driver_id } }, ...soon() }))

export const driverNames = (driver_id: string[]) =>
  answered(api.GET('/v1/staff/driver-names', { params: { query: { driver_id } }, ...soon() }))

export const route = (driver_id: string) =>
  answered(api.GET('/v1/staff/drivers/{driver_id}/route', { params: { path: { driver_id } }, ...soon() }))

export const messages = (driver_id: string, after?: string) =>
  answered(
    api.GET('/v1/staff/drivers/{driver_id}/messages', {
      params: { path: { driver_id }, query: after ? { after } : {} },
      ...soon(),
    }),
  )

export const unread = () =>
  answered(api.GET('/v1/staff/messages/unread', soon()))

export const waitingCases = (waits_for: Schemas['CaseWait']) =>
  answered(api.GET('/v1/staff/cases', { params: { query: { waits_for } }, ...soon() }))

export const claims = (state: Schemas['ClaimState']) => answered(api.GET('/v1/staff/claims', { params: { query: { state } }, ...soon() }))

export const invoices = (query: { merchant_id?: string; invoice_id?: string; cursor?: string }) =>
  answered(api.GET('/v1/staff/invoices', { params: { query }, ...soon() }))

export const casesOf = (driver_id: string) =>
  answered(api.GET('/v1/staff/drivers/{driver_id}/cases', { params: { path: { driver_id } }, ...soon() }))

export const performance = (driver_id: string) =>
  answered(api.GET('/v1/staff/drivers/{driver_id}/performance', { params: { path: { driver_id } }, ...soon() }))

export const incentives = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/incentives', { params: { path: { zone_id } }, ...soon() }))

export const blocks = (zone_id: string) =>
  answered(api.GET('/v1/staff/zones/{zone_id}/blocks', { params: { path: { zone_id } }, ...soon() }))

export interface FloorsQuery {
  jurisdiction?: string
  period?: string
  driver_id?: string
  cursor?: string
}

export const payFloors = (query: FloorsQuery) =>
  answered(api.GET('/v1/staff/pay-floors', { params: { query }, ...soon() }))

export const policies = () => answered(api.GET('/v1/staff/policies', soon()))

export const emergencies = () =>
  answered(api.GET('/v1/staff/emergencies', soon()))

export interface AuditQuery {
  subject?: string
  by?: string
  day?: string
  after?: string
}

export const audit = (query: AuditQuery) =>
  answered(api.GET('/v1/staff/audit', { params: { query }, ...soon() }))

export const search = (q: string) => answered(api.GET('/v1/staff/search', { params: { query: { q } }, ...soon() }))

export const taxYear = (year: number, after?: string) =>
  answered(api.GET('/v1/staff/tax/years/{year}', { params: { path: { year }, query: after ? { after } : {} }, ...soon() }))

export const payees = (list: Schemas['PayeeList']) =>
  answered(api.GET('/v1/staff/tax/drivers', { params: { query: { list } }, ...soon() }))

export const payee = (driver_id: string) =>
  answered(api.GET('/v1/staff/tax/drivers', { params: { query: { driver_id } }, ...soon() }))

export interface PayoutsQuery {
  state?: Schemas['PayoutState'] | undefined
  period?: string | undefined
  driver_id?: string | undefined
  cursor?: string | undefined
}

export const payouts = (query: PayoutsQuery) =>
  answered(api.GET('/v1/staff/payouts', { params: { query: { ...query, limit: 50 } }, ...soon() }))

export const payout = (payout_id: string) =>
  answered(api.GET('/v1/staff/payouts/{payout_id}', { params: { path: { payout_id } }, ...soon() }))

export const payRuns = (query: { period?: string; cursor?: string }) =>
  answered(api.GET('/v1/staff/pay-runs', { params: { query: { ...query, limit: 14 } }, ...soon() }))

const paged = (cursor: string | null): { cursor?: string } => (cursor ? { cursor } : {})

export const trialBalance = (period: string, to: string, cursor: string | null, limit = 100) =>
  answered(api.GET('/v1/staff/ledger/trial-balance', { params: { query: { period, to, limit, ...paged(cursor) } }, ...soon() }))

export const accountStatement = (account: string, first: string, last: string, cursor: string | null) =>
  answered(
    api.GET('/v1/staff/ledger/accounts/{account}/statement', {
      params: { path: { account }, query: { first, last, limit: 50, ...paged(cursor) } },
      ...soon(),
    }),
  )

export const openItems = (cursor: string | null) =>
  answered(api.GET('/v1/staff/ledger/open-items', { params: { query: { limit: 50, ...paged(cursor) } }, ...soon() }))

export const posting = (posting_id: string) =>
  answered(api.GET('/v1/staff/ledger/postings/{posting_id}', { params: { path: { posting_id } }, ...soon() }))

export const journalExport = (export_id: string) =>
  answered(api.GET('/v1/staff/ledger/exports/{export_id}', { params: { path: { export_id } }, ...soon() }))

export const months = () => answered(api.GET('/v1/staff/ledger/months', soon()))
