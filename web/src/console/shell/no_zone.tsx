import type { Zone } from '../api/types'
import type { Texts } from '../texts'
import type { Go } from './place'

/** The page for an address with an unknown zone, and for a platform without zones. */
export function NoZone({ texts, zones, go }: { texts: Texts; zones: Zone[]; go: Go }) {
  return (
    <main class="failed">
      <span class="failed-mark" aria-hidden="true" />
      <h1>{texts.no_zone.title}</h1>
      <p role="status">{zones.length ? texts.no_zone.choose : texts.no_zone.none}</p>
      <ul class="rows">
        {zones.map((zone) => (
          <li key={zone.id}>
            <button type="button" class="act" onClick={() => go({ zone: zone.id, delivery: null, driver: null })}>
              {zone.settings.name}
            </button>
          </li>
        ))}
      </ul>
    </main>
  )
}
