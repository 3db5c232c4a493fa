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
import type { Words } from './texts'

type Run = Schemas['PayRunView']

interface Props {
  words: Words
  show: (period: string) => void
}

/** Pay runs, the newest first, and a form that starts one by hand. */
export function Runs({ words, show }: Props) {
  const { texts, may } = useDesk()
  const [cursor, turn] = useState<string | null>(null)
  const { data, problem, busy, again } = useReading(`runs ${cursor ?? ''}`, () => reading.payRuns(cursor ? { cursor } : {}))
  const all = words.runs
  return (
    <section aria-labelledby="runs-heading">
      <h2 id="runs-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      {may('change_money') && <Start words={words} started={again} />}
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {data?.runs.length === 0 && <p class="empty">{all.none}</p>}
      <ul class="cards">
        {data?.runs.map((run) => (
          <Card key={run.run_id} run={run} words={words} show={show} />
        ))}
      </ul>
      <div class="acts">
        {cursor && (
          <button type="button" class="act" onClick={() => turn(null)}>
            {words.first}
          </button>
        )}
        {data?.next_cursor && (
          <button type="button" class="act" onClick={() => turn(data.next_cursor ?? null)}>
            {all.more}
          </button>
        )}
      </div>
    </section>
  )
}

function Card({ run, words, show }: { run: Run } & Props) {
  const { texts, language, live } = useDesk()
  const act = useAct<Schemas['PayRunPage']>()
  const all = words.runs
  const said = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const day = dayWords(run.period, language)
  const url = act.data?.runs[0]?.file?.url
  return (
    <li class="card">
      <h3>{fill(all.of, { day })}</h3>
      <p>
        {fill(all.about, { status: all.status[run.status], day: dayWords(run.effective_on, language) })}
        {run.batches !== null && ` · ${fill(all.batches, { count: run.batches })}`}
        {run.finished_at &&
          ` · ${fill(all.finished, { time: timeOfDay(run.finished_at, live?.clock.now() ?? Date.now(), language) })}`}
      </p>
      {run.totals.length > 0 && (
        <ul>
          {run.totals.map(({ state, count, total }) => (
            <li key={state + total.currency}>
              {fill(all.total, { state: wordFor(words.state, state), count, total: said(total) })}
            </li>
          ))}
        </ul>
      )}
      {run.file && <p>{fill(all.file, { count: run.file.count, total: said(run.file.total) })}</p>}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button type="button" class="act" aria-label={`${all.show}: ${day}`} onClick={() => show(run.period)}>
          {all.show}
        </button>
        {run.file && !url && (
          <button
            type="button"
            class="act"
            aria-label={`${all.link}: ${day}`}
            onClick={() => void act.send(() => reading.payRuns({ period: run.period }))}
          >
            {all.link}
          </button>
        )}
        {url && <a href={url}>{fill(all.save, { day })}</a>}
      </div>
    </li>
  )
}

function Start({ words, started }: { words: Words; started: () => void }) {
  const { texts, language } = useDesk()
  const act = useAct<Schemas['PayRunStarted']>()
  const [day, setDay] = useState('')
  const all = words.runs
  const send = async (): Promise<void> => {
    const answer = await act.send(() => acting.startPayRun(day))
    if (answer?.data) started()
  }
  return (
    <form
      class="asking"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <label class="field">
        {all.day}
        <input type="date" required value={day} onInput={({ currentTarget }) => setDay(currentTarget.value)} />
      </label>
      <button type="submit" class="act" aria-disabled={act.phase === 'busy'}>
        {all.start}
      </button>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.data && <Done>{fill(all.started, { day: dayWords(act.data.period, language) })}</Done>}
    </form>
  )
}
