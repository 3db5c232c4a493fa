import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../../parts/texts'
import { Costs } from '../../acts/cost'
import { Done } from '../../acts/done'
import { PickDriver } from '../../acts/pick_driver'
import { Refused } from '../../acts/refused'
import { useAct, usePreview, useReading } from '../../acts/use_act'
import * as acting from '../../api/acting'
import * as reading from '../../api/reading'
import type { Delivery, RouteStop } from '../../api/types'
import { useDesk } from '../../shell/desk'
import { shortId } from '../../shell/words'
import type { FormProps } from '../actions'

interface Places {
  pickup: number
  dropoff: number
}

/** Choose a driver, see what it costs, confirm. The cost is asked for with each choice and nothing is written before. */
export function AssignForm({ known, changed, preset }: FormProps) {
  const { texts, nameOf } = useDesk()
  const { delivery } = known
  const [driver, pick] = useState<string | null>(preset)
  const [places, setPlaces] = useState<Places | null>(null)
  const preview = usePreview<Delivery>()
  const act = useAct<Delivery>()
  const route = useReading(driver, () => reading.route(driver ?? ''), known.version)
  const stops = route.data?.plan.stops.filter((stop) => stop.delivery_id !== delivery.id) ?? []

  const wish = (dry_run: boolean) => ({
    driver_id: driver ?? '',
    dry_run,
    ...(places ? { position: places, revision: route.data?.revision ?? 0 } : {}),
  })
  useEffect(() => {
    act.forget()
    if (driver) void preview.send(() => acting.assign(delivery.id, wish(true)))
  }, [driver, places?.pickup, places?.dropoff, places && route.data?.revision])

  const confirm = async (): Promise<void> => {
    if (!driver) return
    const answer = await act.send(() => acting.assign(delivery.id, wish(false)))
    if (answer?.problem?.status === 409) route.again()
    if (answer && !answer.problem) {
      preview.forget()
      changed()
    }
  }
  const chosen = driver ? nameOf(driver) : ''
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        void confirm()
      }}
    >
      <PickDriver
        group="assign-driver"
        picked={driver}
        pick={(id) => {
          setPlaces(null)
          pick(id)
        }}
        near={delivery.pickup}
        but={delivery.driver_id ?? null}
      />
      {driver && stops.length > 0 && <PlacesField stops={stops} places={places} set={setPlaces} />}
      {preview.phase === 'busy' && <p role="status">{texts.cost.asking}</p>}
      {preview.problem && <Refused problem={preview.problem} texts={texts} />}
      {preview.data && (
        <div class="preview" role="status">
          <p>{fill(texts.assign.cost, { driver: chosen })}</p>
          <Costs routes={preview.data.routes ?? []} />
        </div>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' ? (
        <Done>{fill(texts.assign.done, { driver: chosen })}</Done>
      ) : (
        <button type="submit" class="act main" disabled={!preview.data} aria-disabled={act.phase === 'busy'}>
          {driver ? fill(texts.assign.confirm, { driver: chosen }) : texts.assign.choose_first}
        </button>
      )}
    </form>
  )
}

/** The places of both stops on the route: the cheapest ones, or after chosen stops. */
function PlacesField(props: { stops: readonly RouteStop[]; places: Places | null; set: (places: Places | null) => void }) {
  const { texts } = useDesk()
  const { stops, places, set } = props
  const after = (index: number): string => {
    const stop = stops[index - 1]
    return stop
      ? fill(texts.assign.after, { number: index, stop: texts.stop[stop.kind], order: `…${shortId(stop.delivery_id)}` })
      : texts.assign.first
  }
  return (
    <fieldset class="places">
      <legend>{texts.assign.position}</legend>
      <label class="option">
        <input type="checkbox" checked={places === null} onChange={() => set(places ? null : { pickup: stops.length, dropoff: stops.length + 1 })} />
        {texts.assign.best}
      </label>
      {places && (
        <>
          <label class="field">
            {texts.stop.pickup}
            <select
              value={places.pickup}
              onChange={({ currentTarget }) => {
                const pickup = Number(currentTarget.value)
                set({ pickup, dropoff: Math.max(places.dropoff, pickup + 1) })
              }}
            >
              {[...stops.keys(), stops.length].map((index) => (
                <option key={index} value={index}>
                  {after(index)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            {texts.stop.dropoff}
            <select
              value={places.dropoff}
              onChange={({ currentTarget }) => set({ ...places, dropoff: Number(currentTarget.value) })}
            >
              {[...stops.keys(), stops.length]
                .filter((index) => index >= places.pickup)
                .map((index) => (
                  // The pickup stands before it and shifts all later places by one.
                  <option key={index} value={index + 1}>
                    {index === places.pickup ? texts.assign.right_after_pickup : after(index)}
                  </option>
                ))}
            </select>
          </label>
        </>
      )}
    </fieldset>
  )
}
