import type { FunctionComponent } from 'preact'
import { AreaView } from '../areas/area_view'
import { AuditView } from '../audit/audit_view'
import { PayView } from '../pay/pay_view'
import type { Zone } from '../api/types'
import { lazy } from '../../parts/lazy'
import { Fetched } from './fetched'
import { LiveView } from './live_view'
import type { Right } from '../../parts/session/session'
import type { View } from './place'

export interface ViewProps {
  /** The zone's settings were changed. */
  changed: (zone: Zone) => void
  reload: () => void
}

const DocumentsView = lazy<ViewProps>(async () => (await import('../documents/documents_view')).DocumentsView, Fetched)

/** The right that a view needs. */
export const RIGHT_OF: Record<View, Right> = {
  live: 'read_operations',
  area: 'read_operations',
  pay: 'read_money',
  documents: 'review_documents',
  audit: 'read_audit',
}

/** The views of the console. A new one is a component, a name in `VIEWS`, and a line here and above. */
export const VIEW_OF: Record<View, FunctionComponent<ViewProps>> = {
  live: LiveView,
  area: AreaView,
  pay: PayView,
  documents: DocumentsView,
  audit: AuditView,
}
