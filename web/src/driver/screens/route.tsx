import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { GroupActions } from '../parts/group_actions'
import { Navigate } from '../parts/navigate'
import { RouteMap } from '../parts/route_map'
import { Empty, Head, Read } from '../parts/screen'
import { at, isLate, needsSaid, ordersOf, placeOf, titleOf, windowOf } from '../parts/words'
import { type Group, needsOfAll } from '../stops'
import { DutyCard } from './duty'
import { EndedList } from './ended'

type Shown = 'list' | 'map'

/** The driver's stops, the next one large, as a list or on a map. */
export function RouteScreen() {
  const app = useApp()
  const { texts, me, route, groups } = app
  const [shown, show] = useState<Shown>('list')
  const duty = me.value?.duty
  const [next, ...others] = groups
  return (
    <>
      <Head title={texts.route.heading}>
        <a class={duty ? 'chip chip-on' : 'chip'} href={addressOf('duty')}>
          {duty ? texts.duty.on : texts.duty.off}
        </a>
      </Head>
      <Read of={route}>
        {() =>
          next ? (
            <>
              <ViewChoice shown={shown} show={show} />
              {shown === 'map' && <RouteMap groups={groups} label={texts.route.map_label} />}
              <ol class="stops">
                <li>
                  <NextStop group={next} />
                </li>
                {others.map((group, index) => (
                  <li key={group.id}>
                    <LaterStop group={group} number={index + 2} />
                  </li>
                ))}
              </ol>
              <EndedList />
            </>
          ) : (
            <>
              {duty ? <Empty title={texts.route.empty} text={texts.route.empty_text} /> : <DutyCard />}
              <EndedList />
            </>
          )
        }
      </Read>
    </>
  )
}

function ViewChoice({ shown, show }: { shown: Shown; show: (shown: Shown) => void }) {
  const { texts } = useApp()
  return (
    <div class="choice" role="group" aria-label={texts.route.view}>
      {(['list', 'map'] as const).map((one) => (
        <button key={one} type="button" aria-pressed={one === shown} onClick={() => show(one)}>
          {texts.route[one]}
        </button>
      ))}
    </div>
  )
}

function NextStop({ group }: { group: Group }) {
  const app = useApp()
  const { texts } = app
  const { first } = group
  const needs = needsSaid(app, needsOfAll(group.stops))
  return (
    <section class="card next" aria-labelledby={`t${group.id}`}>
      <p class="next-kind">
        <span>{titleOf(app, group)}</span>
        <span class="soft">{group.phase === 'there' ? texts.route.there : group.phase === 'under_way' && texts.route.under_way}</span>
      </p>
      <h2 id={`t${group.id}`}>
        <a href={addressOf('stop', group.id)}>{placeOf(app, first)}</a>
      </h2>
      <p>{[first.contact?.company, first.contact?.name].filter(Boolean).join(', ')}</p>
      <Times group={group} />
      {first.contact?.notes && <p class="note">{first.contact.notes}</p>}
      {needs.length > 0 && <p class="needs">{needs.join(' · ')}</p>}
      <p class="soft">{ordersOf(app, group)}</p>
      <GroupActions group={group} />
      <div class="ways">
        <Navigate to={first.point} />
        <a class="way" href={addressOf('stop', group.id)}>
          {texts.stop.contact}
        </a>
      </div>
    </section>
  )
}

export function Times({ group }: { group: Group }) {
  const app = useApp()
  const { texts } = app
  const { eta } = group.first
  const late = isLate(group)
  return (
    <p class="times">
      <strong>{windowOf(app, group)}</strong>
      {eta && <span class={late ? 'bad' : 'soft'}>{fill(texts.route.expected, { time: at(app, eta) })}</span>}
      {late && <span class="bad">{texts.route.late}</span>}
    </p>
  )
}

function LaterStop({ group, number }: { group: Group; number: number }) {
  const app = useApp()
  const { first } = group
  return (
    <a class="row" href={addressOf('stop', group.id)}>
      <span class="row-number" aria-hidden="true">
        {number}
      </span>
      <span class="row-body">
        <span class="row-kind">{titleOf(app, group)}</span>
        <span class="row-title">{placeOf(app, first)}</span>
        <span class={isLate(group) ? 'bad' : 'soft'}>{windowOf(app, group)}</span>
      </span>
    </a>
  )
}
