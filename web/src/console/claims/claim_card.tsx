import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { minorUnits, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { major } from './amounts'
import type { Words } from './texts'

type View = Schemas['StaffClaim']
type Verdict = Schemas['ClaimVerdict']
type Amount = Schemas['Money']
type Part = keyof Schemas['Award']

const PARTS: readonly Part[] = ['goods', 'charge', 'tip', 'from_driver', 'to_driver']
const TEXTS = ['opening', 'answer', 'reasons'] as const
const LONGEST = 1000

/** A claim: what is claimed, what we know, what the matrix proposes, and what may be done now. */
export function ClaimCard({ one, words, changed }: { one: View; words: Words; changed: () => void }) {
  const { live, language, go, nameOf } = useDesk()
  const said = (amount: Amount): string => money(amount.amount, amount.currency, language)
  const time = (at: string): string => timeOfDay(at, live?.clock.now() ?? Date.now(), language)
  const { driver_id: driver, held, proposed } = one
  return (
    <li class="card">
      <h4>
        {words.kind[one.kind]}:{' '}
        <button type="button" class="link" onClick={() => go({ view: 'live', delivery: one.delivery_id, driver: null })}>
          …{shortId(one.delivery_id)}
        </button>
        {driver && (
          <>
            {' · '}
            <button type="button" class="link" onClick={() => go({ view: 'live', driver, delivery: null })}>
              {nameOf(driver)}
            </button>
          </>
        )}
      </h4>
      <p>
        {fill(words.claimed, { amount: said(one.asked) })} ·{' '}
        {fill(words.booked, { charge: said(one.charge), tip: said(one.tip), pay: said(one.pay) })}
      </p>
      <p class="soft">
        {fill(words.decide_by, { time: time(one.decide_by), outcome: words.outcome[one.lapses] })}
        {one.state === 'awaiting_answer' && one.answer_by && ` · ${fill(words.answer_by, { time: time(one.answer_by) })}`}
      </p>
      <p>
        {words.weight[one.weight]} · {fill(words.bears_by, { who: words.bearer[one.bears] })}
        {held && ` · ${fill(words.held, { amount: said(held) })}`}
        {one.most_from_driver.amount > 0 && ` · ${fill(words.most, { amount: said(one.most_from_driver) })}`}
      </p>
      <details>
        <summary>{words.findings_label}</summary>
        <ul>
          {one.findings.map((finding) => (
            <li key={finding}>{words.finding[finding]}</li>
          ))}
        </ul>
        <p class="soft">{fill(words.evidence, { count: one.evidence.length })}</p>
        <ul>
          {one.evidence.map((piece) => (
            <li key={piece.id} class="code">
              {piece.kind} {piece.id}
            </li>
          ))}
        </ul>
      </details>
      {TEXTS.filter((name) => one.words[name]).map((name) => (
        <p key={name}>
          <strong>{words.words[name]}:</strong> {one.words[name]}
        </p>
      ))}
      {proposed && (
        <p>
          {fill(words.proposed, {
            by: proposed.by,
            amount: PARTS.filter((part) => proposed.award[part].amount > 0)
              .map((part) => said(proposed.award[part]))
              .join(' + '),
          })}
        </p>
      )}
      <Decide one={one} words={words} changed={changed} />
    </li>
  )
}

function Decide({ one, words, changed }: { one: View; words: Words; changed: () => void }) {
  const { texts, username } = useDesk()
  const act = useAct<View>()
  const currency = one.asked.currency
  const [reasons, say] = useState('')
  const [sums, write] = useState(() => PARTS.map((part) => (one.suggested ? major(one.suggested[part]) : '0')))
  const own = one.proposed?.by === username
  const amounts = sums.map((text) => minorUnits(text, currency))
  const decide = async (verdict: Verdict): Promise<void> => {
    const award = Object.fromEntries(PARTS.map((part, n) => [part, { amount: amounts[n] ?? 0, currency }]))
    const granted = verdict === 'grant' ? { award: award as Schemas['Award'] } : {}
    const body = { claim_id: one.claim_id, verdict, reasons: reasons.trim(), ...granted }
    const answer = await act.send(() => acting.decideClaim(body))
    if (answer?.data) changed()
  }
  const ready = reasons.trim().length > 0
  const button = (verdict: Verdict, main = false, off = false) => (
    <button type="button" class={main ? 'act main' : 'act'} disabled={!ready || off} onClick={() => void decide(verdict)}>
      {words[verdict]}
    </button>
  )
  return (
    <div class="form">
      {!one.proposed &&
        PARTS.filter((part) => (part === 'to_driver') === (one.kind === 'pay_wrong') && shows(part, one)).map((part) => (
          <label key={part} class="field">
            {fill(words[part], { currency })}
            <input
              value={sums[PARTS.indexOf(part)]}
              inputMode="decimal"
              autoComplete="off"
              onInput={({ currentTarget }) => {
                const at = PARTS.indexOf(part)
                write((before) => before.map((text, n) => (n === at ? currentTarget.value : text)))
              }}
            />
          </label>
        ))}
      <label class="field">
        {words.reasons}
        <textarea maxLength={LONGEST} value={reasons} onInput={({ currentTarget }) => say(currentTarget.value)} />
      </label>
      {own && <p>{words.own}</p>}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        {one.proposed ? (
          <>
            {button('confirm', true, own)}
            {button('return')}
          </>
        ) : (
          button('grant', true, amounts.includes(null))
        )}
        {button('refuse')}
        {one.kind === 'chargeback' && one.state !== 'represented' && button('represent')}
      </div>
    </div>
  )
}

/** True if a part of an award can be more than nothing. */
const shows = (part: Part, one: View): boolean => part !== 'from_driver' || one.most_from_driver.amount > 0
