import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { writtenInFull } from '../days'
import { Head, Read } from '../parts/screen'
import { at } from '../parts/words'
import { bodyOf, useReading } from '../reading'
import { failureOf } from './screen'
import { type PaperTexts, paperTexts } from './texts'

type Line = Schemas['TrainingLine']
type Training = Schemas['TrainingView']
type Attempt = Schemas['AttemptView']
type Result = Schemas['ResultView']

const EVERY_MS = 120_000
const LONGEST_ANSWER_MS = 20_000

/** All trainings, or the pages and the quiz of one. */
export function TrainingScreen({ id }: { id: string }) {
  return id ? <OneTraining id={id} /> : <Trainings />
}

const language = (tag: string): string => tag.slice(0, 2)

function Trainings() {
  const app = useApp()
  const texts = paperTexts(app.language)
  const query = { language: language(app.language) }
  const reading = useReading<Schemas['Trainings']>(
    app.queue,
    'trainings',
    async (signal) => bodyOf(await api.GET('/v1/driver/trainings', { params: { query }, signal })),
    EVERY_MS,
  )
  return (
    <>
      <Head title={texts.training.heading} back="more" />
      <p class="soft">{texts.training.hint}</p>
      <Read of={reading}>
        {({ trainings }) => (
          <div class="stack">
            {trainings.map((line) => (
              <section key={line.module} class="card">
                <h2>{line.title}</h2>
                <p>{line.summary}</p>
                <State line={line} texts={texts} />
                <a class="way" href={addressOf('training', line.module)} aria-label={`${texts.training.read}: ${line.title}`}>
                  {texts.training.read}
                </a>
              </section>
            ))}
          </div>
        )}
      </Read>
    </>
  )
}

function State({ line, texts }: { line: Line; texts: PaperTexts }) {
  const app = useApp()
  if (line.holds) {
    const day = line.valid_until && writtenInFull(line.valid_until, app.language)
    return <p class="kept">{day ? fill(texts.training.passed, { day }) : texts.training.passed_for_good}</p>
  }
  return (
    <p class="soft">
      {texts.training.open}.{' '}
      {line.next_attempt_at
        ? fill(texts.training.none_left, { time: at(app, line.next_attempt_at) })
        : fill(texts.training.left, { count: line.attempts_left })}
    </p>
  )
}

function OneTraining({ id }: { id: string }) {
  const app = useApp()
  const texts = paperTexts(app.language)
  const query = { language: language(app.language) }
  const reading = useReading<Training>(
    app.queue,
    `training ${id}`,
    async (signal) =>
      bodyOf(await api.GET('/v1/driver/trainings/{module}', { params: { path: { module: id }, query }, signal })),
    null,
  )
  const [attempt, begin] = useState<Attempt | null>(null)
  return (
    <>
      <Head title={reading.value?.title ?? texts.training.heading} back="training" />
      <Read of={reading}>
        {(training) =>
          attempt ? (
            <Quiz
              key={attempt.attempt_id}
              training={training}
              attempt={attempt}
              texts={texts}
              leave={() => {
                begin(null)
                reading.again()
              }}
            />
          ) : (
            <Pages training={training} texts={texts} begun={begin} />
          )
        }
      </Read>
    </>
  )
}

function Pages({ training, texts, begun }: { training: Training; texts: PaperTexts; begun: (attempt: Attempt) => void }) {
  const app = useApp()
  const [failed, fail] = useState<string | null>(null)
  const [busy, work] = useState(false)
  const start = async (): Promise<void> => {
    if (busy || !app.online) return
    work(true)
    fail(null)
    try {
      const { data, error } = await api.POST('/v1/driver/trainings/{module}/attempts', {
        params: { path: { module: training.module }, query: { language: language(app.language) } },
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      })
      if (data) begun(data)
      else fail((error as { code?: string } | undefined)?.code ?? '')
    } catch {
      fail('no_network')
    }
    work(false)
  }
  return (
    <div class="stack">
      {training.pages.map((page) => (
        <section key={page.page} class="card">
          <h2>{page.title}</h2>
          <p>{page.text}</p>
        </section>
      ))}
      <section class="card">
        <State line={training} texts={texts} />
        <p class="soft">{fill(texts.training.quiz_text, { questions: training.questions, percent: training.pass_percent })}</p>
        <button type="button" class="button button-big" aria-disabled={busy || !app.online} onClick={() => void start()}>
          {texts.training.quiz}
        </button>
        <p role="status" class={failed === null ? 'soft' : 'bad'}>
          {failed === null ? !app.online && texts.training.offline : failureOf(texts.training.failed, failed)}
        </p>
      </section>
    </div>
  )
}

