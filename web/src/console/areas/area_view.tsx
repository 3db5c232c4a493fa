import { MapPlace } from '../map/map_place'
import { useDesk } from '../shell/desk'
import type { ViewProps } from '../shell/views'
import { Incidents } from './incidents'
import { Outline } from './outline'
import { PauseForm } from './pause_form'
import { WaitForm } from './wait_form'

const NOTHING_CHOSEN = { stops: [], way: [] }

/** The zone as a whole: its pause, its incidents, its outline and its wait pay. */
export function AreaView({ changed }: ViewProps) {
  const { zone, may } = useDesk()
  return (
    <main class="live two">
      <div class="column">
        {may('change_operations') && <PauseForm key={`pause ${zone.id}`} changed={changed} />}
        <Incidents key={`incidents ${zone.id}`} />
        {may('manage_network') && <Outline key={`outline ${zone.id}`} changed={changed} />}
        {may('manage_network') && <WaitForm key={`wait ${zone.id}`} changed={changed} />}
      </div>
      <MapPlace chosen={NOTHING_CHOSEN} dropped={() => {}} />
    </main>
  )
}
