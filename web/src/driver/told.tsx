/** Messages of the app above the screens: no network, waiting steps, no position, a changed plan. */

import { fill } from '../parts/texts'
import { useApp } from './app'
import { addressOf } from './address'
import { confirmRoute } from './queue/steps'
import { changesOf } from './stops'

/** Steps that wait or were refused, with the way to them. */
export function WaitingLine() {
  const { texts, status, online } = useApp()
  const { pending, refused } = status
  if (!pending && !refused && online) return null
  const waits = pending === 1 ? texts.waiting.one : fill(texts.waiting.many, { count: pending })
  const refusals = refused === 1 ? texts.waiting.refused_one : fill(texts.waiting.refused_many, { count: refused })
  const said = [!online && texts.failed.offline, pending > 0 && waits, refused > 0 && `${refusals}.`].filter(Boolean)
  return (
    <a class={refused ? 'line line-bad' : 'line'} href={addressOf('waiting')}>
      <span role="status">{said.join(' ')}</span>
      <span class="line-go">{texts.show}</span>
    </a>
  )
}

export function PositionLine() {
  const { texts, placeTrouble } = useApp()
  if (!placeTrouble) return null
  return (
    <p class="line line-warn" role="status">
      {texts.position[placeTrouble]}
    </p>
  )
}

/** Changes that others made to the plan, until the driver has said that they saw them. */
export function PlanLine() {
  const { texts, plan, perform } = useApp()
  if (!plan?.pending.length) return null
  const { added, removed, changed, reordered } = changesOf(plan)
  const count = (text: string, number: number): string | false => number > 0 && fill(text, { count: number })
  const parts = [
    count(texts.plan.added, added),
    count(texts.plan.removed, removed),
    count(texts.plan.changed, changed),
    reordered && texts.plan.reordered,
  ].filter(Boolean)
  const known = texts.plan.reason as Record<string, string>
  const why = [...new Set(plan.pending.map((change) => known[change.reason]).filter(Boolean))]
  return (
    <section class="plan-line" aria-label={texts.plan.heading}>
      <div role="status">
        <h2>{texts.plan.heading}</h2>
        <p>
          {parts.join(', ')}
          {why.length > 0 && <span class="soft"> – {why.join(', ')}</span>}
        </p>
      </div>
      <button type="button" class="button" onClick={() => void perform(confirmRoute(plan.revision))}>
        {texts.plan.confirm}
      </button>
    </section>
  )
}

export function FullLine({ forgive }: { forgive: () => void }) {
  const { texts } = useApp()
  return (
    <div class="plan-line plan-line-bad" role="alert">
      <p>{texts.waiting.full}</p>
      <button type="button" class="button button-quiet" onClick={forgive}>
        {texts.close}
      </button>
    </div>
  )
}

/** A new version of the app, which waits until nothing is under way. */
export function UpdateLine() {
  const { texts, push, groups } = useApp()
  const { update } = push
  if (!update || groups.some((group) => group.phase === 'there')) return null
  return (
    <div class="line" role="status">
      <span>{texts.settings.update}</span>
      <button type="button" class="line-button" onClick={update}>
        {texts.settings.update_button}
      </button>
    </div>
  )
}
