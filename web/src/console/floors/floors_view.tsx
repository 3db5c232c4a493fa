import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { dayWords } from '../law/figures'
import { useDesk } from '../shell/desk'
import { type Words, loadWords } from './texts'

type Floor = Schemas['PayFloorView']

const PLACES = ['US-CA', 'US-NY-new-york-city', 'US-WA-seattle'] as const
const MINUTE_MS = 60_000

/** The view, once its words are there. */
export async function floorsView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <FloorsView words={words} />
}

/** Pay of drivers in a week, or of one driver in all weeks, compared with the least that law lets them earn. */
function FloorsView({ words }: { words: Words }) {
  const { texts } = useDesk()
  const [place, choose] = useState<string>(PLACES[0])
  const [day, setDay] = useState('')
  const [driver, name] = useState('')
  const [asked, ask] = useState<reading.FloorsQuery>({ jurisdiction: PLACES[0] })
  const { data, problem, busy } = useReading(`floors ${JSON.stringify(asked)}`, () => reading.payFloors(asked))
  const submit = (): void =>
    ask(driver.trim() ? { driver_id: driver.trim() } : { jurisdiction: place, ...(day ? { period: day } : {}) })
  return (
    <main class="page">
      <h2>{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <label class="field">
          {words.place}
          <select value={place} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            {PLACES.map((one) => (
              <option key={one} value={one}>
                {words.places[one]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {words.day}
          <input type="date" value={day} onInput={({ currentTarget }) => setDay(currentTarget.value)} />
        </label>
        <label class="field">
          {words.driver}
          <input value={driver} autoComplete="off" spellcheck={false} onInput={({ currentTarget }) => name(currentTarget.value)} />
        </label>
        <button type="submit" class="act">
          {words.ask}
        </button>
      </form>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data?.pay_floors.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.pay_floors.map((one) => (
          <Card key={one.calculation_id} one={one} words={words} />
        ))}
      </ul>
      <div class="acts">
        {asked.cursor && (
          <button type="button" class="act" onClick={submit}>
            {words.first}
          </button>
        )}
        {data?.next_cursor && (
          <button type="button" class="act" onClick={() => ask({ ...asked, cursor: data.next_cursor! })}>
            {words.more}
          </button>
        )}
      </div>
    </main>
  )
}

function Card({ one, words }: { one: Floor; words: Words }) {
  const { language, nameOf } = useDesk()
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const hours = (seconds: number): string =>
    fill(words.time, { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60) })
  const open = one.short.amount + one.share.amount - one.paid.amount
  return (
    <li class="card">
      <h3>
        {fill(words.of, {
          driver: nameOf(one.driver_id),
          title: one.title,
          from: dayWords(one.first, language),
          to: dayWords(one.last, language),
        })}
      </h3>
      {!one.is_certain && <p class="badge">{words.uncertain}</p>}
      <p>
        {(['least', 'earned', 'short', 'share', 'paid'] as const)
          .filter((part) => part !== 'share' || one.share.amount > 0)
          .map((part) => `${words[part]} ${write(one[part])}`)
          .join(' · ')}
      </p>
      {open > 0 && (
        <p>
          {fill(words.open, {
            amount: write({ amount: open, currency: one.short.currency }),
            time: dayWords(one.deadline.slice(0, 10), language),
          })}
        </p>
      )}
      <p class="soft">{fill(words.engaged, { engaged: hours(one.engaged_s), on_call: hours(one.on_call_s) })}</p>
      {one.steps.length > 0 && (
        <details>
          <summary>{words.how}</summary>
          <ul lang="en">
            {one.steps.map((step, number) => (
              <li key={number}>
                {step.text}
                <span class="soft">
                  {' '}
                  {step.rules.map((rule) => `${rule.jurisdiction} ${rule.rule} ${rule.value}, ${rule.status}: ${rule.source}`).join('; ')}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {one.works.length > 0 && (
        <details>
          <summary>{words.works}</summary>
          <ul>
            {one.works.map((work) => (
              <li key={work.delivery_id + work.since}>
                {fill(words.work, {
                  delivery: work.delivery_id,
                  minutes: Math.round((Date.parse(work.until) - Date.parse(work.since)) / MINUTE_MS),
                  metres: work.metres,
                  pay: write(work.pay),
                })}
              </li>
            ))}
          </ul>
        </details>
      )}
      {one.true_ups.length > 0 && (
        <p class="soft">
          {fill(words.true_ups, {
            list: one.true_ups.map((paid) => `${write(paid.amount)}, ${dayWords(paid.at.slice(0, 10), language)}`).join('; '),
          })}
        </p>
      )}
    </li>
  )
}
