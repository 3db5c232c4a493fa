import type { Point } from '../api/types'
import { useDesk } from '../shell/desk'
import { NumberField } from './number_field'

interface CircleProps {
  centre: Point | null
  radius: number
  setCentre: (point: Point) => void
  setRadius: (metres: number) => void
}

/** A circle by numbers; a click on the map sets its centre. */
export function CircleFields({ centre, radius, setCentre, setRadius }: CircleProps) {
  const { texts } = useDesk()
  const at = centre ?? { lat: 0, lon: 0 }
  return (
    <div class="numbers">
      <NumberField label={texts.circle.lat} value={centre?.lat ?? null} least={-90} most={90} set={(lat) => setCentre({ ...at, lat })} />
      <NumberField label={texts.circle.lon} value={centre?.lon ?? null} least={-180} most={180} set={(lon) => setCentre({ ...at, lon })} />
      <NumberField label={texts.circle.radius} value={radius} least={50} most={20_000} set={setRadius} />
    </div>
  )
}
