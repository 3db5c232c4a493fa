import { fill } from '../../parts/texts'
import type { Point } from '../api/types'
import { useDesk } from '../shell/desk'
import { NumberField } from './number_field'

export const LEAST_CORNERS = 3

/** The corners of the polygon on the map as numbers, for people who draw by keyboard. */
export function Corners({ corners, set }: { corners: readonly Point[]; set: (corners: Point[]) => void }) {
  const { texts, zone } = useDesk()
  const beside = (): Point => corners.at(-1) ?? zone.settings.area[0] ?? { lat: 0, lon: 0 }
  const replace = (index: number, corner: Point): void => set(corners.map((one, at) => (at === index ? corner : one)))
  return (
    <fieldset class="corners">
      <legend>{fill(texts.corners.legend, { count: corners.length })}</legend>
      <p class="soft">{texts.corners.hint}</p>
      <ol>
        {corners.map((corner, index) => (
          // Corners have no identity but their place.
          <li key={index}>
            <NumberField label={fill(texts.corners.lat, { number: index + 1 })} value={corner.lat} least={-90} most={90} set={(lat) => replace(index, { ...corner, lat })} />
            <NumberField label={fill(texts.corners.lon, { number: index + 1 })} value={corner.lon} least={-180} most={180} set={(lon) => replace(index, { ...corner, lon })} />
            <button
              type="button"
              class="quiet"
              aria-label={fill(texts.corners.remove, { number: index + 1 })}
              onClick={() => set(corners.filter((_, at) => at !== index))}
            >
              ×
            </button>
          </li>
        ))}
      </ol>
      <button type="button" class="act" onClick={() => set([...corners, { ...beside() }])}>
        {texts.corners.add}
      </button>
    </fieldset>
  )
}
