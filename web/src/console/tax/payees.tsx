import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { dayWords, officeDay } from './days'
import type { Words } from './texts'

type Payee = Schemas['PayeeView']
type List = Schemas['PayeeList']
type Proof = Schemas['NoticeProof']
type Results = Schemas['NoticeResults']

interface Props {
  words: Words
  mayChange: boolean
}

/** Payees by what they wait for, with their notices and the letters about these. */
export function Payees({ words, mayChange }: Props) {
  const { texts } = useDesk()
  const [list, choose] = useState<List>('notice_due')
  const { data, problem, busy, again } = useReading(`payees ${list}`, () => reading.payees(list))
  const all = words.payees
  return (
    <section aria-labelledby="payees-heading">
      <h2 id="payees-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      <label class="field">
        {all.list}
        <select value={list} onChange={({ currentTarget }) => choose(currentTarget.value as List)}>
          {Object.entries(all.lists).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data?.payees.length === 0 && <p class="empty">{all.none}</p>}
      <ul class="cards">
        {data?.payees.map((one) => (
          <Card key={one.driver_id} listed={one} words={words} mayChange={mayChange} changed={again} />
        ))}
      </ul>
    </section>
  )
}

function Card({ listed, words, mayChange, changed }: { listed: Payee; words: Words; mayChange: boolean; changed: () => void }) {
  const { texts, language } = useDesk()
  const [one, show] = useState(listed)
  const all = words.payees
  const name = one.name ?? `…${shortId(one.driver_id)}`
  const look = async (): Promise<void> => {
    const { data } = await reading.payee(one.driver_id)
    if (data?.payees[0]) show(data.payees[0])
  }
  const open = one.notices.find(({ notice }) => !notice.certified_on)
  return (
    <li class="card">
      <h3>{name}</h3>
      <p>
        {one.last_four ? fill(all.number, { number: one.last_four }) : all.no_number} · {all.lists[one.form_state]}
        {one.withheld_for && ` · ${all.reason[one.withheld_for]}`}
      </p>
      <ul>
        {one.notices.map(({ notice, letter }) => (
          <li key={notice.id}>
            {fill(all.notice, {
              kind: all.kinds[notice.kind],
              received: dayWords(notice.received_on, language),
              send: dayWords(notice.send_by, language),
              begin: dayWords(notice.withhold_from, language),
            })}
            {notice.sent_on && ` · ${fill(all.sent, { day: dayWords(notice.sent_on, language) })}`}
            {notice.certified_on && ` · ${fill(all.certified, { day: dayWords(notice.certified_on, language) })}`}
            {letter && (
              <>
                {' · '}
                <a href={letter}>{all.letter}</a>
              </>
            )}
          </li>
        ))}
      </ul>
      <div class="acts">
        {one.notices.length > 0 && (
          <button type="button" class="act" aria-label={`${all.show}: ${name}`} onClick={() => void look()}>
            {all.show}
          </button>
        )}
      </div>
      {mayChange && open && <Answer one={one} words={words} mailed={open.notice.sent_on !== null} changed={changed} texts={texts} />}
    </li>
  )
}

interface AnswerProps {
  one: Payee
  words: Words
  mailed: boolean
  changed: () => void
  texts: ReturnType<typeof useDesk>['texts']
}

function Answer({ one, words, mailed, changed, texts }: AnswerProps) {
  const { live } = useDesk()
  const act = useAct<Results>()
  const [proof, choose] = useState<Proof>('w9')
  const all = words.payees
  const today = officeDay(live?.clock.now() ?? Date.now())
  const send = async (change: Schemas['NoticesInput']['change']): Promise<void> => {
    const answer = await act.send(() => acting.changeNotices(change))
    if (answer?.data) changed()
  }
  return (
    <>
      {!mailed && (
        <div class="acts">
          <button
            type="button"
            class="act main"
            onClick={() => void send({ action: 'sent', sent_on: today, driver_ids: [one.driver_id] })}
          >
            {all.mailed}
          </button>
        </div>
      )}
      <label class="field">
        {all.proof}
        <select value={proof} onChange={({ currentTarget }) => choose(currentTarget.value as Proof)}>
          {Object.entries(all.proofs).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button
          type="button"
          class="act"
          onClick={() => void send({ action: 'certified', driver_id: one.driver_id, received_on: today, proof })}
        >
          {all.answer}
        </button>
      </div>
    </>
  )
}
