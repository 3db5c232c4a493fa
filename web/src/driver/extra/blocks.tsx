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

type Own = Schemas['OwnBlock']
type Hour = Schemas['ExpectedHour']

const MINUTE_MS = 60_000
const HOURS = 24

/** The screen, once its words are there. */
export async function blocksScreen(): Promise<() => preact.JSX.Element> {
  const { blocks, extra } = await loadWords()
  return () => <BlocksScreen words={blocks} extra={extra.to_extra} />
}

/** Blocks by day with their places, the driver's bookings, and the demand that is to be expected. */
function BlocksScreen({ words, extra }: { words: Words['blocks']; extra: string }) {
  const { queue, language, now } = useApp()
  const reading = useReading<Schemas['OwnBlocks']>(
    queue,
    'blocks',
    async (signal) => bodyOf(await api.GET('/v1/driver/blocks', { signal })),
    MINUTE_MS,
  )
  const demand = useReading<Schemas['Demand']>(
    queue,
    'demand',
    async (signal) => bodyOf(await api.GET('/v1/driver/demand', { params: { query: { hours: HOURS } }, signal })),
    null,
  )
  return (
    <>
      <Head title={words.heading} back="more" />
      <p class="soft">{words.hint}</p>
      <p>
        <a class="way" href={addressOf('extra')}>
          {extra}
        </a>
      </p>
      <Read of={reading}>
        {({ blocks, paused_until: until }) => (
          <div class="stack">
            {until && <p class="note">{fill(words.paused, { time: timeOfDay(until, now(), language) })}</p>}
            {blocks.map((one) => (
              <Card key={one.block_id} one={one} words={words} again={reading.again} />
            ))}
            {!blocks.length && <Empty title={words.none} text={words.none_text} />}
          </div>
        )}
      </Read>
      <section class="card">
        <h2>{words.demand}</h2>
        <p class="soft">{words.demand_text}</p>
        <Read of={demand}>{(found) => <Bars hours={found.hours} zone={found.time_zone} words={words} />}</Read>
      </section>
    </>
  )
}

function Card({ one, words, again }: { one: Own; words: Words['blocks']; again: () => void }) {
  const { language, now, online } = useApp()
  const asking = useAnswer()
  const refused = words.refused as Record<string, string>
  const params = { params: { path: { block_id: one.block_id } } }
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const act = async (books: boolean): Promise<void> => {
    if (!online) return
    await asking.ask(() =>
      books
        ? api.POST('/v1/driver/blocks/{block_id}/booking', params)
        : api.DELETE('/v1/driver/blocks/{block_id}/booking', params),
    )
    again()
  }
  const waits = one.state === 'waiting'
  return (
    <section class="card stack" aria-labelledby={one.block_id}>
      <div>
        <h2 id={one.block_id}>{one.title}</h2>
        <p>
          {timeOfDay(one.starts_at, now(), language)} – {timeOfDay(one.ends_at, now(), language)}
        </p>
        <p>
          <strong>{fill(words.guarantee, { amount: write(one.guarantee) })}</strong>
        </p>
        {one.state && <p class="note">{fill(words.state[one.state], { place: one.place_in_line ?? 0 })}</p>}
        {one.least.amount < one.guarantee.amount && <p>{fill(words.least, { amount: write(one.least) })}</p>}
        {one.paid && <p>{fill(words.paid, { amount: write(one.paid) })}</p>}
        <p class="soft">
          {fill(words.places, { count: one.places_left, all: one.capacity })}
          {one.waiting > 0 && ` · ${fill(words.waiting_line, { count: one.waiting })}`}
          {one.state === 'booked' && one.may_cancel && ` · ${fill(words.cancel_until, { time: timeOfDay(one.cancel_until, now(), language) })}`}
        </p>
        <p class="soft">{fill(words.rule, { percent: one.duty_percent, minutes: one.release_minutes })}</p>
      </div>
      {one.can_book && (
        <button type="button" class="button" aria-disabled={asking.busy || !online} onClick={() => void act(true)}>
          {one.places_left > 0 ? words.book : words.wait}
        </button>
      )}
      {one.may_cancel && (
        <button type="button" class="button button-quiet" aria-disabled={asking.busy || !online} onClick={() => void act(false)}>
          {waits ? words.leave : words.cancel}
        </button>
      )}
      <p role="status" class="bad">
        {asking.failed && (refused[asking.failed.code] ?? words.refused.other)}
      </p>
    </section>
  )
}

/** A bar for each hour: the mean, with the least and the most in words. */
function Bars({ hours, zone, words }: { hours: readonly Hour[]; zone: string; words: Words['blocks'] }) {
  const { language } = useApp()
  const most = Math.max(1, ...hours.map((hour) => hour.high ?? 0))
  const name = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', timeZone: zone })
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  return (
    <ul class="demand">
      {hours.map((hour) => {
        const at = name.format(new Date(hour.begins))
        const { mean, low, high, weeks } = hour
        const told =
          mean === null ? words.unknown : fill(words.demand_row, { hour: at, mean: number.format(mean), low: low ?? 0, high: high ?? 0, weeks })
        return (
          <li key={hour.begins}>
            <span>{at}</span>
            <meter min={0} max={most} value={mean ?? 0} aria-label={told} title={told} />
            <span class="soft">{mean === null ? words.unknown : `${number.format(mean)} (${low}–${high})`}</span>
          </li>
        )
      })}
    </ul>
  )
}
