import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Costs } from '../acts/cost'
import { PickDriver } from '../acts/pick_driver'
import { Refused } from '../acts/refused'
import { useAct, usePreview } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Route, Transfer } from '../api/types'
import { useDesk } from '../shell/desk'
import { orderName, shortId } from '../shell/words'

interface TransferProps {
  route: Route
  reload: () => void
  changed: () => void
}

/** Let other drivers take over some orders of a route, or all of it. */
export function TransferForm({ route, reload, changed }: TransferProps) {
  const { texts, live } = useDesk()
  const [opened, open] = useState(false)
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  const [to, setTo] = useState<string | null>(null)
  const [anybody, setAnybody] = useState(true)
  const preview = usePreview<Transfer>()
  const act = useAct<Transfer>()
  const there = [...new Set(route.plan.stops.map(({ delivery_id }) => delivery_id))]
  const moving = there.filter((id) => chosen.has(id))
  const ready = moving.length > 0 && (anybody || to !== null)
  const wish = (dry_run: boolean) => ({
    revision: route.revision,
    delivery_ids: moving,
    to: anybody || !to ? [] : [to],
    dry_run,
  })
  useEffect(() => {
    if (!opened || !ready) return preview.forget()
    void preview.send(() => acting.transfer(route.driver_id, wish(true))).then((answer) => {
      if (answer?.problem?.status === 409 && answer.problem.code === 'stale_revision') reload()
    })
  }, [opened, moving.join(), to, anybody, route.revision])

  /** Another wish: the outcome of the last one is over. */
  const anew =
    <Value,>(set: (value: Value) => void) =>
    (value: Value): void => {
      act.forget()
      set(value)
    }
  const wishFor = anew(choose)
  const confirm = async (): Promise<void> => {
    const answer = await act.send(() => acting.transfer(route.driver_id, wish(false)))
    if (answer?.problem?.code === 'stale_revision') reload()
    if (answer && !answer.problem) {
      preview.forget()
      choose(new Set())
      changed()
    }
  }
  const name = (id: string): string => {
    const row = live?.deliveryOf.get(id)
    return row ? orderName(row) : `…${shortId(id)}`
  }
  if (there.length === 0)
    return act.data && (
      <div class="done" role="status">
        <p>{texts.transfer.done}</p>
        <Moved transfer={act.data} name={name} />
      </div>
    )
  if (!opened)
    return (
      <button type="button" class="act" aria-expanded="false" onClick={() => open(true)}>
        {texts.transfer.open}
      </button>
    )
  return (
    <section aria-labelledby="transfer-heading">
      <h3 id="transfer-heading">{texts.transfer.heading}</h3>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        <fieldset>
          <legend>{texts.transfer.which}</legend>
          <label class="option">
            <input
              type="checkbox"
              checked={moving.length === there.length}
              onChange={() => wishFor(new Set(moving.length === there.length ? [] : there))}
            />
            {texts.transfer.all}
          </label>
          {there.map((id) => (
            <label key={id} class="option">
              <input
                type="checkbox"
                checked={chosen.has(id)}
                onChange={() => {
                  const next = new Set(chosen)
                  if (!next.delete(id)) next.add(id)
                  wishFor(next)
                }}
              />
              {name(id)}
            </label>
          ))}
        </fieldset>
        <label class="option">
          <input type="checkbox" checked={anybody} onChange={() => anew(setAnybody)(!anybody)} />
          {texts.transfer.anybody}
        </label>
        {!anybody && (
          <PickDriver group="transfer-driver" picked={to} pick={anew(setTo)} near={route.plan.stops[0]?.point ?? null} but={route.driver_id} />
        )}
        {preview.phase === 'busy' && <p role="status">{texts.cost.asking}</p>}
        {preview.problem && <Refused problem={preview.problem} texts={texts} />}
        {preview.data && (
          <div class="preview" role="status">
            <Moved transfer={preview.data} name={name} />
            <Costs routes={preview.data.routes} />
          </div>
        )}
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        {act.data ? (
          <div class="done" role="status">
            <p>{texts.transfer.done}</p>
            <Moved transfer={act.data} name={name} />
          </div>
        ) : (
          <div class="acts">
            <button type="submit" class="act main" disabled={!preview.data} aria-disabled={act.phase === 'busy'}>
              {texts.transfer.confirm}
            </button>
            <button type="button" class="quiet" onClick={() => open(false)}>
              {texts.close}
            </button>
          </div>
        )}
      </form>
    </section>
  )
}

function Moved({ transfer, name }: { transfer: Transfer; name: (id: string) => string }) {
  const { texts, nameOf } = useDesk()
  return (
    <ul>
      {Object.entries(transfer.moved).map(([id, driver]) => (
        <li key={id}>
          {fill(texts.transfer.goes, { order: name(id), driver: nameOf(driver) })}
          {transfer.fetched_there.includes(id) && ` ${texts.transfer.fetched}`}
        </li>
      ))}
      {transfer.reopened.map((id) => (
        <li key={id}>{fill(texts.transfer.reopened, { order: name(id) })}</li>
      ))}
      {transfer.stays.map((id) => (
        <li key={id}>{fill(texts.transfer.stays, { order: name(id) })}</li>
      ))}
    </ul>
  )
}
