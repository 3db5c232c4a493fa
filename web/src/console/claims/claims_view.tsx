import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { ClaimCard } from './claim_card'
import { type Words, loadWords } from './texts'

type State = Schemas['ClaimState']

/** Open states, what needs a person first. */
const OPEN: readonly State[] = ['to_confirm', 'to_decide', 'represented', 'awaiting_answer']

/** The view, once its words are there. */
export async function claimsView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <ClaimsView words={words} />
}

/** Claims of all zones that are open, those that are to be decided first before the others. */
function ClaimsView({ words }: { words: Words }) {
  const [round, setRound] = useState(0)
  const again = (): void => setRound((before) => before + 1)
  return (
    <main class="page">
      <h2>{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      {OPEN.map((state) => (
        <InState key={state} state={state} words={words} round={round} again={again} />
      ))}
    </main>
  )
}

function InState({ state, words, round, again }: { state: State; words: Words; round: number; again: () => void }) {
  const { texts } = useDesk()
  const { data, problem } = useReading(`claims ${state}`, () => reading.claims(state), round)
  return (
    <section aria-labelledby={`claims-${state}`}>
      <h3 id={`claims-${state}`}>{words.state[state]}</h3>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.claims.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.claims.map((one) => (
          <ClaimCard key={one.claim_id} one={one} words={words} changed={again} />
        ))}
      </ul>
    </section>
  )
}
