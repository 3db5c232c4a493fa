import { type Schemas, api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { addressOf } from '../address'
import { useApp } from '../app'
import { Empty, Head, Read } from '../parts/screen'
import { useAnswer } from '../parts/use_answer'
import { bodyOf, useReading } from '../reading'
import { type Words, loadWords } from './texts'
import './extra.css'

type Own = Schemas['OwnIncentive']

const MINUTE_MS = 60_000

/** The screen, once its words are there. */
export async function extraPayScreen(): Promise<() => preact.JSX.Element> {
  const { extra } = await loadWords()
  return () => <ExtraPayScreen words={extra} />
}

/** Quests, bonuses and guarantees: what they ask, how far the driver is, and a button to join. */
function ExtraPayScreen({ words }: { words: Words['extra'] }) {
  const { queue } = useApp()
  const reading = useReading<Schemas['ExtraPay']>(
    queue,
    'incentives',
    async (signal) => bodyOf(await api.GET('/v1/driver/incentives', { signal })),
    MINUTE_MS,
  )
  return (
    <>
      <Head title={words.heading} back="more" />
      <p class="soft">{words.hint}</p>
      <p>
        <a class="way" href={addressOf('blocks')}>
          {words.blocks}
        </a>
      </p>
      <Read of={reading}>
        {({ incentives }) =>
          incentives.length ? (
            <div class="stack">
              {incentives.map((one) => (
                <Card key={one.incentive_id} one={one} words={words} again={reading.again} />
              ))}
            </div>
          ) : (
            <Empty title={words.none} text={words.none_text} />
          )
        }
      </Read>
    </>
  )
}

function Card({ one, words, again }: { one: Own; words: Words['extra']; again: () => void }) {
  const { language, now, online } = useApp()
  const asking = useAnswer()
  const refused = words.refused as Record<string, string>
  const when = (at: string): string => timeOfDay(at, now(), language)
  const join = async (): Promise<void> => {
    const params = { params: { path: { incentive_id: one.incentive_id } } }
    await asking.ask(() => api.POST('/v1/driver/incentives/{incentive_id}/join', params))
    again()
  }
  return (
    <section class="card stack" aria-labelledby={one.incentive_id}>
      <div>
        <h2 id={one.incentive_id}>{one.title}</h2>
        <p class="soft">
          {words.kind[one.kind]} · {fill(words.when, { from: when(one.starts_at), to: when(one.ends_at) })} ·{' '}
          {words.state[one.state]}
        </p>
      </div>
      <Terms one={one} words={words} />
      {one.progress && <Progress one={one} words={words} />}
      {one.can_join && (
        <button type="button" class="button" aria-disabled={asking.busy || !online} onClick={() => void (online && join())}>
          {words.join}
        </button>
      )}
      <p role="status" class="bad">
        {asking.failed && (refused[asking.failed.code] ?? words.refused.other)}
      </p>
    </section>
  )
}

function Terms({ one, words }: { one: Own; words: Words['extra'] }) {
  const { language } = useApp()
  const write = (amount: number): string => money(amount, one.currency, language)
  const { terms } = one
  if (terms.kind === 'quest') {
    return (
      <ul class="plain">
        {terms.steps.map((step) => (
          <li key={step.deliveries}>{fill(words.step, { count: step.deliveries, amount: write(step.amount) })}</li>
        ))}
      </ul>
    )
  }
  const amount = write(terms.amount)
  if (terms.kind === 'guarantee') return <p>{fill(words.guarantee, { amount, percent: terms.duty_percent ?? 0 })}</p>
  return (
    <>
      <p>{terms.kind === 'batch_bonus' ? fill(words.batch, { amount, count: terms.deliveries ?? 2 }) : fill(words.peak, { amount })}</p>
      <p class="soft">{words.automatic}</p>
    </>
  )
}

function Progress({ one, words }: { one: Own; words: Words['extra'] }) {
  const { language } = useApp()
  const { progress, terms } = one
  if (!progress) return null
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const goal = terms.kind === 'quest' ? (terms.steps.at(-1)?.deliveries ?? 1) : 0
  const next = progress.next_deliveries
  return (
    <div>
      <p>{progress.closed_at ? words.settled : fill(words.joined, { amount: write(progress.reserved) })}</p>
      {goal > 0 && (
        <>
          <p>
            {fill(words.progress, { count: progress.deliveries })}
            {next !== null && `, ${fill(words.to_next, { count: next - progress.deliveries })}`}
          </p>
          <progress class="extra-bar" max={goal} value={Math.min(goal, progress.deliveries)} aria-label={one.title} />
        </>
      )}
      {progress.awaiting > 0 && <p class="note">{fill(words.awaiting, { count: progress.awaiting })}</p>}
      {terms.kind === 'guarantee' && <p>{fill(words.pay, { amount: write(progress.pay) })}</p>}
      {progress.duty_percent !== null && <p>{fill(words.duty, { percent: progress.duty_percent })}</p>}
      <p>
        <strong>{fill(words.earned, { amount: write(progress.earned) })}</strong>
      </p>
    </div>
  )
}
