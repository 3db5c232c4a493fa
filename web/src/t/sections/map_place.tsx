import { useEffect, useRef, useState } from 'preact/hooks'
import type { LiveMap } from '../../parts/map/map'
import type { View } from '../following'
import type { SectionProps } from '../section'

/** The map is shown while a driver comes: only then the API tells where they are. */
export const hasMap = (view: View): boolean => Boolean(view.position && view.destination)

export function MapPlace(props: SectionProps) {
  return hasMap(props.view) ? <DrawnMap {...props} /> : null
}

/** The place of the map, whose code comes once the page is at rest. Without it the page lacks nothing else. */
function DrawnMap({ view, texts }: SectionProps) {
  const place = useRef<HTMLDivElement>(null)
  const map = useRef<LiveMap | null>(null)
  const [outcome, set] = useState<'loading' | 'shown' | 'failed'>('loading')
  const { position, destination } = view

  useEffect(() => {
    let gone = false
    const open = async (): Promise<void> => {
      try {
        const { openMap } = await import('../../parts/map/map')
        if (gone || !place.current) return
        map.current = await openMap(place.current, texts.map)
        if (gone) return map.current.close()
        if (position && destination) map.current.show(position, destination)
        set('shown')
      } catch {
        if (!gone) set('failed')
      }
    }
    const idle = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 200))
    idle(() => void open())
    return () => {
      gone = true
      map.current?.close()
    }
  }, [])

  useEffect(() => {
    if (position && destination) map.current?.show(position, destination)
  }, [position?.lat, position?.lon, destination?.lat, destination?.lon])

  return (
    <section class={`map map-${outcome}`} aria-label={texts.map.label}>
      <div class="map-canvas" ref={place} />
      {outcome !== 'shown' && (
        <p class="map-said" role="status">
          {texts.map[outcome]}
        </p>
      )}
    </section>
  )
}
