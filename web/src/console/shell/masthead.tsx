import { type Person, session } from '../../parts/session/session'
import { fill } from '../../parts/texts'
import type { Zone } from '../api/types'
import { useDesk } from './desk'
import { GROUPS, type Group, type View } from './place'
import { Search } from './search'
import { RIGHT_OF } from './views'

/** The zone, the views, the search, and who is signed in. */
export function Masthead({ person, zones }: { person: Person; zones: Zone[] }) {
  const { texts, may, place, go, zone, unread } = useDesk()
  const groups = (Object.entries(GROUPS) as [Group, readonly View[]][])
    .map(([group, views]): [Group, View[]] => [group, views.filter((view) => may(RIGHT_OF[view]))])
    .filter(([, views]) => views.length > 0)
  const shown = groups.find(([, views]) => views.includes(place.view))?.[1]
  const messages = [...unread.values()].reduce((sum, count) => sum + count, 0)
  return (
    <header class="masthead">
      <h1 class="brand">{texts.title}</h1>
      <label class="zone-field">
        <span class="unseen">{texts.zone.pick}</span>
        <select
          value={zone.id}
          onChange={({ currentTarget }) => go({ zone: currentTarget.value, delivery: null, driver: null })}
        >
          {zones.map((one) => (
            <option key={one.id} value={one.id}>
              {one.settings.name}
            </option>
          ))}
        </select>
      </label>
      <nav aria-label={texts.views.label}>
        {groups.map(([group, views]) => (
          <Tab
            key={group}
            name={views.length > 1 ? texts.view_groups[group] : texts.views[views[0]!]}
            chosen={views.includes(place.view)}
            choose={() => go({ view: views[0]!, subject: null })}
          />
        ))}
      </nav>
      <Search />
      {messages > 0 && (
        <button type="button" class="act" onClick={() => go({ view: 'live', delivery: null, driver: [...unread.keys()][0] ?? null })}>
          {fill(texts.message.unread, { count: messages })}
        </button>
      )}
      <div class="who">
        <span class="soft">{person.username}</span>
        <button type="button" class="quiet" onClick={() => void session.signOut()}>
          {texts.sign_out}
        </button>
      </div>
      {shown && shown.length > 1 && (
        <nav class="subviews" aria-label={texts.views.more}>
          {shown.map((view) => (
            <Tab
              key={view}
              name={texts.views[view]}
              chosen={place.view === view}
              choose={() => go({ view, subject: null })}
            />
          ))}
        </nav>
      )}
    </header>
  )
}

function Tab({ name, chosen, choose }: { name: string; chosen: boolean; choose: () => void }) {
  return (
    <button type="button" class="tab" aria-current={chosen ? 'page' : undefined} onClick={choose}>
      {name}
    </button>
  )
}