interface QuizProps {
  training: Training
  attempt: Attempt
  texts: PaperTexts
  leave: () => void
}

function Quiz({ training, attempt, texts, leave }: QuizProps) {
  const { online } = useApp()
  const [answers, answer] = useState<Record<string, string>>({})
  const [failed, fail] = useState<string | null>(null)
  const [busy, work] = useState(false)
  const [result, end] = useState<Result | null>(null)
  const [tried, attemptToSend] = useState(false)
  const isShort = attempt.questions.some(({ question }) => !(question in answers))
  const short = tried && isShort
  const send = async (): Promise<void> => {
    attemptToSend(true)
    if (isShort || busy || !online) return
    work(true)
    fail(null)
    try {
      const { data, error } = await api.POST('/v1/driver/trainings/{module}/attempts/{attempt_id}/answers', {
        params: { path: { module: training.module, attempt_id: attempt.attempt_id } },
        body: { answers: Object.entries(answers).map(([question, chosen]) => ({ question, answer: chosen })) },
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      })
      if (data) end(data)
      else fail((error as { code?: string } | undefined)?.code ?? '')
    } catch {
      fail('no_network')
    }
    work(false)
  }
  if (result) return <Ended training={training} result={result} texts={texts} leave={leave} />
  return (
    <div class="stack">
      {attempt.questions.map(({ question, text, answers: choices }, index) => (
        <fieldset key={question} class="card quiz-question">
          <legend>
            <span class="soft">{fill(texts.training.question, { number: index + 1, count: attempt.questions.length })}</span>
            {text}
          </legend>
          {choices.map((choice) => (
            <label key={choice.answer} class="quiz-answer">
              <input
                type="radio"
                name={question}
                value={choice.answer}
                checked={answers[question] === choice.answer}
                onChange={() => answer((before) => ({ ...before, [question]: choice.answer }))}
              />
              {choice.text}
            </label>
          ))}
        </fieldset>
      ))}
      <section class="card">
        <button type="button" class="button button-big" aria-disabled={busy || !online} onClick={() => void send()}>
          {busy ? texts.training.sending : texts.training.send}
        </button>
        <p role="status" class={short || failed !== null ? 'bad' : 'soft'}>
          {short ? texts.training.unanswered : failed === null ? !online && texts.training.offline : failureOf(texts.training.failed, failed)}
        </p>
      </section>
    </div>
  )
}

function Ended({ training, result, texts, leave }: { training: Training; result: Result; texts: PaperTexts; leave: () => void }) {
  const { language: tag } = useApp()
  const said = fill(result.passed ? texts.training.won : texts.training.lost, { right: result.right, asked: result.asked })
  const pages = training.pages.filter(({ page }) => result.read_again.includes(page)).map(({ title }) => title)
  return (
    <section class="card">
      <p role="status" class={result.passed ? 'kept' : 'bad'}>
        {said}
      </p>
      {result.valid_until && <p>{fill(texts.training.passed, { day: writtenInFull(result.valid_until, tag) })}</p>}
      {pages.length > 0 && <p>{fill(texts.training.read_again, { pages: pages.join(', ') })}</p>}
      <button type="button" class="button" onClick={leave}>
        {texts.training.back}
      </button>
    </section>
  )
}
