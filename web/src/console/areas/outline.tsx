import { useMemo, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Point, Zone } from '../api/types'
import { useDesk } from '../shell/desk'
import { Corners, LEAST_CORNERS } from './corners'
import { useDrawing } from './use_drawing'

/** The zone's outline, edited on the map or corner by corner; all other settings stay as they are. */
export function Outline({ changed }: { changed: (zone: Zone) => void }) {
  const { texts, zone } = useDesk()
  const [opened, open] = useState(false)
  return (
    <section class="panel" aria-labelledby="outline-heading">
      <h2 id="outline-heading">{texts.outline.heading}</h2>
      <button type="button" class="act" aria-expanded={opened} onClick={() => open(!opened)}>
        {texts.outline.edit}
      </button>
      {opened && <OutlineForm zone={zone} changed={changed} />}
    </section>
  )
}

function OutlineForm({ zone, changed }: { zone: Zone; changed: (zone: Zone) => void }) {
  const { texts } = useDesk()
  const [corners, set] = useState<readonly Point[]>(zone.settings.area)
  const act = useAct<Schemas['ZoneView']>()
  useDrawing(true, corners, set)
  const dirty = useMemo(() => JSON.stringify(corners) !== JSON.stringify(zone.settings.area), [corners, zone.settings.area])
  const submit = async (): Promise<void> => {
    const body = { ...zone.settings, area: [...corners] } as Schemas['ZoneSettings-Input']
    const answer = await act.send(() => acting.putZone(zone.id, body))
    if (answer?.data) changed(answer.data)
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <p class="soft">{texts.outline.hint}</p>
      <Corners corners={corners} set={set} />
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && !dirty && <Done>{texts.outline.done}</Done>}
      <div class="acts">
        <button type="submit" class="act main" disabled={!dirty || corners.length < LEAST_CORNERS} aria-disabled={act.phase === 'busy'}>
          {texts.outline.save}
        </button>
        <button type="button" class="quiet" disabled={!dirty} onClick={() => set(zone.settings.area)}>
          {texts.outline.discard}
        </button>
      </div>
    </form>
  )
}
