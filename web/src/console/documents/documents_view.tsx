import { useEffect, useRef, useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import { LONGEST_ANSWER_MS, answered } from '../api/answers'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import { DocumentPicture } from './picture'
import { type ReviewTexts, reviewTexts } from './texts'

type Waiting = Schemas['WaitingDocument']
type Reviewed = Schemas['ReviewedDocument']
type Folder = Schemas['DriverFolder']
type Reason = keyof ReviewTexts['reasons']

const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(LONGEST_ANSWER_MS) })
const PAGE = 50

const waitingOnes = (limit: number) => answered(api.GET('/v1/staff/documents', { params: { query: { limit } }, ...soon() }))
const folderOf = (driver_id: string) =>
  answered(api.GET('/v1/staff/drivers/{driver_id}/documents', { params: { path: { driver_id } }, ...soon() }))

/** Documents that wait for a person: the queue, and the one that is looked at. */
export function DocumentsView() {
  const { texts, language, live } = useDesk()
  const words = reviewTexts(language)
  const { data, problem, busy, again } = useReading('documents', () => waitingOnes(PAGE))
  const [chosen, choose] = useState<string | null>(null)
  const [said, say] = useState('')
  const waiting = data?.documents ?? []
  const shown = waiting.find(({ document_id: id }) => id === chosen) ?? waiting[0] ?? null
  const now = live?.clock.now() ?? Date.now()
  const decided = (sentence: string): void => {
    const index = waiting.findIndex(({ document_id: id }) => id === shown?.document_id)
    // The next one is shown at once; the queue is asked for meanwhile.
    choose((waiting[index + 1] ?? waiting[index - 1])?.document_id ?? null)
    say(sentence)
    again()
  }
  return (
    <main class="page">
      <section aria-labelledby="documents-heading">
        <h2 id="documents-heading">{words.heading}</h2>
        <p class="soft">{words.hint}</p>
        <p role="status">{said}</p>
        {problem && <Refused problem={problem} texts={texts} />}
        {!data && busy && <p role="status">{texts.loading}</p>}
        {data && !shown && <p class="empty">{words.none}</p>}
        <ul class="rows">
          {waiting.map((one) => (
            <li key={one.document_id}>
              <button
                type="button"
                class="act"
                aria-pressed={one === shown}
                onClick={() => choose(one.document_id)}
              >
                {one.name ?? words.erased}: {wordFor(words.kind, one.kind)},{' '}
                {fill(words.waits, { time: timeOfDay(one.waits_since, now, language) })}
              </button>
            </li>
          ))}
        </ul>
      </section>
      {shown && <Review key={shown.document_id} waiting={shown} words={words} decided={decided} focus={said !== ''} />}
    </main>
  )
}

interface ReviewProps {
  waiting: Waiting
  words: ReviewTexts
  decided: (said: string) => void
  /** Whether to begin at the first field, because the one before was just decided. */
  focus: boolean
}

function Review({ waiting, words, decided, focus }: ReviewProps) {
  const { texts } = useDesk()
  const { data, problem } = useReading(`folder ${waiting.driver_id}`, () => folderOf(waiting.driver_id))
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (focus) heading.current?.focus()
  }, [focus])
  const document = data?.documents.find(({ document_id: id }) => id === waiting.document_id)
  const kind = wordFor(words.kind, waiting.kind)
  return (
    <section aria-labelledby="review-heading">
      <h2 id="review-heading" tabIndex={-1} ref={heading}>
        {kind}
      </h2>
      {problem && <Refused problem={problem} texts={texts} />}
      <div class="review">
        <DocumentPicture
          driverId={waiting.driver_id}
          documentId={waiting.document_id}
          name={fill(words.picture, { kind })}
          missing={words.no_picture}
        />
        {data && document && <Decide folder={data} document={document} words={words} decided={decided} />}
      </div>
    </section>
  )
}

interface DecideProps {
  folder: Folder
  document: Reviewed
  words: ReviewTexts
  decided: (said: string) => void
}

function Decide({ folder, document, words, decided }: DecideProps) {
  const { texts } = useDesk()
  const [day, setDay] = useState('')
  const [reason, setReason] = useState<Reason | ''>('')
  const [wrote, write] = useState('')
  const act = useAct<Reviewed>()
  const path = { driver_id: folder.driver_id, document_id: document.document_id }
  const name = folder.name ?? words.erased
  const kind = wordFor(words.kind, document.kind)
  const needsDay = document.latest_day !== null
  const approve = async (): Promise<void> => {
    const body = { valid_until: needsDay ? day : null }
    const answer = await act.send(() =>
      answered(
        api.POST('/v1/staff/drivers/{driver_id}/documents/{document_id}/approve', { params: { path }, body, ...soon() }),
      ),
    )
    if (answer?.data) decided(fill(words.done_approved, { name, kind }))
  }
  const refuse = async (): Promise<void> => {
    if (!reason) return
    const body = { reason, words: wrote.trim() || null }
    const answer = await act.send(() =>
      answered(
        api.POST('/v1/staff/drivers/{driver_id}/documents/{document_id}/refuse', { params: { path }, body, ...soon() }),
      ),
    )
    if (answer?.data) decided(fill(words.done_refused, { name, kind }))
  }
  return (
    <div>
      <dl class="facts">
        <dt>{words.name}</dt>
        <dd>{name}</dd>
        {folder.plate && <dt>{words.plate}</dt>}
        {folder.plate && <dd>{folder.plate}</dd>}
      </dl>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void approve()
        }}
      >
        {needsDay ? (
          <label class="field">
            {words.last_day}
            <input
              type="date"
              required
              max={document.latest_day ?? undefined}
              value={day}
              onInput={({ currentTarget }) => setDay(currentTarget.value)}
            />
          </label>
        ) : (
          <p class="soft">{words.no_last_day}</p>
        )}
        <div class="acts">
          <button type="submit" class="act main" disabled={act.phase === 'busy'}>
            {words.approve}
          </button>
        </div>
      </form>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void refuse()
        }}
      >
        <label class="field">
          {words.reason}
          <select required value={reason} onChange={({ currentTarget }) => setReason(currentTarget.value as Reason | '')}>
            <option value="">{words.choose}</option>
            {Object.entries(words.reasons).map(([code, told]) => (
              <option key={code} value={code}>
                {told}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {words.words}
          <textarea
            rows={3}
            maxLength={1000}
            required={reason === 'other'}
            value={wrote}
            onInput={({ currentTarget }) => write(currentTarget.value)}
          />
          <span class="soft">{words.words_hint}</span>
        </label>
        <div class="acts">
          <button type="submit" class="act" disabled={act.phase === 'busy'}>
            {words.refuse}
          </button>
        </div>
      </form>
      <h3>{words.driver}</h3>
      <ul>
        {folder.papers.map((paper) => (
          <li key={paper.kind}>
            {wordFor(words.kind, paper.kind)}: {wordFor(words.state, paper.state)}
            {paper.valid_until && `, ${fill(words.until, { day: paper.valid_until })}`}
          </li>
        ))}
      </ul>
    </div>
  )
}
