import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { written } from '../days'
import { Empty, Head, Read } from '../parts/screen'
import { bodyOf, useReading } from '../reading'
import { type Words, loadWords } from './texts'

type Floor = Schemas['PayFloorView']
type Money = Schemas['Money']

const METRES_PER_MILE = 1609.344
const MINUTE_S = 60

/** The screen, once its words are there. */
export async function floorsScreen(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <FloorsScreen words={words} />
}

/** The driver's pay by week, compared with the least that law lets them earn, with each step. */
function FloorsScreen({ words }: { words: Words }) {
  const { queue } = useApp()
  const [cursor, turn] = useState<string | null>(null)
  const reading = useReading<Schemas['PayFloors']>(
    queue,
    `floors ${cursor ?? ''}`,
    async (signal) => bodyOf(await api.GET('/v1/driver/pay-floors', { params: { query: cursor ? { cursor } : {} }, signal })),
    null,
  )
  return (
    <>
      <Head title={words.heading} back="earnings" />
      <p class="soft">{words.hint}</p>
      <Read of={reading}>
        {({ pay_floors: found, next_cursor: next }) => (
          <div class="stack">
            {found.map((one) => (
              <Week key={one.calculation_id} one={one} words={words} />
            ))}
            {!found.length && <Empty title={words.none} text={words.none_text} />}
            {cursor && (
              <button type="button" class="button button-quiet" onClick={() => turn(null)}>
                {words.newest}
              </button>
            )}
            {next && (
              <button type="button" class="button button-quiet" onClick={() => turn(next)}>
                {words.earlier}
              </button>
            )}
          </div>
        )}
      </Read>
    </>
  )
}

function Week({ one, words }: { one: Floor; words: Words }) {
  const { language } = useApp()
  const write = ({ amount, currency }: Money): string => money(amount, currency, language)
  const hours = (seconds: number): string =>
    fill(words.time, { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / MINUTE_S) })
  const rows = (['least', 'earned', 'share', 'paid'] as const).filter((row) => row !== 'share' || one.share.amount > 0)
  return (
    <section class="card">
      <h2>{fill(words.week, { from: written(one.first, language), to: written(one.last, language) })}</h2>
      <p class="soft">{one.title}</p>
      <dl class="parts-of-pay">
        {rows.map((row) => (
          <div key={row} class={row === 'paid' ? 'sum' : undefined}>
            <dt>{words[row]}</dt>
            <dd>{write(one[row])}</dd>
          </div>
        ))}
      </dl>
      {one.paid.amount === 0 && <p>{words.nothing}</p>}
      <p class="soft">{fill(words.engaged, { time: hours(one.engaged_s) })}</p>
      {one.on_call_s > 0 && <p class="soft">{fill(words.on_call, { time: hours(one.on_call_s) })}</p>}
      <details class="more">
        <summary>{words.how}</summary>
        <ul class="plain">
          {one.steps.map((step, number) => (
            <li key={number}>
              <StepWords step={step} words={words} />
            </li>
          ))}
        </ul>
      </details>
      <details class="more">
        <summary>{words.works}</summary>
        <ul class="plain">
          {one.works.map((work) => (
            <li key={work.delivery_id + work.since}>
              {fill(words.work, {
                minutes: Math.round((Date.parse(work.until) - Date.parse(work.since)) / 60_000),
                miles: (work.metres / METRES_PER_MILE).toFixed(1),
                pay: write(work.pay),
              })}
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function StepWords({ step: one, words }: { step: Floor['steps'][number]; words: Words }) {
  const names = words.step as Record<string, string>
  const sources = new Set(one.rules.map((rule) => fill(words.source, { source: rule.source, status: words.status[rule.status] })))
  const text = fill(one.code === 'offer' ? words.offer : words.at, {
    quantity: one.quantity,
    unit: one.unit,
    rate: one.rate,
    currency: one.currency,
  })
  return (
    <>
      {names[one.code] && `${names[one.code]}: `}
      {text}: <strong>{`${one.amount} ${one.currency}`}</strong>
      <p class="soft">{[...sources].join('; ')}</p>
    </>
  )
}
