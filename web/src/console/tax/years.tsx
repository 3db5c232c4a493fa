import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { dayWords, officeDay } from './days'
import { Deposits } from './deposits'
import type { Words } from './texts'

type Year = Schemas['YearView']
type Form = Schemas['TaxReturnView']

const TASKS = ['generate', 'review', 'furnish', 'file'] as const
const YEARS_SHOWN = 5

interface Props {
  words: Words
  mayChange: boolean
}

/** The forms of a year: totals beside the books, tasks over all of them, and the forms themselves. */
export function Years({ words, mayChange }: Props) {
  const { texts, language, live } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  const thisYear = Number(officeDay(now).slice(0, 4))
  const [year, choose] = useState(thisYear - 1)
  const { data, problem, busy, again } = useReading(`tax year ${year}`, () => reading.taxYear(year))
  const act = useAct<Year>()
  const run = async (task: (typeof TASKS)[number]): Promise<void> => {
    await act.send(() => acting.changeTaxYear(year, { action: 'task', task }))
    again()
  }
  const all = words.years
  return (
    <section aria-labelledby="tax-years-heading">
      <h2 id="tax-years-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      <label class="field">
        {all.year}
        <select value={year} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
          {Array.from({ length: YEARS_SHOWN }, (_, back) => thisYear - back).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data && (
        <>
          <p>{fill(all.due, { day: dayWords(data.due_on, language) })}</p>
          <Totals year={data} words={words} />
          {act.problem && <Refused problem={act.problem} texts={texts} />}
          {mayChange && (
            <div class="acts">
              {TASKS.map((task) => (
                <button key={task} type="button" class="act" disabled={data.task !== null} onClick={() => void run(task)}>
                  {words.task[task]}
                </button>
              ))}
              <button type="button" class="act" onClick={again}>
                {texts.trouble.again}
              </button>
            </div>
          )}
          <Files year={data} words={words} />
          <Forms key={`${year} ${data.made_at} ${data.furnished_at}`} first={data} words={words} mayChange={mayChange} />
          <Deposits year={data} words={words} mayChange={mayChange} changed={again} />
        </>
      )}
    </section>
  )
}

function Totals({ year, words }: { year: Year; words: Words }) {
  const { language } = useDesk()
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const { totals, task } = year
  const all = words.years
  if (task) return <p role="status">{fill(all.runs, { task: words.task[task] })}</p>
  if (!totals) return <p class="empty">{all.none}</p>
  const { difference, compensation, withheld, tips } = totals
  return (
    <>
      {difference.amount ? (
        <p class="bad">{fill(all.difference, { amount: write(difference) })}</p>
      ) : (
        <p>{fill(all.agree, { amount: write(compensation), withheld: write(withheld), tips: write(tips) })}</p>
      )}
      {totals.never_settled > 0 && <p class="bad">{fill(all.never_settled, { count: totals.never_settled })}</p>}
      <p>
        {Object.entries(totals.states)
          .map(([state, count]) => `${words.state[state as Form['state']]}: ${count}`)
          .concat(fill(all.by_mail, { count: totals.by_mail }), fill(all.nameless, { count: totals.nameless }))
          .join(' · ')}
      </p>
      {year.reviewed_by && <p class="soft">{fill(all.reviewed, { by: year.reviewed_by })}</p>}
    </>
  )
}

function Files({ year, words }: { year: Year; words: Words }) {
  const all = words.years
  if (!year.files.length) return null
  return (
    <>
      <h3>{all.files}</h3>
      <p class={year.mapping_verified_by ? 'soft' : 'bad'}>
        {year.mapping_verified_by ? fill(all.verified, { by: year.mapping_verified_by }) : all.unverified}
      </p>
      <ul>
        {year.files.map(({ name, records, link }) => (
          <li key={name}>
            <a href={link}>{fill(all.file, { name, records })}</a>
          </li>
        ))}
      </ul>
    </>
  )
}

function Forms({ first, words, mayChange }: { first: Year; words: Words; mayChange: boolean }) {
  const [more, add] = useState<Form[]>([])
  const [after, set] = useState(first.next_after)
  const next = async (): Promise<void> => {
    if (!after) return
    const { data } = await reading.taxYear(first.year, after)
    if (!data) return
    add([...more, ...data.forms])
    set(data.next_after)
  }
  const forms = [...first.forms, ...more]
  if (!forms.length) return null
  return (
    <>
      <h3>{words.years.forms}</h3>
      <ul class="cards">
        {forms.map((form) => (
          <OneForm key={form.driver_id} form={form} year={first.year} words={words} mayChange={mayChange} />
        ))}
      </ul>
      {after && (
        <button type="button" class="act" onClick={() => void next()}>
          {words.years.more}
        </button>
      )}
    </>
  )
}

function OneForm({ form, year, words, mayChange }: { form: Form; year: number; words: Words; mayChange: boolean }) {
  const { texts, language } = useDesk()
  const act = useAct<Year>()
  const [shown, show] = useState(form)
  const all = words.years
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const name = shown.name ?? `…${shortId(shown.driver_id)}`
  const change = async (what: 'correct' | 'void'): Promise<void> => {
    const answer = await act.send(() => acting.changeTaxYear(year, { action: 'form', act: what, driver_id: form.driver_id }))
    const changed = answer?.data?.forms.find(({ driver_id: id }) => id === form.driver_id)
    if (changed) show(changed)
  }
  return (
    <li class="card">
      <h4>
        {name} · {words.state[shown.state]}
      </h4>
      <p>
        {fill(all.payments, { amount: write(shown.compensation), count: shown.payments })}
        {shown.withheld.amount > 0 && ` · ${fill(all.withheld, { amount: write(shown.withheld) })}`}
        {shown.revision > 0 && ` · ${fill(all.revision, { count: shown.revision })}`}
      </p>
      {shown.copy_link && (
        <p>
          <a href={shown.copy_link}>{fill(all.copy, { name })}</a>
        </p>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {mayChange && (
        <div class="acts">
          <button type="button" class="act" aria-label={`${all.correct}: ${name}`} onClick={() => void change('correct')}>
            {all.correct}
          </button>
          <button type="button" class="act" aria-label={`${all.void}: ${name}`} onClick={() => void change('void')}>
            {all.void}
          </button>
        </div>
      )}
    </li>
  )
}
