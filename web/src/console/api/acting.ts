/** Acts of staff. Each is sent once; a repeated one is told from the first by the API. */

import { api, type Schemas } from '../../parts/client'
import { LONGEST_ANSWER_MS, answered } from './answers'
import type * as Api from './types'

const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(LONGEST_ANSWER_MS) })
const ofDelivery = (delivery_id: string) => ({ params: { path: { delivery_id } }, ...soon() })
const ofDriver = (driver_id: string) => ({ params: { path: { driver_id } }, ...soon() })
const ofZone = (zone_id: string) => ({ params: { path: { zone_id } }, ...soon() })

export const assign = (delivery_id: string, body: Schemas['AssignInput']) =>
  answered(api.POST('/v1/staff/deliveries/{delivery_id}/assign', { ...ofDelivery(delivery_id), body }))

export const assignMany = (assignments: { delivery_id: string; driver_id: string }[]) =>
  answered(api.POST('/v1/staff/deliveries/assign', { body: { assignments }, ...soon() }))

export const cancel = (delivery_id: string, reason: Schemas['CancelReason']) =>
  answered(api.POST('/v1/staff/deliveries/{delivery_id}/cancel', { ...ofDelivery(delivery_id), body: { reason } }))

/** `driver_id` is who brought goods that were to change hands. */
export const complete = (delivery_id: string, body: Schemas['CompleteByHandInput']) =>
  answered(api.POST('/v1/staff/deliveries/{delivery_id}/complete', { ...ofDelivery(delivery_id), body }))

export const fail = (delivery_id: string, body: Schemas['FailByHandInput']) =>
  answered(api.POST('/v1/staff/deliveries/{delivery_id}/fail', { ...ofDelivery(delivery_id), body }))

export const liftSuppression = (delivery_id: string, body: Schemas['LiftInput']) =>
  answered(api.POST('/v1/staff/deliveries/{delivery_id}/notices/lift', { ...ofDelivery(delivery_id), body }))

export const offerToArea = (delivery_id: string, area: Api.Area) =>
  answered(api.POST('/v1/staff/deliveries/{delivery_id}/offer', { ...ofDelivery(delivery_id), body: { area } }))

export const dispatch = (zone_id: string, delivery_ids: string[] | null) =>
  answered(api.POST('/v1/staff/zones/{zone_id}/dispatch', { ...ofZone(zone_id), body: { delivery_ids } }))

export const rearrange = (driver_id: string, body: Schemas['RouteOrder']) =>
  answered(api.PUT('/v1/staff/drivers/{driver_id}/route', { ...ofDriver(driver_id), body }))

export const transfer = (driver_id: string, body: Schemas['TransferInput']) =>
  answered(api.POST('/v1/staff/drivers/{driver_id}/route/transfer', { ...ofDriver(driver_id), body }))

export const planShift = (driver_id: string, body: Schemas['PlannedShift']) =>
  answered(api.POST('/v1/staff/drivers/{driver_id}/shifts', { ...ofDriver(driver_id), body }))

export const removeShift = (driver_id: string, on_at: string) =>
  answered(api.POST('/v1/staff/drivers/{driver_id}/shifts/remove', { ...ofDriver(driver_id), body: { on_at } }))

export const decideCorrection = (correction_id: string, body: Schemas['CorrectionDecision']) =>
  answered(
    api.POST('/v1/staff/corrections/{correction_id}/decide', { params: { path: { correction_id } }, body, ...soon() }),
  )

export const endDuty = (driver_id: string) =>
  answered(api.DELETE('/v1/staff/drivers/{driver_id}/duty', ofDriver(driver_id)))

const ofTable = (table_id: string) => ({ params: { path: { table_id } }, ...soon() })

export const uploadTable = (body: Schemas['TableInput']) => answered(api.POST('/v1/staff/price-tables', { body, ...soon() }))

export const decideTable = (table_id: string, body: Schemas['TableDecision']) =>
  answered(api.POST('/v1/staff/price-tables/{table_id}/decisions', { ...ofTable(table_id), body }))

export const simulateTable = (table_id: string) =>
  answered(api.POST('/v1/staff/price-tables/{table_id}/simulations', ofTable(table_id)))

export const setSurge = (zone_id: string, body: Schemas['SurgeOverride']) =>
  answered(api.PUT('/v1/staff/zones/{zone_id}/surge', { ...ofZone(zone_id), body }))

const ofCase = (case_id: string) => ({ params: { path: { case_id } }, ...soon() })

export const openCase = (driver_id: string, body: Schemas['CaseInput']) =>
  answered(api.POST('/v1/staff/drivers/{driver_id}/cases', { ...ofDriver(driver_id), body }))

export const stopDriver = (case_id: string, reason: string) =>
  answered(api.POST('/v1/staff/cases/{case_id}/stop', { ...ofCase(case_id), body: { reason } }))

export const decideCase = (case_id: string, body: Schemas['ConductDecisionInput']) =>
  answered(api.POST('/v1/staff/cases/{case_id}/decide', { ...ofCase(case_id), body }))

export const dismissCase = (case_id: string, reasons: string) =>
  answered(api.POST('/v1/staff/cases/{case_id}/dismiss', { ...ofCase(case_id), body: { reasons } }))

export const answerAppeal = (case_id: string, body: Schemas['AppealAnswerInput']) =>
  answered(api.POST('/v1/staff/cases/{case_id}/answer', { ...ofCase(case_id), body }))

export const decideClaim = (decision: Schemas['ClaimDecisionInput']) => answered(api.POST('/v1/staff/claims', { ...soon(), body: { decision } }))

