import { useState } from 'preact/hooks'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { PayoutCard, type PayoutState } from './payout_card'
import { Returns } from './returns'
import { Runs } from './runs'
import { type Words, loadWords } from './texts'

/** States of which payouts of any day are listed; the others need a day or a driver. */
const OPEN: readonly string[] = ['pending', 'held', 'instructed']

/** The view, once its words are there. */
export async function payoutsView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <PayoutsView words={words} />
}

/** Payouts by state, day or driver; the runs that make them; the bank's files of returns. */
function PayoutsView({ words }: { words: Words }) {
  const { place, may } = useDesk()
  const [asked, ask] = useState<reading.PayoutsQuery>(place.driver ? { driver_id: place.driver } : { state: 'held' })
  return (
    <main class="page">
      <List key={JSON.stringify({ ...asked, cursor: null })} asked={asked} ask={ask} words={words} />
      <Runs words={words} show={(period) => ask({ period })} />
      {may('change_money') && <Returns words={words} />}
    </main>
  )
}

interface ListProps {
  asked: reading.PayoutsQuery
  ask: (query: reading.PayoutsQuery) => void
  words: Words
}

function List({ asked, ask, words }: ListProps) {
  const { texts } = useDesk()
  const { data, problem, busy, again } = useReading(`payouts ${JSON.stringify(asked)}`, () => reading.payouts(asked))
  return (
    <section aria-labelledby="payouts-heading">
      <h2 id="payouts-heading">{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      <Filter asked={asked} ask={ask} words={words} />
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data?.payouts.length === 0 && !data.next_cursor && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.payouts.map((one) => (
          <PayoutCard key={one.payout_id} one={one} words={words} changed={again} />
        ))}
      </ul>
      <div class="acts">
        {asked.cursor && (
          <button type="button" class="act" onClick={() => ask({ ...asked, cursor: undefined })}>
            {words.first}
          </button>
        )}
        {data?.next_cursor && (
          <button type="button" class="act" onClick={() => ask({ ...asked, cursor: data.next_cursor! })}>
            {words.more}
          </button>
        )}
      </div>
    </section>
  )
}

function Filter({ asked, ask, words }: ListProps) {
  const [state, choose] = useState<string>(asked.state ?? '')
  const [day, setDay] = useState(asked.period ?? '')
  const [driver, name] = useState(asked.driver_id ?? '')
  const enough = day !== '' || driver.trim() !== '' || OPEN.includes(state)
  return (
    <form
      class="asking"
      onSubmit={(event) => {
        event.preventDefault()
        if (!enough) return
        ask({
          ...(state ? { state: state as PayoutState } : {}),
          ...(day ? { period: day } : {}),
          ...(driver.trim() ? { driver_id: driver.trim() } : {}),
        })
      }}
    >
      <label class="field">
        {words.filter.state}
        <select value={state} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="">{words.filter.any}</option>
          {Object.entries(words.state).map(([code, said]) => (
            <option key={code} value={code}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {words.filter.day}
        <input type="date" value={day} onInput={({ currentTarget }) => setDay(currentTarget.value)} />
      </label>
      <label class="field">
        {words.filter.driver}
        <input value={driver} autoComplete="off" spellcheck={false} onInput={({ currentTarget }) => name(currentTarget.value)} />
      </label>
      <button type="submit" class="act" disabled={!enough}>
        {words.filter.search}
      </button>
      {!enough && <p class="soft">{words.filter.needed}</p>}
    </form>
  )
}
