import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { written } from '../days'
import { Head, Read } from '../parts/screen'
import { useAnswer } from '../parts/use_answer'
import { bodyOf, useReading } from '../reading'
import { Instant } from './instant'
import { Payouts } from './list'
import { type Words, loadWords } from './texts'

const MINUTE_MS = 60_000
const CADENCES = ['daily', 'weekly'] as const

export type Quote = Schemas['PayQuote']

/** The screen, once its words are there. */
export async function payoutsScreen(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <PayoutsScreen words={words} />
}

/** Instant pay, the cadence of pay, and the payouts of some days. */
function PayoutsScreen({ words }: { words: Words }) {
  const { queue } = useApp()
  const reading = useReading<Quote>(
    queue,
    'instant-pay',
    async (signal) => bodyOf(await api.GET('/v1/driver/instant-pay', { signal })),
    MINUTE_MS,
  )
  return (
    <>
      <Head title={words.heading} back="earnings" />
      <div class="stack">
        <Read of={reading}>
          {(quote) => (
            <>
              <Instant quote={quote} words={words} changed={reading.again} />
              <Schedule schedule={quote.schedule} words={words} changed={reading.again} />
            </>
          )}
        </Read>
        <Payouts words={words} />
        <p>
          <a class="way" href={addressOf('money')}>
            {words.account}
          </a>
        </p>
      </div>
    </>
  )
}

function Schedule({ schedule, words, changed }: { schedule: Quote['schedule']; words: Words; changed: () => void }) {
  const { language } = useApp()
  const { busy, failed, ask } = useAnswer()
  const all = words.schedule
  const choose = async (cadence: Schemas['Cadence']): Promise<void> => {
    if (cadence === schedule.cadence) return
    if (await ask(() => api.PUT('/v1/driver/pay-schedule', { body: { cadence } }))) changed()
  }
  return (
    <section class="card" aria-labelledby="schedule-heading" aria-busy={busy}>
      <h2 id="schedule-heading">{all.heading}</h2>
      <div class="choice" role="group" aria-labelledby="schedule-heading">
        {CADENCES.map((one) => (
          <button key={one} type="button" aria-pressed={one === schedule.cadence} onClick={() => void choose(one)}>
            {all[one]}
          </button>
        ))}
      </div>
      <p>{fill(all.next, { day: written(schedule.next_payday, language) })}</p>
      <p class="soft">{all.hint}</p>
      <p role="status" class="bad">
        {failed && all.failed}
      </p>
    </section>
  )
}
