/** What staff ask and do about applications. */

import { api, type Schemas } from '../../parts/client'
import { LONGEST_ANSWER_MS, answered } from '../api/answers'

export type Line = Schemas['ApplicationLine']
export type Application = Schemas['ApplicationView']
export type Stage = 'for_staff' | 'with_applicant' | 'with_provider' | 'approved' | 'refused'
export const STAGES: readonly Stage[] = ['for_staff', 'with_applicant', 'with_provider', 'approved', 'refused']

const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(LONGEST_ANSWER_MS) })
const of = (application_id: string) => ({ params: { path: { application_id } }, ...soon() })
const ONE = '/v1/staff/applications/{application_id}'

export const list = (stage: Stage, after: string | null) =>
  answered(api.GET('/v1/staff/applications', { params: { query: { stage, ...(after ? { after } : {}) } }, ...soon() }))

export const read = (id: string) => answered(api.GET(ONE, of(id)))
export const approve = (id: string) => answered(api.POST(`${ONE}/approve`, of(id)))
export const orderAgain = (id: string) => answered(api.POST(`${ONE}/check/order`, of(id)))

export const refuse = (id: string, reason: Schemas['RefusalInput']['reason']) =>
  answered(api.POST(`${ONE}/refuse`, { ...of(id), body: { reason } }))

export const decide = (id: string, body: Schemas['ScreeningDecision']) =>
  answered(api.POST(`${ONE}/check/decide`, { ...of(id), body }))

export const closeDispute = (id: string, outcome: Schemas['DisputeOutcome']) =>
  answered(api.POST(`${ONE}/check/close-dispute`, { ...of(id), body: { outcome } }))