export const recordPayment = (invoice_id: string, body: Schemas['PaymentInput']) =>
  answered(api.POST('/v1/staff/invoices/{invoice_id}/payments', { params: { path: { invoice_id } }, ...soon(), body }))

export const publishPolicy = (body: Schemas['ConductPolicyInput']) =>
  answered(api.POST('/v1/staff/policies', { ...soon(), body }))

export const write = (driver_id: string, message_id: string, text: string) =>
  answered(api.POST('/v1/staff/drivers/{driver_id}/messages', { ...ofDriver(driver_id), body: { message_id, text } }))

/** The driver's messages up to one are read. */
export const markRead = (driver_id: string, until: string) =>
  answered(api.POST('/v1/staff/drivers/{driver_id}/messages/read', { ...ofDriver(driver_id), body: { until } }))

export const handle = (emergency_id: string, note: string) =>
  answered(api.POST('/v1/staff/emergencies/{emergency_id}/handle', {
      params: { path: { emergency_id } },
      body: { note },
      ...soon(),
    }),
  )

export const pauseZone = (zone_id: string, body: Schemas['PauseInput']) =>
  answered(api.PUT('/v1/staff/zones/{zone_id}/pause', { ...ofZone(zone_id), body }))

export const resumeZone = (zone_id: string) =>
  answered(api.DELETE('/v1/staff/zones/{zone_id}/pause', ofZone(zone_id)))

export const putZone = (zone_id: string, body: Schemas['ZoneSettings-Input']) =>
  answered(api.PUT('/v1/staff/zones/{zone_id}', { ...ofZone(zone_id), body }))

export const reportIncident = (zone_id: string, body: Schemas['IncidentInput']) =>
  answered(api.POST('/v1/staff/zones/{zone_id}/incidents', { ...ofZone(zone_id), body }))

export const endIncident = (zone_id: string, incident_id: string) =>
  answered(
    api.DELETE('/v1/staff/zones/{zone_id}/incidents/{incident_id}', {
      params: { path: { zone_id, incident_id } },
      ...soon(),
    }),
  )

export const decidePay = (delivery_id: string, verdict: 'release-pay' | 'refuse-pay', ground: Api.Ground) =>
  answered(
    verdict === 'release-pay'
      ? api.POST('/v1/staff/deliveries/{delivery_id}/release-pay', { ...ofDelivery(delivery_id), body: { ground } })
      : api.POST('/v1/staff/deliveries/{delivery_id}/refuse-pay', { ...ofDelivery(delivery_id), body: { ground } }),
  )

export const putFinanceMails = (body: Schemas['FinanceMailsRequest']) =>
  answered(api.PUT('/v1/staff/finance/mails', { body, ...soon() }))

export const askAdjustment = (body: Schemas['AdjustmentRequest']) =>
  answered(api.POST('/v1/staff/ledger/adjustments', { body, ...soon() }))

export const decideAdjustment = (adjustment_id: string, verdict: 'approve' | 'refuse') =>
  answered(
    api.POST('/v1/staff/ledger/adjustments/{adjustment_id}/{verdict}', {
      params: { path: { adjustment_id, verdict } },
      ...soon(),
    }),
  )

export const makeIncentive = (body: Schemas['IncentiveInput']) =>
  answered(api.POST('/v1/staff/incentives', { body, ...soon() }))

export const stopIncentive = (incentive_id: string) =>
  answered(api.POST('/v1/staff/incentives/{incentive_id}/stop', { params: { path: { incentive_id } }, ...soon() }))

export const makeBlocks = (body: Schemas['BlockInput']) => answered(api.POST('/v1/staff/blocks', { body, ...soon() }))

export const stopBlock = (block_id: string) =>
  answered(api.POST('/v1/staff/blocks/{block_id}/stop', { params: { path: { block_id } }, ...soon() }))

export const changeTaxYear = (year: number, change: Schemas['YearInput']['change']) =>
  answered(api.POST('/v1/staff/tax/years/{year}', { params: { path: { year } }, body: { change }, ...soon() }))

export const changeNotices = (change: Schemas['NoticesInput']['change']) =>
  answered(api.POST('/v1/staff/tax/notices', { body: { change }, ...soon() }))

export const decidePayout = (payout_id: string, body: Schemas['DecisionRequest']) =>
  answered(api.POST('/v1/staff/payouts/{payout_id}/decisions', { params: { path: { payout_id } }, body, ...soon() }))

export const startPayRun = (period: string) => answered(api.POST('/v1/staff/pay-runs', { body: { period }, ...soon() }))

/** Send a bank's file of returns as text, from a record on. */
export const takeReturns = (text: string, start: number) =>
  answered(
    api.POST('/v1/staff/payouts/bank-returns', {
      params: { query: { start } },
      headers: { 'content-type': 'text/plain' },
      body: text as never,
      bodySerializer: (body: unknown) => body as string,
      ...soon(),
    }),
  )

export const reversePosting = (posting_id: string, body: Schemas['ReversalRequest']) =>
  answered(api.POST('/v1/staff/ledger/postings/{posting_id}/reversal', { params: { path: { posting_id } }, body, ...soon() }))

export const exportJournal = (body: Schemas['ExportRequest']) =>
  answered(api.POST('/v1/staff/ledger/exports', { body, ...soon() }))

export const closeMonth = (month: string) =>
  answered(api.POST('/v1/staff/ledger/months/{month}/close', { params: { path: { month } }, ...soon() }))
