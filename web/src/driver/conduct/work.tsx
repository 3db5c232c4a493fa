import { type Schemas, api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { dayOf, written } from '../days'
import { Head, Read } from '../parts/screen'
import { bodyOf, useReading } from '../reading'
import type { Words } from './texts'
import { loadWords } from './texts'
import './conduct.css'

type Performance = Schemas['PerformanceView']
type Disclosure = Schemas['Disclosure']
type Tier = Schemas['Tier']

const CAUSES = ['driver', 'shop', 'traffic', 'plan'] as const
const MEASURES = ['on_time', 'completion', 'compliance'] as const

const minutes = (seconds: number): number => Math.round(seconds / 60)

/** The screen, once its words are there. */
export async function workScreen(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <WorkScreen words={words.work} />
}

/** The driver's measures, the causes of lateness, the tier, and how work is given out. */
function WorkScreen({ words }: { words: Words['work'] }) {
  const { queue } = useApp()
  const work = useReading<Performance>(
    queue,
    'performance',
    async (signal) => bodyOf(await api.GET('/v1/driver/performance', { signal })),
    null,
  )
  const how = useReading<Disclosure>(
    queue,
    'disclosure',
    async (signal) => bodyOf(await api.GET('/v1/driver/disclosure', { signal })),
    null,
  )
  return (
    <>
      <Head title={words.heading} back="more" />
      <Read of={work}>{(found) => <Work work={found} words={words} />}</Read>
      <Read of={how}>{(found) => <How how={found} words={words} />}</Read>
    </>
  )
}

function Work({ work, words }: { work: Performance; words: Words['work'] }) {
  const { language } = useApp()
  const { measures, acceptance } = work
  const lateness = work.lateness as Required<Schemas['Lateness']>
  const counts = measures.counts as Required<Schemas['Measures']>
  const percent = (share: number): string =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share)
  const of: Record<(typeof MEASURES)[number], [number, number]> = {
    on_time: [counts.delivered - counts.late, counts.delivered],
    completion: [counts.carried, counts.carried + counts.dropped],
    compliance: [counts.carried - counts.contradicted, counts.carried],
  }
  const total = CAUSES.reduce((sum, cause) => sum + lateness[cause], 0)
  return (
    <div class="stack">
      <section class="card">
        {work.tier && <h2>{fill(words.tier, { tier: work.tier })}</h2>}
        <dl class="facts">
          <dt>{words.rating}</dt>
          <dd>{new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(measures.rating)} ★</dd>
          {MEASURES.map((measure) => (
            <>
              <dt key={measure}>{words[measure]}</dt>
              <dd>
                {percent(measures[measure])} <span class="soft">{fill(words.of, { good: of[measure][0], all: of[measure][1] })}</span>
              </dd>
            </>
          ))}
        </dl>
        <p class="soft">{fill(words.window, { deliveries: work.window_deliveries, days: work.window_days })}</p>
        <p class="soft">{fill(words.prior, { count: 20 })}</p>
      </section>
      <section class="card">
        <h2>{words.lateness}</h2>
        {total ? (
          <ul class="plain causes">
            {CAUSES.map((cause) => (
              <li key={cause}>
                <span class="pair">
                  <span>{words.cause[cause]}</span>
                  <strong>{fill(words.minutes, { count: minutes(lateness[cause]) })}</strong>
                </span>
                <meter class={cause} min={0} max={total} value={lateness[cause]} aria-label={words.cause[cause]} />
              </li>
            ))}
          </ul>
        ) : (
          <p>{words.none_late}</p>
        )}
        <p class="soft">{words.lateness_text}</p>
      </section>
      <section class="card">
        <p class="pair">
          <span>{words.acceptance}</span>
          <strong>{fill(words.of, { good: acceptance.accepted, all: acceptance.answered })}</strong>
        </p>
        <p class="soft">{words.acceptance_text}</p>
      </section>
      {work.tiers.length > 0 && (
        <section class="card">
          <h2>{words.tiers}</h2>
          <ul class="plain">
            {work.tiers.map(({ tier, reached }) => (
              <li key={tier.code}>
                <strong>{tier.code}</strong> {reached && <span class="badge-soft">{words.reached}</span>}
                <br />
                <span class="soft">
                  {needs(tier, words, percent)}: {worth(tier, words, work.currency, language)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <details class="card more">
        <summary>{words.deliveries}</summary>
        {work.deliveries.length ? (
          <ul class="plain">
            {work.deliveries.map((one) => {
              const late = CAUSES.reduce((sum, cause) => sum + (one.lateness?.[cause] ?? 0), 0)
              return (
                <li key={one.delivery_id}>
                  {written(dayOf(Date.parse(one.at)), language)}: {words.outcome[one.outcome]}
                  {one.stars ? ` · ${one.stars} ★` : ''}
                  {late > 0 && (
                    <span class="soft"> · {fill(words.late_by, { count: minutes(late), own: minutes(one.lateness?.driver ?? 0) })}</span>
                  )}
                </li>
              )
            })}
          </ul>
        ) : (
          <p class="soft">{words.deliveries_none}</p>
        )}
      </details>
    </div>
  )
}

function needs(tier: Tier, words: Words['work'], percent: (share: number) => string): string {
  const asked = (tier.deliveries ?? 0) + (tier.on_time ?? 0) + (tier.completion ?? 0) + (tier.compliance ?? 0)
  if (!asked && (tier.rating ?? 1) <= 1) return words.tier_all
  return fill(words.tier_needs, {
    deliveries: tier.deliveries ?? 0,
    rating: tier.rating ?? 1,
    on_time: percent(tier.on_time ?? 0),
    completion: percent(tier.completion ?? 0),
    compliance: percent(tier.compliance ?? 0),
  })
}

function worth(tier: Tier, words: Words['work'], currency: string, language: string): string {
  const value = tier.goods_value ?? null
  return value === null ? words.tier_any : fill(words.tier_value, { value: money(value, currency, language) })
}

function How({ how, words }: { how: Disclosure; words: Words['work'] }) {
  return (
    <section class="card how">
      <h2>{words.how}</h2>
      <p>{words.how_text}</p>
      <ol>
        {how.weights.map(({ factor, at_most_s: most }) => (
          <li key={factor}>
            {words.factor[factor]} <span class="soft">({fill(words.at_most, { seconds: most })})</span>
          </li>
        ))}
      </ol>
      <p>{words.never}</p>
    </section>
  )
}
