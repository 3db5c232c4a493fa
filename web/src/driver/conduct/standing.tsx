import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { dayOf, plusDays, writtenInFull } from '../days'
import { Head, Read } from '../parts/screen'
import { useAnswer } from '../parts/use_answer'
import { bodyOf, useReading } from '../reading'
import type { Words } from './texts'
import { loadWords } from './texts'
import './conduct.css'

type Standing = Schemas['StandingView']
type Case = Schemas['DriversCase']

const LONGEST_ANSWER_MS = 15_000
const LONGEST_WORDS = 1000
const WORDS = ['note', 'stop', 'reasons', 'appeal', 'answer'] as const

/** The screen, once its words are there. */
export async function standingScreen(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <StandingScreen words={words.standing} />
}

/** Decisions of people about the driver, with evidence, policy and dates, and the form by which to appeal. */
function StandingScreen({ words }: { words: Words['standing'] }) {
  const { queue } = useApp()
  const reading = useReading<Standing>(
    queue,
    'standing',
    async (signal) => bodyOf(await api.GET('/v1/driver/standing', { signal })),
    null,
  )
  return (
    <>
      <Head title={words.heading} back="more" />
      <Read of={reading}>
        {(found) => (
          <div class="stack">
            <Now found={found} words={words} />
            {found.cases.map((one) => (
              <CaseCard key={one.id} one={one} policies={found.policies} words={words} again={reading.again} />
            ))}
          </div>
        )}
      </Read>
    </>
  )
}

function Now({ found, words }: { found: Standing; words: Words['standing'] }) {
  const { language } = useApp()
  const level = found.standing.level ?? 'good'
  const from = found.standing.barred_from ?? null
  return (
    <section class="card">
      <h2>{words.level[level]}</h2>
      <p class={found.barred ? 'bad' : undefined}>
        {found.barred
          ? words.barred
          : from && from > dayOf(Date.now())
            ? fill(words.works_until, { day: writtenInFull(plusDays(from, -1), language) })
            : words.works}
      </p>
      {found.cases.length === 0 && <p>{words.none}</p>}
      <p class="soft">{words.people}</p>
    </section>
  )
}

function CaseCard(props: { one: Case; policies: Standing['policies']; words: Words['standing']; again: () => void }) {
  const { one, policies, words } = props
  const { language } = useApp()
  const day = (moment: string): string => writtenInFull(moment.length > 10 ? dayOf(Date.parse(moment)) : moment, language)
  const policy = policies.find(({ id }) => id === one.policy_id)
  return (
    <section class="card case">
      <h2>
        {one.level ? `${words.level[one.level]}: ` : ''}
        {words.ground[one.ground]}
      </h2>
      <ul class="plain">
        {one.stopped_at && one.review_by && (
          <li>{fill(words.stopped, { day: day(one.stopped_at), until: day(one.review_by) })}</li>
        )}
        {one.lapsed_at && <li>{fill(words.lapsed, { day: day(one.lapsed_at) })}</li>}
        {one.served_at && <li>{fill(words.served, { day: day(one.served_at) })}</li>}
        {one.effective_on && <li class="bad">{fill(words.effective, { day: day(one.effective_on) })}</li>}
        {one.effective_on && one.notice && (
          <li>
            {one.notice.jurisdiction
              ? fill(words.notice_law, {
                  days: one.notice.days,
                  place: one.notice.jurisdiction,
                  source: one.notice.source ?? '',
                })
              : fill(words.notice, { days: one.notice.days })}
          </li>
        )}
        {one.until && <li>{fill(words.until, { day: day(one.until) })}</li>}
      </ul>
      {WORDS.filter((name) => one.words[name]).map((name) => (
        <div key={name}>
          <h3>{words.words[name]}</h3>
          <p class="case-words">{one.words[name]}</p>
        </div>
      ))}
      <details class="more">
        <summary>{fill(words.evidence, { count: one.evidence.length })}</summary>
        <ul class="plain hashes">
          {one.evidence.map((piece) => (
            <li key={piece.id}>
              {piece.kind} <code>{piece.id}</code>
              <br />
              <span class="soft">SHA-256 {piece.digest}</span>
            </li>
          ))}
        </ul>
      </details>
      {policy && (
        <details class="more">
          <summary>{fill(words.policy, { version: policy.version })}</summary>
          <p class="soft">{fill(words.published, { day: day(policy.published_at) })}</p>
          <p class="case-words">{policy.text}</p>
        </details>
      )}
      {one.appeal?.outcome && one.appeal.answered_at ? (
        <p class="note">{fill(words[one.appeal.outcome], { day: day(one.appeal.answered_at) })}</p>
      ) : one.appeal ? (
        <p class="note">{fill(words.appealed, { day: day(one.appeal.made_at), until: day(one.appeal.answer_by) })}</p>
      ) : (
        one.may_appeal && <AppealForm one={one} words={words} again={props.again} until={day(one.appeal_until ?? '')} />
      )}
    </section>
  )
}

function AppealForm(props: { one: Case; words: Words['standing']; again: () => void; until: string }) {
  const { one, words } = props
  const { online } = useApp()
  const { ask, busy, failed } = useAnswer()
  const [text, write] = useState('')
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    const sent = await ask(() =>
      api.POST('/v1/driver/cases/{case_id}/appeal', {
        params: { path: { case_id: one.id } },
        body: { words: text.trim() },
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      }),
    )
    if (sent) props.again()
  }
  return (
    <form class="stack" onSubmit={(event) => void send(event)}>
      <p>{fill(words.appeal_until, { day: props.until })}</p>
      <label class="field">
        {words.appeal}
        <textarea
          required
          rows={5}
          maxLength={LONGEST_WORDS}
          value={text}
          onInput={({ currentTarget }) => write(currentTarget.value)}
        />
      </label>
      {failed && (
        <p class="bad" role="alert">
          {fill(words.failed, { code: failed.code })}
        </p>
      )}
      <button type="submit" class="button" aria-disabled={busy || !online || !text.trim()}>
        {words.send}
      </button>
    </form>
  )
}
