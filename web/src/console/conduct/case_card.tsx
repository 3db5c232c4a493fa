import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import type { Words } from './texts'

type View = Schemas['CaseView']
type Level = Schemas['Level']

const DECIDED: readonly Level[] = ['warning', 'probation', 'suspension', 'deactivation']
const WITH_DAYS: ReadonlySet<string> = new Set(['probation', 'suspension'])
const DANGERS: ReadonlySet<string> = new Set(['violence_or_threat', 'unsafe_driving', 'impairment', 'harassment', 'broken_custody'])
const TEXTS = ['note', 'stop', 'reasons', 'appeal', 'answer'] as const
const LONGEST = 1000

/** A day as people write it; of a moment, its day here. */
export function dayWords(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', ...(at.length > 10 ? {} : { timeZone: 'UTC' }) }).format(new Date(at))
}

/** A case: what it rests on, what was decided, and what may be done now. */
export function CaseCard({ one, words, changed }: { one: View; words: Words; changed: () => void }) {
  const { language, nameOf, go, may } = useDesk()
  const { case: it } = one
  const { decision, stop, appeal } = it
  const day = (at: string): string => dayWords(at, language)
  const notice = decision?.terms.notice
  return (
    <li class="card">
      <h4>
        <button type="button" class="link" onClick={() => go({ driver: it.driver_id })}>
          {nameOf(it.driver_id)}
        </button>
        : {words.ground[it.ground]}
      </h4>
      <p>
        {fill(words.standing, { level: words.level[one.standing.level ?? 'good'] })} ·{' '}
        <span class="soft">
          {fill(words.opened, { by: it.opened_by === 'system' ? words.system : it.opened_by, day: day(it.opened_at) })}
          {one.waits_for && one.due_at && ` · ${fill(words.due, { day: day(one.due_at) })}`}
        </span>
      </p>
      {!one.intact && (
        <p class="bad" role="alert">
          {words.not_intact}
        </p>
      )}
      {decision && (
        <p>
          {fill(words.decided, { level: words.level[decision.level], by: decision.by, day: day(decision.served_at) })}
          {decision.effective_on && notice && (
            <>
              <br />
              {fill(words.effective, {
                day: day(decision.effective_on),
                days: notice.days,
                law: notice.jurisdiction ? fill(words.law, { place: notice.jurisdiction, source: notice.source ?? '' }) : '',
              })}
            </>
          )}
          {decision.until && ` · ${fill(words.until, { day: day(decision.until) })}`}
          {` · ${fill(words.policy, { policy: decision.policy_id })}`}
        </p>
      )}
      {appeal && (
        <p>
          {fill(words.appealed, { day: day(appeal.made_at) })}
          {appeal.outcome && ` · ${fill(words.outcome[appeal.outcome], { by: appeal.answered_by ?? '' })}`}
        </p>
      )}
      {TEXTS.filter((name) => one.words[name]).map((name) => (
        <p key={name}>
          <strong>{words.words[name]}:</strong> {one.words[name]}
        </p>
      ))}
      <details>
        <summary>{fill(words.evidence, { count: it.evidence.length })}</summary>
        <ul>
          {it.evidence.map((piece) => (
            <li key={piece.id} class="code">
              {piece.kind} {piece.id}
            </li>
          ))}
        </ul>
        <p class="soft code">{fill(words.sha, { digest: it.evidence_digest })}</p>
      </details>
      {one.waits_for === 'appeal' && may('decide_conduct') && <Answer id={it.id} by={decision?.by} words={words} changed={changed} />}
      {one.waits_for && one.waits_for !== 'appeal' && (
        <>
          {!stop && DANGERS.has(it.ground) && <Stop id={it.id} words={words} changed={changed} />}
          {may('decide_conduct') && <Decide id={it.id} words={words} changed={changed} />}
        </>
      )}
    </li>
  )
}

function Answer(props: { id: string; by: string | undefined; words: Words; changed: () => void }) {
  const { id, by, words, changed } = props
  const { texts, username } = useDesk()
  const act = useAct<View>()
  const [text, write] = useState('')
  const send = async (outcome: Schemas['AppealOutcome']): Promise<void> => {
    const answer = await act.send(() => acting.answerAppeal(id, { outcome, words: text.trim() }))
    if (answer?.data) changed()
  }
  const own = by === username
  return (
    <div class="form">
      {own ? (
        <p>{words.other_person}</p>
      ) : (
        <>
          <Area label={words.answer} value={text} write={write} />
          <div class="acts">
            <button type="button" class="act" disabled={!text.trim()} onClick={() => void send('upheld')}>
              {words.uphold}
            </button>
            <button type="button" class="act" disabled={!text.trim()} onClick={() => void send('overturned')}>
              {words.overturn}
            </button>
          </div>
        </>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
    </div>
  )
}

function Stop({ id, words, changed }: { id: string; words: Words; changed: () => void }) {
  const { texts } = useDesk()
  const act = useAct<View>()
  const [text, write] = useState('')
  const send = async (): Promise<void> => {
    const answer = await act.send(() => acting.stopDriver(id, text.trim()))
    if (answer?.data) changed()
  }
  return (
    <details>
      <summary>{words.stop}</summary>
      <div class="form">
        <Area label={words.stop_reason} value={text} write={write} />
        <button type="button" class="act main" disabled={!text.trim()} onClick={() => void send()}>
          {words.stop}
        </button>
        {act.problem && <Refused problem={act.problem} texts={texts} />}
      </div>
    </details>
  )
}

function Decide({ id, words, changed }: { id: string; words: Words; changed: () => void }) {
  const { texts } = useDesk()
  const act = useAct<View>()
  const [level, choose] = useState<Level | ''>('')
  const [days, count] = useState('')
  const [reasons, write] = useState('')
  const timed = WITH_DAYS.has(level)
  const number = Number.parseInt(days, 10)
  const whole = level !== '' && reasons.trim() !== '' && (!timed || number > 0)
  const send = async (request: () => ReturnType<typeof acting.decideCase>): Promise<void> => {
    const answer = await act.send(request)
    if (answer?.data) changed()
  }
  return (
    <div class="form">
      <label class="field">
        {words.choose_level}
        <select value={level} onChange={({ currentTarget }) => choose(currentTarget.value as Level | '')}>
          <option value="">{words.choose}</option>
          {DECIDED.map((one) => (
            <option key={one} value={one}>
              {words.level[one]}
            </option>
          ))}
        </select>
      </label>
      {timed && (
        <label class="field">
          {words.days}
          <input type="number" min={1} max={180} value={days} onInput={({ currentTarget }) => count(currentTarget.value)} />
        </label>
      )}
      <Area label={words.reasons} value={reasons} write={write} />
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button
          type="button"
          class="act main"
          disabled={!whole}
          onClick={() =>
            void send(() =>
              acting.decideCase(id, { level: level as Level, reasons: reasons.trim(), ...(timed ? { days: number } : {}) }),
            )
          }
        >
          {words.decide}
        </button>
        <button type="button" class="act" disabled={!reasons.trim()} onClick={() => void send(() => acting.dismissCase(id, reasons.trim()))}>
          {words.dismiss}
        </button>
      </div>
    </div>
  )
}

/** A text that the driver reads. */
export function Area({ label, value, write, longest = LONGEST }: { label: string; value: string; write: (text: string) => void; longest?: number }) {
  return (
    <label class="field">
      {label}
      <textarea rows={3} maxLength={longest} value={value} onInput={({ currentTarget }) => write(currentTarget.value)} />
    </label>
  )
}
