import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import type { Answer } from '../api/answers'
import { useDesk } from '../shell/desk'
import * as acting from './acting'
import type { Application } from './acting'
import type { ApplicationTexts } from './texts'

interface Shared {
  own: ApplicationTexts
  told: Application
  send: (request: () => Promise<Answer<Application>>) => void
}

/** One application: the person, the steps, the report, and what may be done about it. */
export function Detail({ id, own, changed }: { id: string; own: ApplicationTexts; changed: () => void }) {
  const { texts } = useDesk()
  const { data, problem, again } = useReading(`application ${id}`, () => acting.read(id))
  const act = useAct<Application>()
  const send: Shared['send'] = (request) =>
    void act.send(request).then((answer) => {
      again()
      if (answer?.data) changed()
    })
  if (problem) return <Refused problem={problem} texts={texts} />
  if (!data) return <p role="status">{texts.loading}</p>
  const shared = { own, told: data, send }
  return (
    <div class="detail">
      <Person {...shared} />
      <h4>{own.steps}</h4>
      <ul>
        {data.steps.map((step) => (
          <li key={step.name}>
            {own.step[step.name]}: <strong>{own.state[step.state]}</strong>
            {step.missing?.length ? ` (${step.missing.map((one) => one.replaceAll('_', ' ')).join(', ')})` : ''}
          </li>
        ))}
      </ul>
      {data.report && <Report {...shared} />}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {data.line.state === 'open' && <Acts {...shared} busy={act.phase === 'busy'} />}
      {data.decided_by && data.decided_at && (
        <p class="soft">{fill(own.decided, { by: data.decided_by, day: useDay(data.decided_at) })}</p>
      )}
    </div>
  )
}

function useDay(moment: string): string {
  const { language } = useDesk()
  return new Date(moment).toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' })
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)

function Person({ own, told }: Shared) {
  const { address, money, vehicle } = told
  const account = money.bank_account
  return (
    <dl class="facts">
      <Fact name={own.legal_name}>{told.legal_name ?? own.unknown}</Fact>
      <Fact name={own.born_on}>{told.born_on ?? own.unknown}</Fact>
      <Fact name={own.address}>
        {address ? [address.street, address.unit, address.city, address.state, address.zip].filter(Boolean).join(', ') : own.unknown}
      </Fact>
      <Fact name={own.phone}>{told.phone ?? own.erased}</Fact>
      <Fact name={own.email}>{told.email ?? own.erased}</Fact>
      <Fact name={own.vehicle}>{[vehicle.kind, vehicle.plate].filter(Boolean).join(', ')}</Fact>
      <Fact name={own.tax_form}>{money.tax_form ? `${money.tax_form.tin} (${money.tax_form.tin_kind})` : own.unknown}</Fact>
      <Fact name={own.bank_account}>
        {account ? `${account.account_number}, ${fill(own.payable_from, { day: account.payable_from })}` : own.unknown}
      </Fact>
    </dl>
  )
}

function Report({ own, told }: Shared) {
  const { report, line } = told
  return (
    <section>
      <h4>{own.report}</h4>
      {report?.records.length === 0 && <p>{own.report_empty}</p>}
      <ul>
        {report?.records.map((one) => (
          <li key={one.title + one.date}>
            {[one.title, one.date, one.place].filter(Boolean).join(', ')}
            {one.outcome && `: ${one.outcome}`}
          </li>
        ))}
      </ul>
      {report?.dispute && (
        <p>
          {own.dispute} <q>{report.dispute}</q>
        </p>
      )}
      {report?.assessment && (
        <p>
          {own.assessment} <q>{report.assessment}</q>
        </p>
      )}
      {line.decide_from && <p>{fill(own.decide_from, { day: useDay(line.decide_from) })}</p>}
    </section>
  )
}

const UNDECIDED = ['flagged', 'noticed', 'disputed', 'due']
const REASONS = ['documents_not_genuine', 'not_eligible', 'duplicate', 'no_answer'] as const

function Acts({ own, told, send, busy }: Shared & { busy: boolean }) {
  const [words, write] = useState('')
  const [reason, choose] = useState<(typeof REASONS)[number]>('no_answer')
  const { application_id: id, check, overdue } = told.line
  const undecided = UNDECIDED.includes(check)
  const assessment = words.trim() || null
  return (
    <>
      {check === 'disputed' && (
        <section class="acts">
          <h4>{own.dispute_closed}</h4>
          <button type="button" class="act" disabled={busy} onClick={() => send(() => acting.closeDispute(id, 'corrected'))}>
            {own.corrected}
          </button>
          <button type="button" class="act" disabled={busy} onClick={() => send(() => acting.closeDispute(id, 'upheld'))}>
            {own.upheld}
          </button>
          <p class="soft">{own.upheld_hint}</p>
        </section>
      )}
      {undecided && (
        <section>
          <h4>{own.decide}</h4>
          <label class="field">
            {own.assess}
            <textarea rows={4} maxLength={2000} value={words} onInput={({ currentTarget }) => write(currentTarget.value)} />
          </label>
          <div class="acts">
            <button
              type="button"
              class="act main"
              disabled={busy}
              onClick={() => send(() => acting.decide(id, { verdict: 'go_on', assessment }))}
            >
              {own.go_on}
            </button>
            {check === 'due' && (
              <button
                type="button"
                class="act"
                disabled={busy || words.trim().length < 20}
                onClick={() => confirm(own.adverse_sure) && send(() => acting.decide(id, { verdict: 'adverse', assessment }))}
              >
                {own.adverse}
              </button>
            )}
          </div>
        </section>
      )}
      <div class="acts">
        {overdue && (
          <button type="button" class="act" disabled={busy} onClick={() => send(() => acting.orderAgain(id))}>
            {own.order}
          </button>
        )}
        {!undecided && (
          <>
            <button type="button" class="act main" disabled={busy} onClick={() => send(() => acting.approve(id))}>
              {own.approve}
            </button>
            <label class="field">
              {own.reason}
              <select value={reason} onChange={({ currentTarget }) => choose(currentTarget.value as typeof reason)}>
                {REASONS.map((one) => (
                  <option key={one} value={one}>
                    {own.reasons[one]}
                  </option>
                ))}
              </select>
            </label>
            <button type="button" class="act" disabled={busy} onClick={() => send(() => acting.refuse(id, reason))}>
              {own.refuse}
            </button>
          </>
        )}
      </div>
    </>
  )
}
