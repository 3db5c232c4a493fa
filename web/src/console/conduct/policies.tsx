import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { Area, dayWords } from './case_card'
import type { Words } from './texts'

type Ground = Schemas['ConductGround']

const LONGEST = 20_000
const SHORTEST = 20

/** The versions of the policy, and the form by which a new one is published. */
export function Policies({ words, mayPublish }: { words: Words; mayPublish: boolean }) {
  const { texts, language } = useDesk()
  const { data, problem, again } = useReading('policies', reading.policies)
  const act = useAct<Schemas['PolicyView']>()
  const [text, write] = useState('')
  const [grounds, choose] = useState<ReadonlySet<string>>(new Set(Object.keys(words.ground)))
  const turn = (ground: string): void => {
    const next = new Set(grounds)
    if (!next.delete(ground)) next.add(ground)
    choose(next)
  }
  const publish = async (event: Event): Promise<void> => {
    event.preventDefault()
    const answer = await act.send(() => acting.publishPolicy({ text: text.trim(), grounds: [...grounds] as Ground[] }))
    if (!answer?.data) return
    write('')
    again()
  }
  return (
    <section aria-labelledby="policies-heading">
      <h3 id="policies-heading">{words.policies}</h3>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.policies.length === 0 && <p class="empty">{words.no_policy}</p>}
      {data?.policies.toReversed().map((one) => (
        <details key={one.id}>
          <summary>{fill(words.version, { version: one.version, day: dayWords(one.published_at, language) })}</summary>
          <p style="white-space: pre-line">{one.text}</p>
          <p class="soft code">{fill(words.sha, { digest: one.digest })}</p>
        </details>
      ))}
      {mayPublish && (
        <details>
          <summary>{words.publish}</summary>
          <form class="form" onSubmit={(event) => void publish(event)}>
            <Area label={words.policy_text} value={text} write={write} longest={LONGEST} />
            <fieldset>
              <legend>{words.policy_grounds}</legend>
              {Object.entries(words.ground).map(([code, said]) => (
                <label key={code} class="option">
                  <input type="checkbox" checked={grounds.has(code)} onChange={() => turn(code)} />
                  {said}
                </label>
              ))}
            </fieldset>
            {act.problem && <Refused problem={act.problem} texts={texts} />}
            <button type="submit" class="act main" disabled={text.trim().length < SHORTEST || grounds.size === 0}>
              {words.publish}
            </button>
          </form>
        </details>
      )}
    </section>
  )
}
