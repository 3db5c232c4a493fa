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

/** The right that a view needs. */
export const RIGHT_OF: Record<View, Right> = {
  live: 'read_operations',
  area: 'read_operations',
  law: 'read_operations',
  applications: 'decide_applications',
  pay: 'read_money',
  audit: 'read_audit',
}

/** The views of the console. A new one is a component, a name in `VIEWS`, and a line here and above. */
export const VIEW_OF: Record<View, (props: ViewProps) => preact.JSX.Element> = {
  live: LiveView,
  area: AreaView,
  law: lazily(async () => (await import('../law/law_view')).LawView),
  applications: lazily(async () => (await import('../applications/applications_view')).ApplicationsView),
  pay: PayView,
  audit: AuditView,
}
