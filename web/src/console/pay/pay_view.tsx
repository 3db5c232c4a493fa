import { useState } from 'preact/hooks'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import type { Ground, Held } from '../api/types'
import { useDesk } from '../shell/desk'
import { shortId, wordFor } from '../shell/words'
import { Adjustments } from './adjustments'

type Verdict = 'release-pay' | 'refuse-pay'

/** The grounds that the API takes for each verdict. */
const FITS: Record<Verdict, readonly Ground[]> = {
  'release-pay': ['customer_confirms', 'shop_confirms', 'positions_came_later', 'proof_suffices', 'other'],
  'refuse-pay': ['customer_contradicts', 'shop_contradicts', 'was_elsewhere', 'other'],
}

/** Pay that waits for a person's decision: held pay of the zone, and adjustments above the limit. */
export function PayView() {
  return (
    <main class="page">
      <HeldPay />
      <Adjustments />
    </main>
  )
}

/** Pay that waits for a person's decision, with the doubts that hold it. */
function HeldPay() {
  const { texts, zone } = useDesk()
  const { data, problem, busy, again } = useReading(`held ${zone.id}`, () => reading.heldPay(zone.id))
  return (
    <section aria-labelledby="held-heading">
      <h2 id="held-heading">{texts.pay.heading}</h2>
      <p class="soft">{texts.pay.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data?.held.length === 0 && <p class="empty">{texts.pay.none}</p>}
      <ul class="cards">
        {data?.held.map((held) => (
          <HeldCard key={held.delivery_id} held={held} decided={again} />
        ))}
      </ul>
    </section>
  )
}

function HeldCard({ held, decided }: { held: Held; decided: () => void }) {
  const { texts, live, language, go, nameOf } = useDesk()
  const [ground, choose] = useState<Ground | null>(null)
  const act = useAct<Held>()
  const fits = (verdict: Verdict): boolean => ground !== null && FITS[verdict].includes(ground)
  const decide = async (verdict: Verdict): Promise<void> => {
    if (!ground) return
    const answer = await act.send(() => acting.decidePay(held.delivery_id, verdict, ground))
    if (answer?.data) decided()
  }
  const name = `…${shortId(held.delivery_id)}`
  return (
    <li class="card">
      <h3>
        <button type="button" class="link" onClick={() => go({ view: 'live', delivery: held.delivery_id, driver: null })}>
          {fill(texts.pay.order, { order: name })}
        </button>
      </h3>
      <p>
        {texts.state[held.state]} {timeOfDay(held.since, live?.clock.now() ?? Date.now(), language)} ·{' '}
        {fill(texts.pay.amount, { pay: money(held.pay.amount, held.pay.currency, language) })}
        {held.driver_id && (
          <>
            {' · '}
            <button type="button" class="link" onClick={() => go({ view: 'live', driver: held.driver_id, delivery: null })}>
              {nameOf(held.driver_id)}
            </button>
          </>
        )}
      </p>
      <ul>
        {Object.entries(held.doubts).map(([step, doubt]) => (
          <li key={step}>
            {wordFor(texts.pay.step, step)}: {wordFor(texts.doubt, doubt)}
          </li>
        ))}
      </ul>
      <label class="field">
        {fill(texts.pay.ground, { order: name })}
        <select
          value={ground ?? ''}
          onChange={({ currentTarget }) => choose((currentTarget.value || null) as Ground | null)}
        >
          <option value="">{texts.pay.choose}</option>
          {Object.entries(texts.ground).map(([code, words]) => (
            <option key={code} value={code}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button type="button" class="act main" disabled={!fits('release-pay')} onClick={() => void decide('release-pay')}>
          {texts.pay.release}
        </button>
        <button type="button" class="act" disabled={!fits('refuse-pay')} onClick={() => void decide('refuse-pay')}>
          {texts.pay.refuse}
        </button>
      </div>
    </li>
  )
}
