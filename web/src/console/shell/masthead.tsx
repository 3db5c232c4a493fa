import { type Person, session } from '../../parts/session/session'
import { fill } from '../../parts/texts'
import type { Zone } from '../api/types'
import { useDesk } from './desk'
import { VIEWS } from './place'
import { Search } from './search'
import { RIGHT_OF } from './views'

/** The zone, the views, the search, and who is signed in. */
export function Masthead({ person, zones }: { person: Person; zones: Zone[] }) {
  const { texts, may, place, go, zone, unread } = useDesk()
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
        {VIEWS.filter((view) => may(RIGHT_OF[view])).map((view) => (
          <button
            key={view}
            type="button"
            class="tab"
            aria-current={place.view === view ? 'page' : undefined}
            onClick={() => go({ view, subject: null })}
          >
            {texts.views[view]}
          </button>
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
    </header>
  )
}
