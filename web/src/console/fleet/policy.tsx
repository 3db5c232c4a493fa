import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Zone } from '../api/types'
import { useDesk } from '../shell/desk'

/** Which orders are kept for dedicated drivers, and from which threshold they go to the crowd. */
export function Policy({ changed }: { changed: (zone: Zone) => void }) {
  const { texts, zone, may } = useDesk()
  const fleet = zone.settings.dispatch?.fleet
  const [hold, setHold] = useState(String(fleet?.hold_minutes ?? 0))
  const [most, setMost] = useState(String(fleet?.orders_per_driver ?? 2))
  const act = useAct<Schemas['ZoneView']>()
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const rules = { hold_minutes: Number(hold), orders_per_driver: Number(most) }
    const dispatch = { ...zone.settings.dispatch, fleet: rules }
    const body = { ...zone.settings, dispatch } as Schemas['ZoneSettings-Input']
    const answer = await act.send(() => acting.putZone(zone.id, body))
    if (answer?.data) changed(answer.data)
  }
  return (
    <section class="card" aria-labelledby="policy-heading">
      <h3 id="policy-heading">{texts.fleet.policy}</h3>
      <p class="soft">{texts.fleet.policy_text}</p>
      <form class="asking" onSubmit={(event) => void save(event)}>
        <label class="field">
          {texts.fleet.hold}
          <input
            type="number"
            min={0}
            max={60}
            required
            readOnly={!may('manage_network')}
            value={hold}
            onInput={({ currentTarget }) => setHold(currentTarget.value)}
          />
        </label>
        <label class="field">
          {texts.fleet.most}
          <input
            type="number"
            min={1}
            max={10}
            required
            readOnly={!may('manage_network')}
            value={most}
            onInput={({ currentTarget }) => setMost(currentTarget.value)}
          />
        </label>
        {may('manage_network') && (
          <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
            {texts.fleet.save}
          </button>
        )}
      </form>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && <p role="status">{texts.fleet.saved}</p>}
    </section>
  )
}
