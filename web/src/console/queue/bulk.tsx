import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import * as acting from '../api/acting'
import type { Assigned, Dispatched } from '../api/types'
import { PickDriver } from '../acts/pick_driver'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import { useDesk } from '../shell/desk'
import { orderName, shortId, wordFor } from '../shell/words'
import { Outcome } from './outcome'

/** Actions on several orders at once. */
export function Bulk({ ids, done }: { ids: string[]; done: () => void }) {
  const { texts, live, zone, look, nameOf } = useDesk()
  const [opened, open] = useState(false)
  const [driver, pick] = useState<string | null>(null)
  const assigning = useAct<Assigned>()
  const dispatching = useAct<Dispatched>()
  const busy = assigning.phase === 'busy' || dispatching.phase === 'busy'
  const first = ids[0] ? live?.deliveryOf.get(ids[0]) : null
  const name = (id: string): string => {
    const row = live?.deliveryOf.get(id)
    return row ? orderName(row) : `…${shortId(id)}`
  }

  const assign = async (): Promise<void> => {
    if (!driver) return
    dispatching.forget()
    await assigning.send(() => acting.assignMany(ids.map((delivery_id) => ({ delivery_id, driver_id: driver }))))
    look()
  }
  const best = async (): Promise<void> => {
    assigning.forget()
    await dispatching.send(() => acting.dispatch(zone.id, ids))
    look()
  }
  const problem = assigning.problem ?? dispatching.problem
  return (
    <div class="bulk" role="group" aria-label={texts.bulk.label}>
      <p>
        <strong>{fill(texts.bulk.chosen, { count: ids.length })}</strong>
      </p>
      <div class="acts">
        <button type="button" class="act" aria-expanded={opened} onClick={() => open(!opened)}>
          {texts.bulk.to_one}
        </button>
        <button type="button" class="act" aria-disabled={busy} onClick={() => void best()}>
          {texts.bulk.best}
        </button>
        <button type="button" class="quiet" onClick={done}>
          {texts.bulk.clear}
        </button>
      </div>
      {opened && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void assign()
          }}
        >
          <PickDriver group="bulk-driver" picked={driver} pick={pick} near={first?.pickup ?? null} />
          <button type="submit" class="act main" aria-disabled={busy || !driver}>
            {fill(texts.bulk.assign, { count: ids.length })}
          </button>
        </form>
      )}
      {problem && <Refused problem={problem} texts={texts} />}
      {assigning.data && (
        <div role="status">
          <ul class="results">
          {assigning.data.rows.map((row) => (
            <li key={row.delivery_id} class={row.problem ? 'bad' : 'good'}>
              <strong>{name(row.delivery_id)}</strong>{' '}
              {row.problem ? (
                <span lang="en">{row.problem.detail || wordFor({}, row.problem.code)}</span>
              ) : (
                fill(texts.bulk.assigned, { driver: row.driver_id ? nameOf(row.driver_id) : '' })
              )}
            </li>
          ))}
          </ul>
        </div>
      )}
      {dispatching.data && <Outcome outcome={dispatching.data} />}
    </div>
  )
}
