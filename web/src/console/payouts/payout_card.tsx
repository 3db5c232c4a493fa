import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { dayWords } from '../law/figures'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import { decisionsFor } from './decisions'
import type { Words } from './texts'

export type PayoutState = Schemas['PayoutState']
type Payout = Schemas['StaffPayout']
type Detail = Schemas['PayoutDetail']
type Amount = Schemas['Money']

interface Props {
  one: Payout
  words: Words
  changed: () => void
}

/** A payout with its amounts; its history and the decisions on it are asked for when they are opened. */
export function PayoutCard({ one: listed, words, changed }: Props) {
  const { language, nameOf, username } = useDesk()
  const [decided, keep] = useState<Detail | null>(null)
  const [opened, open] = useState(false)
  const one = decided ?? listed
  const said = ({ amount, currency }: Amount): string => money(amount, currency, language)
  const title = fill(words.of, { amount: said(one.amount), driver: nameOf(one.driver_id) })
  const day = dayWords(one.period, language)
  return (
    <li class="card">
      <h3>{title}</h3>
      <p>
        {fill(words.about, { state: words.state[one.state], speed: words.speed[one.speed], day })}
        {one.effective_on && ` · ${fill(words.effective, { day: dayWords(one.effective_on, language) })}`}
      </p>
      {one.net.amount !== one.amount.amount && (
        <p class="soft">{fill(words.net, { net: said(one.net), fee: said(one.fee), withheld: said(one.withheld) })}</p>
      )}
      {one.state === 'held' && (
        <p>
          {wordFor(words.hold, one.hold_code)}
          {one.held_until && ` · ${fill(words.held_until, { day: dayWords(one.held_until, language) })}`}
        </p>
      )}
      {(one.code || one.reason) && (
        <p>
          {one.code && <span class="code">{one.code}</span>} {one.reason}
        </p>
      )}
      {one.release_asked_by && (
        <p>{one.release_asked_by === username ? words.own : fill(words.release_asked, { by: one.release_asked_by })}</p>
      )}
      {decided && <Done>{fill(words.decide.done, { state: words.state[decided.state] })}</Done>}
      <details onToggle={({ currentTarget }) => open(currentTarget.open)}>
        <summary aria-label={`${words.detail}: ${title}, ${day}`}>{words.detail}</summary>
        {opened && (
          <More
            id={one.payout_id}
            words={words}
            decided={(detail) => {
              keep(detail)
              changed()
            }}
          />
        )}
      </details>
    </li>
  )
}

function More({ id, words, decided }: { id: string; words: Words; decided: (detail: Detail) => void }) {
  const { texts, language, live, may } = useDesk()
  const { data, problem, busy, again } = useReading(`payout ${id}`, () => reading.payout(id))
  const time = (at: string): string => timeOfDay(at, live?.clock.now() ?? Date.now(), language)
  if (!data) return problem ? <Refused problem={problem} texts={texts} /> : <p role="status">{busy ? texts.loading : ''}</p>
  const days = data.settles.map(({ period }) => dayWords(period, language)).join(', ')
  return (
    <>
      <p class="soft">
        <span class="code">{data.payout_id}</span>
        {data.transfer_id && ` · ${fill(words.transfer, { id: data.transfer_id })}`}
      </p>
      {days && <p>{fill(words.settles, { days })}</p>}
      {data.corrections.length > 0 && <p>{fill(words.corrections, { codes: data.corrections.join(', ') })}</p>}
      <ol class="timeline">
        {data.history.map((change) => (
          <li key={change.at + change.state}>
            <span>
              {fill(words.change, { time: time(change.at), state: words.state[change.state], by: change.by })}
              {(change.code || change.reason) && ` (${[change.code, change.reason].filter(Boolean).join(': ')})`}
            </span>
          </li>
        ))}
      </ol>
      {may('change_money') && (
        <Decide
          one={data}
          words={words}
          decided={(detail) => {
            decided(detail)
            again()
          }}
        />
      )}
    </>
  )
}

function Decide({ one, words, decided }: { one: Detail; words: Words; decided: (detail: Detail) => void }) {
  const { texts, username } = useDesk()
  const act = useAct<Detail>()
  const may = decisionsFor(one, username)
  const [decision, choose] = useState(may[0])
  const [note, say] = useState('')
  const [until, setUntil] = useState('')
  const all = words.decide
  const chosen = decision && may.includes(decision) ? decision : may[0]
  if (!chosen) return null
  const send = async (): Promise<void> => {
    const body = { decision: chosen, note: note.trim(), until: chosen === 'hold' && until ? until : null }
    const answer = await act.send(() => acting.decidePayout(one.payout_id, body))
    if (answer?.data) decided(answer.data)
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (note.trim()) void send()
      }}
    >
      <label class="field">
        {all.decision}
        <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value as typeof chosen)}>
          {may.map((each) => (
            <option key={each} value={each}>
              {all[each]}
            </option>
          ))}
        </select>
      </label>
      {chosen === 'hold' && (
        <label class="field">
          {all.until}
          <input type="date" value={until} onInput={({ currentTarget }) => setUntil(currentTarget.value)} />
        </label>
      )}
      <label class="field">
        {all.note}
        <input required maxLength={200} value={note} autoComplete="off" onInput={({ currentTarget }) => say(currentTarget.value)} />
      </label>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {all.send}
        </button>
      </div>
    </form>
  )
}
