import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Verification } from '../api/types'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'

/** Checks that nobody changed the proof of an order, and shows its chain of custody. */
export function Verify({ deliveryId }: { deliveryId: string }) {
  const { texts } = useDesk()
  const check = useAct<Verification>()
  return (
    <>
      <button
        type="button"
        class="quiet"
        disabled={check.phase === 'busy'}
        onClick={() => void check.send(() => reading.verification(deliveryId))}
      >
        {texts.proof.verify}
      </button>
      <div role="status">
        {check.problem && <Refused problem={check.problem} texts={texts} />}
        {check.data && <Result found={check.data} />}
      </div>
    </>
  )
}

function Result({ found }: { found: Verification }) {
  const { texts, language, live } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  const counts = { entries: found.entries.length, pictures: found.pictures }
  return (
    <>
      <p class={found.intact ? '' : 'refused'}>{fill(found.intact ? texts.proof.intact : texts.proof.not_intact, counts)}</p>
      {!found.intact && (
        <ul class="faults">
          {found.faults.map((fault) => (
            <li key={`${fault.kind} ${fault.entry} ${fault.detail}`}>
              <strong>{wordFor(texts.proof.fault, fault.kind)}</strong>
              {fault.entry !== null && ` (${fill(texts.proof.entry, { number: fault.entry + 1 })})`}: {fault.detail}
            </li>
          ))}
        </ul>
      )}
      <ol>
        {found.entries.map((entry) => (
          <li key={entry.number}>
            {[
              wordFor(texts.proof.step, entry.step),
              fill(texts.proof.received_at, { time: timeOfDay(entry.at, now, language) }),
              entry.said_at && fill(texts.proof.said_at, { time: timeOfDay(entry.said_at, now, language) }),
              entry.distance_m !== null && fill(texts.proof.from_stop, { metres: Math.round(entry.distance_m) }),
              entry.doubt && wordFor(texts.doubt, entry.doubt),
            ]
              .filter(Boolean)
              .join(', ')}
          </li>
        ))}
      </ol>
    </>
  )
}
