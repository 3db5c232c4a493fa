import type { FunctionComponent } from 'preact'
import { AreaView } from '../areas/area_view'
import { AuditView } from '../audit/audit_view'
import { PayView } from '../pay/pay_view'
import type { Zone } from '../api/types'
import { lazily } from '../../parts/lazily'
import { useDesk } from './desk'
import { LiveView } from './live_view'
import type { Right } from '../../parts/session/session'
import type { View } from './place'

export interface ViewProps {
  /** The zone's settings were changed. */
  changed: (zone: Zone) => void
  reload: () => void
}

function Waiting({ again }: { again: (() => void) | null }) {
  const { texts } = useDesk()
  return (
    <main class="page" aria-busy={!again}>
      <p role="status">{again ? texts.trouble.failed.text : texts.loading}</p>
      {again && (
        <button type="button" class="act" onClick={again}>
          {texts.trouble.again}
        </button>
      )}
    </main>
  )
}

/** Seldom opened, and loaded when they are. */
const FleetView = lazily<ViewProps>(async () => (await import('../fleet/fleet_view')).FleetView, Waiting)
const RequestsView = lazily<ViewProps>(async () => (await import('../requests/requests_view')).RequestsView, Waiting)

/** The right that a view needs. */
export const RIGHT_OF: Record<View, Right> = {
  live: 'read_operations',
  area: 'read_operations',
  pay: 'read_money',
  audit: 'read_audit',
  fleet: 'read_operations',
  requests: 'manage_drivers',
}

/** The views of the console. A new one is a component, a name in `VIEWS`, and a line here and above. */
export const VIEW_OF: Record<View, FunctionComponent<ViewProps>> = {
  live: LiveView,
  area: AreaView,
  pay: PayView,
  audit: AuditView,
  fleet: FleetView,
  requests: RequestsView,
}
