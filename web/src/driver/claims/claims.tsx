import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { dayOf, writtenInFull } from '../days'
import { Head, Read } from '../parts/screen'
import { useAnswer } from '../parts/use_answer'
import { bodyOf, useReading } from '../reading'
import { type Words, loadWords } from './texts'

type Claims = Schemas['DriverClaims']
type Claim = Schemas['DriverClaim']

const LONGEST_ANSWER_MS = 15_000
const LONGEST_WORDS = 1000

/** The screen, once its words are there. */
export async function claimsScreen(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <ClaimsScreen words={words} />
}

/** Claims about the driver's deliveries: what is said, what we know, the answer, and the decision. */
function ClaimsScreen({ words }: { words: Words }) {
  const { queue } = useApp()
  const reading = useReading<Claims>(
    queue,
    'claims',
    async (signal) => bodyOf(await api.GET('/v1/driver/claims', { signal })),
    null,
  )
  return (
    <>
      <Head title={words.heading} back="more" />
      <Read of={reading}>
        {(found) => (
          <div class="stack">
            <p class="soft">{found.claims.length ? words.people : words.none}</p>
            {found.claims.map((one) => (
              <ClaimCard key={one.claim_id} one={one} words={words} again={reading.again} />
            ))}
          </div>
        )}
      </Read>
    </>
  )
}

function ClaimCard({ one, words, again }: { one: Claim; words: Words; again: () => void }) {
  const { language } = useApp()
  const day = (moment: string): string => writtenInFull(dayOf(Date.parse(moment)), language)
  const said = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const texts = [
    [words.asks, one.asks],
    [words.your_answer, one.answer],
    [words.reasons, one.reasons],
  ] as const
  return (
    <section class="card stack">
      <h2>
        {words.kind[one.kind]} · {words.state[one.state]}
      </h2>
      <p class="soft">{fill(words.opened, { day: day(one.opened_at), until: day(one.decide_by) })}</p>
      {one.held && <p>{fill(words.held, { amount: said(one.held) })}</p>}
      {one.taken && <p>{one.taken.amount > 0 ? fill(words.taken, { amount: said(one.taken) }) : words.free}</p>}
      {texts.map(
        ([title, text]) =>
          text && (
            <div key={title}>
              <h3>{title}</h3>
              <p>{text}</p>
            </div>
          ),
      )}
      {one.findings.length > 0 && (
        <details class="more">
          <summary>{words.findings_label}</summary>
          <ul class="plain">
            {one.findings.map((finding) => (
              <li key={finding}>{words.finding[finding]}</li>
            ))}
          </ul>
        </details>
      )}
      {one.may_answer && one.answer_by && <AnswerForm one={one} words={words} again={again} until={day(one.answer_by)} />}
    </section>
  )
}

function AnswerForm(props: { one: Claim; words: Words; again: () => void; until: string }) {
  const { one, words } = props
  const { online } = useApp()
  const { ask, busy, failed } = useAnswer()
  const [text, write] = useState('')
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    const sent = await ask(() =>
      api.POST('/v1/driver/claims/{claim_id}/answer', {
        params: { path: { claim_id: one.claim_id } },
        body: { words: text.trim() },
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      }),
    )
    if (sent) props.again()
  }
  return (
    <form class="stack" onSubmit={(event) => void send(event)}>
      <p>{fill(words.answer_until, { day: props.until })}</p>
      <label class="field">
        {words.answer}
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
