import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { Wide } from '../shell/wide'
import { PlanFields } from './plan_fields'
import { KINDS, type Kind, type Plans, inputOf } from './plans'
import { type Words, loadWords } from './texts'

type Mails = Schemas['FinanceMails']

/** The view, once its words are there. */
export async function mailsView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => {
    const { texts } = useDesk()
    const { data, problem, busy, again } = useReading('finance mails', reading.financeMails)
    return (
      <main class="page">
        <h2>{words.heading}</h2>
        <p class="soft">{words.hint}</p>
        {problem && <Refused problem={problem} texts={texts} />}
        {!data && busy && <p role="status">{texts.loading}</p>}
        {data && <Plans key={data.changed_at ?? ''} words={words} mails={data} changed={again} />}
        {data && <Runs words={words} mails={data} />}
      </main>
    )
  }
}

function Plans({ words, mails, changed }: { words: Words; mails: Mails; changed: () => void }) {
  const { texts, may, language } = useDesk()
  const [plans, change] = useState<Plans>(mails.plans)
  const act = useAct<Mails>()
  const mayChange = may('change_money')
  const write = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const answer = await act.send(() => acting.putFinanceMails({ plans: inputOf(plans) }))
    if (answer?.data) changed()
  }
  return (
    <form onSubmit={(event) => void save(event)}>
      {KINDS.map((kind) => {
        const due = mails.next.find(({ mail }) => mail === kind)?.due_at
        return (
          <fieldset key={kind} class="card" disabled={!mayChange}>
            <legend>
              <h3>{words.kinds[kind]}</h3>
            </legend>
            <p class="soft">{words.about[kind]}</p>
            {due && <p>{fill(words.next, { time: write.format(new Date(due)) })}</p>}
            <PlanFields words={words} kind={kind} plan={plans[kind]} change={(plan) => change({ ...plans, [kind]: plan })} />
            {mayChange && <Tests words={words} kind={kind} plans={mails.plans} />}
          </fieldset>
        )
      })}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {mails.changed_at && (
        <p class="soft">{fill(words.changed, { who: mails.changed_by ?? '', time: write.format(new Date(mails.changed_at)) })}</p>
      )}
      {mayChange && (
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {words.save}
        </button>
      )}
      <p role="status">{act.phase === 'done' ? words.saved : ''}</p>
    </form>
  )
}

/** A button for each recipient that has been saved: the mail goes there at once, about the last period that is over. */
function Tests({ words, kind, plans }: { words: Words; kind: Kind; plans: Plans }) {
  const { texts } = useDesk()
  const act = useAct<Mails>()
  const send = (to: string): void =>
    void act.send(() => acting.putFinanceMails({ plans: inputOf(plans), test: { mail: kind, to } }))
  return (
    <div>
      <div class="acts">
        {plans[kind].recipients?.map((address) => (
          <button key={address} type="button" class="act" aria-disabled={act.phase === 'busy'} onClick={() => send(address)}>
            {fill(words.test, { address })}
          </button>
        ))}
      </div>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <p role="status">{act.phase === 'done' ? words.tested : ''}</p>
    </div>
  )
}

function Runs({ words, mails }: { words: Words; mails: Mails }) {
  const { language } = useDesk()
  const write = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' })
  return (
    <section class="card" aria-labelledby="runs-heading">
      <h3 id="runs-heading">{words.sent}</h3>
      {mails.runs.length === 0 && <p class="empty">{words.none}</p>}
      {mails.runs.length > 0 && (
        <Wide label={words.sent}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.mail}</th>
                <th scope="col">{words.period}</th>
                <th scope="col">{words.due}</th>
                <th scope="col">{words.state}</th>
              </tr>
            </thead>
            <tbody>
              {mails.runs.map((run) => (
                <tr key={`${run.mail} ${run.period}`}>
                  <td>{words.kinds[run.mail]}</td>
                  <td>{run.period}</td>
                  <td>{write.format(new Date(run.due_at))}</td>
                  <td class={run.error ? 'bad' : ''}>
                    {words.states[run.state]}
                    {run.late_by >= 120 && <span class="soft"> {fill(words.late, { minutes: run.late_by })}</span>}
                    {run.error && ` ${fill(words.refused, { code: run.error, count: run.attempts })}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </section>
  )
}
