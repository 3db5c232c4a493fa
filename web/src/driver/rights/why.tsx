import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { Empty, Head, Read } from '../parts/screen'
import { at, spoken } from '../parts/words'
import { bodyOf, useReading } from '../reading'

type Decision = Schemas['DriverDecision']
type Page = Schemas['DriverDecisions']

/** The reasons why the driver was or was not offered the orders of the last 24 hours. */
export function WhyScreen() {
  const { texts, queue } = useApp()
  const [more, add] = useState<Page[]>([])
  const ask = async (signal: AbortSignal, before: string | null): Promise<Page> =>
    bodyOf(await api.GET('/v1/driver/decisions', { params: { query: before ? { before } : {} }, signal }))
  const reading = useReading<Page>(queue, 'decisions', (signal) => ask(signal, null), null)
  return (
    <>
      <Head title={texts.why.heading} back="offers" />
      <p class="soft">{texts.why.intro}</p>
      <Read of={reading}>
        {(first) => {
          const pages = [first, ...more]
          const lines = pages.flatMap(({ decisions }) => decisions)
          const next = pages.at(-1)?.next_before ?? null
          const older = async (): Promise<void> => {
            if (next) add([...more, await ask(AbortSignal.timeout(20_000), next)])
          }
          return (
            <>
              {lines.length === 0 && <Empty title={texts.why.empty} text={texts.why.empty_text} />}
              <ol class="stops">
                {lines.map((line, index) => (
                  <li key={`${line.at}${index}`}>
                    <Line line={line} />
                  </li>
                ))}
              </ol>
              {next && (
                <button type="button" class="button button-quiet" onClick={() => void older().catch(() => undefined)}>
                  {texts.why.older}
                </button>
              )}
            </>
          )
        }}
      </Read>
    </>
  )
}

function Line({ line }: { line: Decision }) {
  const app = useApp()
  const { texts, language } = app
  const parts = Object.entries(line.parts ?? {}).filter(([, value]) => Math.round(value) !== 0)
  return (
    <details class="card more line-of-pay">
      <summary>
        <span>
          {texts.why.outcome[line.outcome]}
          <span class="soft">
            {at(app, line.at)}
            {line.pay && `, ${money(line.pay.amount, line.pay.currency, language)}`}
          </span>
        </span>
      </summary>
      <p>{line.rule ? spoken(texts.why.rule, line.rule) : texts.why.told[line.outcome]}</p>
      {line.place && line.compared ? <p>{fill(texts.why.place, { place: line.place, count: line.compared })}</p> : null}
      {line.behind_s ? <p>{fill(texts.why.behind, { seconds: Math.round(line.behind_s) })}</p> : null}
      {parts.length > 0 && (
        <>
          <h3>{texts.why.parts}</h3>
          <ul class="plain">
            {parts.map(([part, value]) => (
              <li key={part} class="pair">
                <span>{spoken(texts.why.part, part)}</span>
                <strong>{fill(texts.why.seconds, { count: `${value > 0 ? '+' : '−'}${Math.round(Math.abs(value))}` })}</strong>
              </li>
            ))}
          </ul>
          <p class="soft">{texts.why.parts_text}</p>
        </>
      )}
    </details>
  )
}
