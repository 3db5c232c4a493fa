import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { addressOf, replace } from '../address'
import { useApp } from '../app'
import { NAVIGATORS, linkTo } from '../navigation'
import { CustomerWays } from '../parts/call'
import { GroupActions } from '../parts/group_actions'
import { Empty, Head, Read } from '../parts/screen'
import { needsSaid, ordersOf, placeOf, titleOf } from '../parts/words'
import { unassign } from '../steps'
import { type Group, groupWith, needsOfAll } from '../stops'
import { Times } from './route'

/** One stop with all that is known of it. */
export function StopScreen({ id }: { id: string }) {
  const app = useApp()
  const { texts, route, groups } = app
  const group = groupWith(groups, id)
  return (
    <>
      <Head title={group ? titleOf(app, group) : texts.route.heading} back="route" />
      <Read of={route}>
        {() =>
          group ? (
            <Stop group={group} />
          ) : (
            <Empty title={texts.stop.gone} text={texts.route.empty_text}>
              <a class="button" href={addressOf('route')}>
                {texts.route.heading}
              </a>
            </Empty>
          )
        }
      </Read>
    </>
  )
}

function Stop({ group }: { group: Group }) {
  const app = useApp()
  const { texts } = app
  const { first } = group
  const { contact } = first
  const needs = needsSaid(app, needsOfAll(group.stops))
  return (
    <div class="stack">
      <section class="card">
        <p class="place">{placeOf(app, first)}</p>
        <p>{[contact?.company, contact?.name].filter(Boolean).join(', ')}</p>
        <Times group={group} />
        <p class="soft">{ordersOf(app, group)}</p>
        <GroupActions group={group} />
      </section>
      {contact?.notes && (
        <section class="card">
          <h2>{texts.stop.notes}</h2>
          <p class="note">{contact.notes}</p>
        </section>
      )}
      <section class="card">
        <h2>{texts.stop.required}</h2>
        {needs.length > 0 ? (
          <ul class="plain">
            {needs.map((need) => (
              <li key={need}>{need}</li>
            ))}
          </ul>
        ) : (
          <p>{texts.stop.nothing_required}</p>
        )}
        {first.kind === 'dropoff' && <p class="soft">{texts.stop.undeliverable[first.undeliverable]}</p>}
      </section>
      <section class="card">
        <h2>{texts.stop.navigate_with}</h2>
        <div class="ways">
          {NAVIGATORS.map((navigator) => (
            <a key={navigator} class="way" href={linkTo(navigator, first.point)} target="_blank" rel="noopener noreferrer">
              {texts.stop.navigator[navigator]}
            </a>
          ))}
        </div>
      </section>
      {first.kind === 'dropoff' && !first.is_area && (
        <section class="card">
          <h2>{texts.stop.contact}</h2>
          <p>{contact?.name}</p>
          <CustomerWays deliveryId={first.delivery_id} />
        </section>
      )}
      {first.kind === 'pickup' && <GiveUp group={group} />}
    </div>
  )
}

/** Gives deliveries up before the pickup, in two taps. */
function GiveUp({ group }: { group: Group }) {
  const { texts, perform, place } = useApp()
  const [asked, ask] = useState(false)
  const sure = async (): Promise<void> => {
    if (await perform(unassign(group, place))) replace('route')
  }
  return (
    <section class="card">
      {asked ? (
        <>
          <p role="status">{texts.stop.give_up_text}</p>
          <div class="acts">
            <button type="button" class="button button-bad" onClick={() => void sure()}>
              {texts.stop.give_up_sure}
            </button>
            <button type="button" class="button button-quiet" onClick={() => ask(false)}>
              {texts.cancel}
            </button>
          </div>
        </>
      ) : (
        <button type="button" class="button button-quiet" onClick={() => ask(true)}>
          {texts.stop.give_up}
          {group.stops.length > 1 && ` (${fill(texts.route.count, { count: group.stops.length })})`}
        </button>
      )}
    </section>
  )
}
