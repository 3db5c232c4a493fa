import { useEffect, useRef, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Costs } from '../acts/cost'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, usePreview } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Route, RouteStop } from '../api/types'
import type { Schemas } from '../../parts/client'
import { useDesk } from '../shell/desk'
import { orderName, shortId, wordFor } from '../shell/words'
import { Stop } from './stop'
import { type Changes, type Draft, changesBetween, draftOf, isChanged, movedTo, pinToggled, rebased, stopsOf } from './draft'

type Changed = Schemas['RouteChanged']

interface EditorProps {
  route: Route
  reload: () => void
  changed: () => void
}

/** A driver's route as a list that can be put into another order, by mouse or by keyboard, with the cost before it is done. */
export function RouteEditor({ route, reload, changed }: EditorProps) {
  const { texts, live } = useDesk()
  const [base, setBase] = useState(route)
  const [draft, setDraft] = useState<Draft>(() => draftOf(route))
  const [meanwhile, tell] = useState<Changes | null>(null)
  const [moved, sayMoved] = useState('')
  const list = useRef<HTMLOListElement>(null)
  const preview = usePreview<Changed>()
  const act = useAct<Changed>()
  const dirty = isChanged(draft, base)
  const stops = stopsOf(base)

  // A route that changed while a wish is open keeps the wish, says what changed, and asks for the cost again.
  useEffect(() => {
    if (route === base) return
    const wish = isChanged(draft, base)
    if (wish && route.revision !== base.revision) tell(changesBetween(base, route))
    setDraft(wish ? rebased(draft, route) : draftOf(route))
    setBase(route)
  }, [route])

  const wish = (dry_run: boolean) => ({ revision: base.revision, order: [...draft.order], pinned: [...draft.pinned], dry_run })
  useEffect(() => {
    if (!dirty) return preview.forget()
    // Several keys in a row ask once.
    const timer = setTimeout(async () => {
      const answer = await preview.send(() => acting.rearrange(base.driver_id, wish(true)))
      if (answer?.problem?.code === 'stale_revision') reload()
    }, 250)
    return () => clearTimeout(timer)
  }, [draft, base.revision])

  const change = (next: Draft): void => {
    act.forget()
    setDraft(next)
  }
  const nameOf = (stop: RouteStop): string => {
    const row = live?.deliveryOf.get(stop.delivery_id)
    return `${texts.stop[stop.kind]} ${row ? orderName(row) : `…${shortId(stop.delivery_id)}`}`
  }
  const move = (id: string, place: number): void => {
    const order = movedTo(draft.order, id, place, stops)
    const stop = stops.get(id)
    if (!order || !stop) return sayMoved(texts.route.cannot)
    change({ ...draft, order })
    sayMoved(fill(texts.route.moved, { stop: nameOf(stop), place: place + 1, count: order.length }))
    // The buttons of a moved stop are drawn anew elsewhere in the list.
    const pressed = document.activeElement?.getAttribute('data-button')
    if (pressed) requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-button="${pressed}"]`)?.focus())
  }
  const save = async (): Promise<void> => {
    const answer = await act.send(() => acting.rearrange(base.driver_id, wish(false)))
    if (!answer) return
    if (answer.problem?.code === 'stale_revision') reload()
    if (answer.problem) return
    tell(null)
    changed()
  }
  const stale = [act.problem?.code, preview.problem?.code].includes('stale_revision')

  return (
    <section aria-labelledby="route-heading">
      <h3 id="route-heading">{texts.route.heading}</h3>
      {base.unconfirmed_since && (
        <p class="warn">
          {texts.route.unconfirmed} {[...new Set(base.pending.map((one) => wordFor(texts.change, one.reason)))].join(', ')}
        </p>
      )}
      {draft.order.length === 0 ? (
        <p class="empty">{texts.route.empty}</p>
      ) : (
        <ol class="stops" ref={list}>
          {draft.order.map((id, index) => {
            const stop = stops.get(id)
            return (
              stop && (
                <Stop
                  key={id}
                  stop={stop}
                  name={nameOf(stop)}
                  index={index}
                  pinned={draft.pinned.includes(id)}
                  mayUp={movedTo(draft.order, id, index - 1, stops) !== null}
                  mayDown={movedTo(draft.order, id, index + 1, stops) !== null}
                  move={move}
                  pin={(pinned) => change(pinToggled(draft, pinned))}
                />
              )
            )
          })}
        </ol>
      )}
      <p class="unseen" role="status">
        {moved}
      </p>
      {meanwhile && <Meanwhile changes={meanwhile} />}
      {dirty && (
        <div class="preview">
          {preview.phase === 'busy' && <p role="status">{texts.cost.asking}</p>}
          {preview.problem && !stale && <Refused problem={preview.problem} texts={texts} />}
          {preview.data && <Costs routes={[preview.data.route]} />}
          {act.problem && !stale && <Refused problem={act.problem} texts={texts} />}
          <div class="acts">
            <button
              type="button"
              class="act main"
              disabled={!preview.data}
              aria-disabled={act.phase === 'busy'}
              onClick={() => void save()}
            >
              {texts.route.save}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                tell(null)
                change(draftOf(base))
              }}
            >
              {texts.route.discard}
            </button>
          </div>
        </div>
      )}
      {act.phase === 'done' && !dirty && <Done>{texts.route.saved}</Done>}
    </section>
  )
}

/** Changes that somebody else made to the route while it was being edited. */
function Meanwhile({ changes }: { changes: Changes }) {
  const { texts, live } = useDesk()
  const names = (ids: readonly string[]): string =>
    ids
      .map((id) => {
        const row = live?.deliveryOf.get(id)
        return row ? orderName(row) : `…${shortId(id)}`
      })
      .join(', ')
  return (
    <div class="warn" role="alert">
      <p>{texts.route.meanwhile}</p>
      <ul>
        {changes.came.length > 0 && <li>{fill(texts.route.came, { orders: names(changes.came) })}</li>}
        {changes.left.length > 0 && <li>{fill(texts.route.left, { orders: names(changes.left) })}</li>}
        {changes.reordered && <li>{texts.route.reordered}</li>}
        {changes.came.length + changes.left.length === 0 && !changes.reordered && <li>{texts.route.times}</li>}
      </ul>
    </div>
  )
}
