import { useMemo, useState } from 'preact/hooks'
import { fill } from '../../../parts/texts'
import { Refused } from '../../acts/refused'
import { useAct } from '../../acts/use_act'
import * as acting from '../../api/acting'
import type { AreaOffer, Point } from '../../api/types'
import { Corners, LEAST_CORNERS } from '../../areas/corners'
import { CircleFields } from '../../areas/circle_fields'
import { circleShape, cornersShape, useDrawn } from '../../map/sketch'
import { useDesk } from '../../shell/desk'
import { wordFor } from '../../shell/words'
import type { FormProps } from '../actions'

/** Offer an order to all drivers within a circle or a polygon, drawn on the map or typed. */
export function AreaForm({ known, changed }: FormProps) {
  const { texts, nameOf } = useDesk()
  const { delivery } = known
  const [kind, choose] = useState<'circle' | 'polygon'>('circle')
  const [centre, setCentre] = useState<Point>(delivery.pickup)
  const [radius, setRadius] = useState(1000)
  const [corners, setCorners] = useState<Point[]>([])
  const act = useAct<AreaOffer>()
  const shape = useMemo(
    () => (kind === 'circle' ? circleShape(centre, radius) : cornersShape(corners)),
    [kind, centre, radius, corners],
  )
  useDrawn(shape, (point) => (kind === 'circle' ? setCentre(point) : setCorners((before) => [...before, point])))
  const ready = kind === 'circle' ? radius > 0 : corners.length >= LEAST_CORNERS

  const submit = async (): Promise<void> => {
    if (!ready) return
    const area = kind === 'circle' ? { centre, radius_m: radius } : { polygon: corners }
    const answer = await act.send(() => acting.offerToArea(delivery.id, area))
    if (answer && !answer.problem) changed()
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <p class="soft">{texts.area.hint}</p>
      <fieldset class="chips">
        <legend class="unseen">{texts.area.shape}</legend>
        {(['circle', 'polygon'] as const).map((one) => (
          <label key={one} class="option">
            <input type="radio" name="shape" checked={kind === one} onChange={() => choose(one)} />
            {texts.area[one]}
          </label>
        ))}
      </fieldset>
      {kind === 'circle' ? (
        <CircleFields centre={centre} radius={radius} setCentre={setCentre} setRadius={setRadius} />
      ) : (
        <Corners corners={corners} set={setCorners} />
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.data ? (
        <div class="results" role="status">
          <p class="good">{fill(texts.area.asked, { count: act.data.asked.length, drivers: act.data.asked.map(nameOf).join(', ') })}</p>
          {act.data.left_out.length > 0 && (
            <ul>
              {act.data.left_out.map((one) => (
                <li key={one.driver_id}>
                  <strong>{nameOf(one.driver_id)}</strong>: {wordFor(texts.ineligible, one.reason)}
                </li>
              ))}
            </ul>
          )}
        </div>
      ) : (
        <button type="submit" class="act main" disabled={!ready} aria-disabled={act.phase === 'busy'}>
          {texts.area.confirm}
        </button>
      )}
    </form>
  )
}
