import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app'
import type { Mark, MarkedMap } from './map'

/** The place of a map, whose code is loaded when it is shown. If that fails, the rest of the screen works. */
export function MapPlace({ marks, label }: { marks: readonly Mark[]; label: string }) {
  const { texts } = useApp()
  const place = useRef<HTMLDivElement>(null)
  const map = useRef<MarkedMap | null>(null)
  const newest = useRef(marks)
  newest.current = marks
  const [outcome, set] = useState<'loading' | 'shown' | 'failed'>('loading')

  useEffect(() => {
    let gone = false
    const open = async (): Promise<void> => {
      try {
        const { openMarkedMap } = await import('./map')
        if (gone || !place.current) return
        map.current = await openMarkedMap(place.current, { two_fingers: texts.offers.two_fingers })
        if (gone) return map.current.close()
        map.current.show(newest.current)
        set('shown')
      } catch {
        if (!gone) set('failed')
      }
    }
    void open()
    return () => {
      gone = true
      map.current?.close()
    }
  }, [])
  useEffect(() => map.current?.show(marks), [marks])

  return (
    <section class={`map map-${outcome}`} aria-label={label}>
      <div class="map-canvas" ref={place} />
      {outcome !== 'shown' && (
        <p class="map-said" role="status">
          {outcome === 'loading' ? texts.offers.map_loading : texts.offers.map_failed}
        </p>
      )}
    </section>
  )
}
