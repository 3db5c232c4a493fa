import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { Person, Right } from '../../parts/session/session'
import { Failed, Loading } from '../../parts/states'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Unread, Zone } from '../api/types'
import { Emergencies } from '../urgent/emergencies'
import { useAsking } from '../live/use_asking'
import { useLive } from '../live/use_live'
import { SketchBoard } from '../map/sketch'
import type { Texts } from '../texts'
import { type Desk, DeskProvider } from './desk'
import { useDriverNames } from './names'
import { usePlace } from './place'
import { Masthead } from './masthead'
import { NoZone } from './no_zone'
import { Notices } from './notices'
import { RIGHT_OF, VIEW_OF } from './views'

const UNREAD_PACE = { everyMs: 10_000, longestMs: 120_000 }
const NOBODY: ReadonlyMap<string, number> = new Map()

interface AppProps {
  person: Person
  texts: Texts
  language: string
}

/** The console of whoever is signed in: zones are asked for first, then one of them is on the desk. */
export function App({ person, texts, language }: AppProps) {
  const { data, problem, again } = useReading('zones', reading.zones)
  const [changed, change] = useState<Zone | null>(null)
  if (!data) {
    if (!problem) return <Loading label={texts.loading} />
    const trouble = problem.code === 'offline' ? texts.trouble.offline : texts.trouble.failed
    return <Failed {...trouble} again={{ label: texts.trouble.again, go: again }} />
  }
  const zones: Zone[] = data.zones.map((zone) => (zone.id === changed?.id ? changed : zone))
  return <Desktop person={person} texts={texts} language={language} zones={zones} changed={change} reload={again} />
}

interface DesktopProps extends AppProps {
  zones: Zone[]
  changed: (zone: Zone) => void
  reload: () => void
}

function Desktop({ person, texts, language, zones, changed, reload }: DesktopProps) {
  const [place, go] = usePlace()
  const zone = zones.find(({ id }) => id === place.zone) ?? (place.zone ? null : (zones[0] ?? null))
  const may = useCallback((right: Right) => person.rights.includes(right), [person.rights])
  const { data: live, problem, again: look } = useLive(zone?.id ?? null)
  const unread = useAsking(
    may('contact_people') ? 'unread' : null,
    UNREAD_PACE,
    reading.unread,
    (_: ReadonlyMap<string, number> | null, answer: { drivers: Unread[] }) =>
      new Map(answer.drivers.map(({ driver_id, count }) => [driver_id, count])),
  )
  useEffect(() => {
    if (zone && place.zone === null) go({ zone: zone.id })
  }, [zone?.id, place.zone])
  const paused = live ? live.paused : (zone?.pause ?? null)
  const seen = useMemo(() => (zone ? { ...zone, pause: paused } : null), [zone, paused])
  const nameOf = useDriverNames(live)
  const unreadOf = unread.data ?? NOBODY
  const desk = useMemo(
    (): Desk | null =>
      seen && { texts, language, username: person.username, may, place, go, zone: seen, live, look, nameOf, unread: unreadOf },
    [texts, language, person.username, may, place, go, seen, live, look, nameOf, unreadOf],
  )
  if (!desk) return <NoZone texts={texts} zones={zones} go={go} />
  const View = VIEW_OF[may(RIGHT_OF[place.view]) ? place.view : 'live']
  return (
    <DeskProvider value={desk}>
      <SketchBoard key={desk.zone.id}>
        <div class="console">
          {may('contact_people') && <Emergencies texts={texts} language={language} zones={zones} />}
          <Masthead person={person} zones={zones} />
          <Notices problem={problem} />
          <View changed={changed} reload={reload} />
        </div>
      </SketchBoard>
    </DeskProvider>
  )
}
