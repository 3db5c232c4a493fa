import { useMemo } from 'preact/hooks'
import { useApp } from '../app'
import type { Group } from '../stops'
import type { Mark } from './map'
import { MapPlace } from './map_place'

/** The stops by their numbers, and where the driver is. */
export function RouteMap({ groups, label }: { groups: readonly Group[]; label: string }) {
  const { place } = useApp()
  const marks = useMemo<Mark[]>(() => {
    const stops = groups.map(({ id, first }, index) => ({
      id,
      point: first.point,
      text: String(index + 1),
      kind: first.kind,
    }))
    return place ? [...stops, { id: 'here', point: place, text: '', kind: 'here' }] : stops
  }, [groups, place?.lat, place?.lon])
  return <MapPlace marks={marks} label={label} />
}
