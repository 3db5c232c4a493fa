import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { CaseCard } from './case_card'
import { OpenCase } from './open_case'
import './conduct.css'
import { Policies } from './policies'
import { type Words, loadWords } from './texts'

type Wait = Schemas['CaseWait']

/** What waits for people, what may harm somebody or run out first. */
const WAITS: readonly Wait[] = ['review', 'appeal', 'proposal', 'decision']

/** The view, once its words are there. */
export async function conductView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <ConductView words={words} />
}

/** Cases about drivers: what waits for people, or all cases of one driver. */
function ConductView({ words }: { words: Words }) {
  const { place, go, may } = useDesk()
  const [round, setRound] = useState(0)
  const again = (): void => setRound((before) => before + 1)
  return (
    <main class="page conduct">
      <h2>{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      {place.driver ? (
        <>
          <button type="button" class="quiet" onClick={() => go({ driver: null })}>
            {words.back}
          </button>
          <OfDriver key={place.driver} driverId={place.driver} words={words} round={round} again={again} />
        </>
      ) : (
        WAITS.map((wait) => <Waiting key={wait} wait={wait} words={words} round={round} again={again} />)
      )}
      <OpenCase key={`open ${place.driver}`} driverId={place.driver} words={words} opened={again} />
      <Policies words={words} mayPublish={may('decide_conduct')} />
    </main>
  )
}

function Waiting({ wait, words, round, again }: { wait: Wait; words: Words; round: number; again: () => void }) {
  const { texts } = useDesk()
  const { data, problem } = useReading(`cases ${wait}`, () => reading.waitingCases(wait), round)
  return (
    <section aria-labelledby={`waits-${wait}`}>
      <h3 id={`waits-${wait}`}>{words.waits[wait]}</h3>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.cases.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.cases.map((one) => (
          <CaseCard key={one.case.id} one={one} words={words} changed={again} />
        ))}
      </ul>
    </section>
  )
}

function OfDriver(props: { driverId: string; words: Words; round: number; again: () => void }) {
  const { driverId, words, round, again } = props
  const { texts, nameOf } = useDesk()
  const { data, problem } = useReading(`cases of ${driverId}`, () => reading.casesOf(driverId), round)
  const work = useReading(`performance ${driverId}`, () => reading.performance(driverId))
  const measures = work.data?.measures
  return (
    <section aria-labelledby="cases-of">
      <h3 id="cases-of">{fill(words.of_driver, { driver: nameOf(driverId) })}</h3>
      {measures && (
        <dl class="facts">
          {(['rating', 'on_time', 'completion', 'compliance'] as const).map((name) => (
            <div key={name}>
              <dt>{words.measure[name]}</dt>
              <dd>{measures[name]}</dd>
            </div>
          ))}
        </dl>
      )}
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.cases.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.cases.map((one) => (
          <CaseCard key={one.case.id} one={one} words={words} changed={again} />
        ))}
      </ul>
    </section>
  )
}
