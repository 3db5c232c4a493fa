import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Zone } from '../api/types'
import { useDesk } from '../shell/desk'

const MINUTES = [15, 30, 60, 120] as const

/** Pause the zone for a while, or end a pause. */
export function PauseForm({ changed }: { changed: (zone: Zone) => void }) {
  const { texts, zone, live, look } = useDesk()
  const { pause } = zone
  const [orders, setOrders] = useState(true)
  const [offers, setOffers] = useState(false)
  const [minutes, setMinutes] = useState<number | null>(30)
  const [reason, write] = useState('')
  const act = useAct<Zone>()
  const now = live?.clock.now() ?? Date.now()

  const take = async (request: () => ReturnType<typeof acting.resumeZone>): Promise<void> => {
    const answer = await act.send(request)
    if (!answer?.data) return
    changed(answer.data)
    look()
  }
  const submit = (): void => {
    if (!(orders || offers) || !reason.trim()) return
    const until = minutes === null ? null : new Date(now + minutes * 60_000).toISOString()
    void take(() => acting.pauseZone(zone.id, { orders, offers, until, reason: reason.trim() }))
  }
  return (
    <section class="panel" aria-labelledby="pause-heading">
      <h2 id="pause-heading">{texts.pause.heading}</h2>
      {pause ? (
        <>
          <p>{fill(texts.pause.stands[pause.orders ? (pause.offers ? 'both' : 'orders') : 'offers'], { by: pause.by, reason: pause.reason })}</p>
          <button type="button" class="act main" aria-disabled={act.phase === 'busy'} onClick={() => void take(() => acting.resumeZone(zone.id))}>
            {texts.pause.resume}
          </button>
        </>
      ) : (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <fieldset>
            <legend>{texts.pause.what}</legend>
            <label class="option">
              <input type="checkbox" checked={orders} onChange={() => setOrders(!orders)} />
              {texts.pause.orders}
            </label>
            <label class="option">
              <input type="checkbox" checked={offers} onChange={() => setOffers(!offers)} />
              {texts.pause.offers}
            </label>
          </fieldset>
          <label class="field">
            {texts.pause.how_long}
            <select
              value={minutes ?? ''}
              onChange={({ currentTarget }) => setMinutes(currentTarget.value ? Number(currentTarget.value) : null)}
            >
              {MINUTES.map((count) => (
                <option key={count} value={count}>
                  {fill(texts.pause.minutes, { count })}
                </option>
              ))}
              <option value="">{texts.pause.open_end}</option>
            </select>
          </label>
          <label class="field">
            {texts.pause.reason}
            <input type="text" required maxLength={200} value={reason} onInput={({ currentTarget }) => write(currentTarget.value)} />
          </label>
          <button type="submit" class="act main" disabled={!(orders || offers)} aria-disabled={act.phase === 'busy'}>
            {texts.pause.confirm}
          </button>
        </form>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && <Done>{pause ? texts.pause.paused : texts.pause.resumed}</Done>}
    </section>
  )
}
