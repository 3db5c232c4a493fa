import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { change, wordFor } from '../shell/words'
import type { SectionProps } from './panel'

type Round = Schemas['RoundOfDelivery']
type Excluded = Schemas['Excluded']

/** How an order was dispatched: each round that looked at it, with everybody it considered. */
export function DispatchOf({ known }: SectionProps) {
  const { texts, nameOf } = useDesk()
  const [opened, open] = useState(false)
  const { data, problem, busy } = useReading(opened ? known.delivery.id : null, () => reading.dispatchOf(known.delivery.id), known.version)
  return (
    <section aria-labelledby="dispatched-heading">
      <h3 id="dispatched-heading">{texts.dispatched.heading}</h3>
      {!opened && (
        <button type="button" class="quiet" onClick={() => open(true)}>
          {texts.dispatched.show}
        </button>
      )}
      {problem && <Refused problem={problem} texts={texts} />}
      {opened && !data && busy && <p role="status">{texts.loading}</p>}
      {data?.driver_id && (
        <p>{fill(texts.dispatched.has_it, { driver: nameOf(data.driver_id), by: wordFor(texts.dispatched.by, data.given_by) })}</p>
      )}
      {data?.rounds.length === 0 && <p class="soft">{texts.dispatched.none}</p>}
      {data?.rounds.map((round) => (
        <RoundOf key={round.at} round={round} />
      ))}
    </section>
  )
}

function RoundOf({ round }: { round: Round }) {
  const { texts, live, language, nameOf } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  return (
    <details class="offer">
      <summary>
        <strong>{texts.dispatched.kind[round.kind]}</strong>{' '}
        <span class="soft">
          {timeOfDay(round.at, now, language)}, {fill(texts.dispatched.drivers, { count: round.drivers })}
        </span>
      </summary>
      {round.waits && <p>{wordFor(texts.waits, round.waits)}</p>}
      {round.kept_for_dedicated && <p>{texts.dispatched.kept}</p>}
      {round.scored.length > 0 && (
        <>
          <p class="soft">{texts.dispatched.scored}</p>
          <ol class="candidates">
            {round.scored.map((one) => (
              <li key={one.driver_id}>
                <strong>{nameOf(one.driver_id)}</strong> {change(one.score, texts)}
                {round.asked.includes(one.driver_id) && (
                  <span class="good"> {round.kind === 'given' ? texts.dispatched.got : texts.dispatched.asked}</span>
                )}
                <ul class="score-parts">
                  {Object.entries(one.parts)
                    .filter(([, value]) => Math.round(value) !== 0)
                    .map(([part, value]) => (
                      <li key={part}>
                        {wordFor(texts.part, part)} {change(value, texts)}
                      </li>
                    ))}
                </ul>
              </li>
            ))}
          </ol>
        </>
      )}
      <Left label={texts.dispatched.excluded} left={round.excluded} />
      <Left label={texts.dispatched.unavailable} left={round.unavailable} />
    </details>
  )
}

function Left({ label, left }: { label: string; left: readonly Excluded[] }) {
  const { texts, nameOf } = useDesk()
  if (!left.length) return null
  return (
    <>
      <p class="soft">{label}</p>
      <ul>
        {left.map((one) => (
          <li key={one.driver_id}>
            <strong>{nameOf(one.driver_id)}</strong>: {wordFor(texts.ineligible, one.rule)}
          </li>
        ))}
      </ul>
    </>
  )
}
