import type { FunctionComponent } from 'preact'
import { AreaView } from '../areas/area_view'
import { AuditView } from '../audit/audit_view'
import { PayView } from '../pay/pay_view'
import type { Zone } from '../api/types'
import { lazily } from './lazily'
import { LiveView } from './live_view'
import type { Right } from '../../parts/session/session'
import type { View } from './place'

export interface ViewProps {
  /** The zone's settings were changed. */
  changed: (zone: Zone) => void
  reload: () => void
}

const DocumentsView = lazily<ViewProps>(async () => (await import('../documents/documents_view')).DocumentsView)

/** The right that a view needs. */
export const RIGHT_OF: Record<View, Right> = {
  live: 'read_operations',
  area: 'read_operations',
  law: 'read_operations',
  applications: 'decide_applications',
  conduct: 'manage_drivers',
  extra: 'read_operations',
  pay: 'read_money',
  payouts: 'read_money',
  ledger: 'read_money',
  exceptions: 'read_money',
  floors: 'read_money',
  prices: 'read_operations',
  claims: 'decide_claims',
  invoices: 'read_money',
  mails: 'read_money',
  break_even: 'read_money',
  documents: 'review_documents',
  audit: 'read_audit',
  fleet: 'read_operations',
  requests: 'manage_drivers',
  tax: 'read_money',
}

/** The views of the console. A new one is a component, a name in `VIEWS`, and a line here and above. */
export const VIEW_OF: Record<View, FunctionComponent<ViewProps>> = {
  live: LiveView,
  area: AreaView,
  law: lazily(async () => (await import('../law/law_view')).LawView),
  applications: lazily(async () => (await import('../applications/applications_view')).ApplicationsView),
  conduct: lazily(async () => (await import('../conduct/conduct_view')).conductView()),
  extra: lazily(async () => (await import('../extra/extra_view')).extraView()),
  pay: PayView,
  payouts: lazily(async () => (await import('../payouts/payouts_view')).payoutsView()),
  ledger: lazily(async () => (await import('../ledger/ledger_view')).ledgerView()),
  exceptions: lazily(async () => (await import('../exceptions/exceptions_view')).exceptionsView()),
  floors: lazily(async () => (await import('../floors/floors_view')).floorsView()),
  prices: lazily(async () => (await import('../prices/prices_view')).pricesView()),
  claims: lazily(async () => (await import('../claims/claims_view')).claimsView()),
  invoices: lazily(async () => (await import('../invoices/invoices_view')).invoicesView()),
  mails: lazily(async () => (await import('../mails/mails_view')).mailsView()),
  break_even: lazily(async () => (await import('../break_even/break_even_view')).breakEvenView()),
  documents: DocumentsView,
  audit: AuditView,
  fleet: lazily(async () => (await import('../fleet/fleet_view')).FleetView),
  tax: lazily(async () => (await import('../tax/tax_view')).taxView()),
  requests: lazily(async () => (await import('../requests/requests_view')).RequestsView),
}
