import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { Field } from '../extra/fields'
import { useDesk } from '../shell/desk'
import { Steps } from './drawing'
import type { Words } from './texts'

type View = Schemas['SurgeView']

const STOP_MINUTES = 120

/** The zone's surge: what holds, how it was measured, and a person's multiplier in its place. */
export function Surge({ words, maySet }: { words: Words; maySet: boolean }) {
  const { texts, zone, language, live } = useDesk()
  const { data, problem, again } = useReading(`surge ${zone.id}`, () => reading.surge(zone.id))
  const now = live?.clock.now() ?? Date.now()
  const write = (moment: string): string => timeOfDay(moment, now, language)
  const last = data?.measures.at(-1)
  const announced = data?.newest && Date.parse(data.newest.holds_from) > now ? data.newest : null
  return (
    <section aria-labelledby="surge-heading">
      <h2 id="surge-heading">{words.surge.heading}</h2>
      <p class="soft">{words.surge.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      {data && !data.rules && <p class="empty">{words.surge.none}</p>}
      {data?.rules && (
        <>
          <p>
            <strong>{fill(words.surge.now, { percent: data.percent })}</strong>{' '}
            {announced && fill(words.surge.next, { percent: announced.percent, time: write(announced.holds_from) })}
          </p>
          {data.override && (
            <p>
              {fill(words.surge.set_by, {
                by: data.newest?.by ?? '',
                time: write(data.override.until),
                reason: data.override.reason,
              })}
            </p>
          )}
          {last && (
            <>
              <Steps
                label={fill(words.surge.chart, { count: data.measures.length })}
                steps={data.measures.map((one) => one.percent)}
                line={data.measures.map((one) => one.smoothed)}
              />
              <p class="soft">
                {fill(words.surge.latest, {
                  time: write(last.at),
                  orders: last.orders,
                  drivers: last.drivers,
                  pressure: last.smoothed.toLocaleString(language, { maximumFractionDigits: 1 }),
                })}
              </p>
            </>
          )}
          {maySet && <Set words={words} now={now} done={again} />}
        </>
      )}
    </section>
  )
}

function Set({ words, now, done }: { words: Words; now: number; done: () => void }) {
  const { texts, zone } = useDesk()
  const act = useAct<View>()
  const [given, set] = useState({ percent: '150', minutes: '60', reason: '' })
  const send = async (percent: number, minutes: number, reason: string): Promise<void> => {
    const until = new Date(now + minutes * 60_000).toISOString()
    const answer = await act.send(() => acting.setSurge(zone.id, { percent, until, reason }))
    if (answer?.data) done()
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    void send(Number(given.percent), Number(given.minutes), given.reason)
  }
  return (
    <>
      <p class="acts">
        <button
          type="button"
          class="act"
          aria-disabled={act.phase === 'busy'}
          onClick={() => void send(100, STOP_MINUTES, words.surge.stop_reason)}
        >
          {words.surge.stop}
        </button>
      </p>
      <form onSubmit={submit}>
        <Field label={words.surge.percent} type="number" value={given.percent} set={(percent) => set({ ...given, percent })} />
        <Field label={words.surge.minutes} type="number" value={given.minutes} set={(minutes) => set({ ...given, minutes })} />
        <Field label={words.surge.reason} longest={200} value={given.reason} set={(reason) => set({ ...given, reason })} />
        <p class="acts">
          <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
            {words.surge.set}
          </button>
        </p>
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        {act.phase === 'done' && <Done>{words.surge.done}</Done>}
      </form>
    </>
  )
}
