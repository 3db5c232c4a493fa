import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import type { ExceptionProps } from './exceptions_view'
import { heldPayouts } from './gathering'

/** Releases of held payouts for which one person asked, and which wait for a second one. */
export function Releases({ words, payouts: said }: ExceptionProps) {
  const { texts } = useDesk()
  const { data, problem, busy } = useReading('releases', () => heldPayouts(reading.payouts))
  const all = words.approvals
  const waiting = data?.payouts.filter(({ release_asked_by: by }) => by !== null)
  return (
    <section aria-labelledby="approvals-heading">
      <h2 id="approvals-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">{!data && busy ? texts.loading : ''}</p>
      {waiting?.length === 0 && <p class="empty">{all.none}</p>}
      {data?.partly && <p class="soft">{all.partly}</p>}
      <ul class="cards">
        {waiting?.map((one) => (
          <Card key={one.payout_id} one={one} words={words} payouts={said} />
        ))}
      </ul>
    </section>
  )
}

function Card({ one, words, payouts: said }: { one: Schemas['StaffPayout'] } & ExceptionProps) {
  const { texts, language, nameOf, username, may } = useDesk()
  const act = useAct<Schemas['PayoutDetail']>()
  const [note, say] = useState('')
  const all = words.approvals
  const own = one.release_asked_by === username
  const title = fill(all.release, {
    amount: money(one.amount.amount, one.amount.currency, language),
    driver: nameOf(one.driver_id),
  })
  return (
    <li class="card">
      <h3>{title}</h3>
      <p>{own ? all.own : fill(all.asked, { by: one.release_asked_by ?? '' })}</p>
      <p class="soft">{wordFor(said.hold, one.hold_code)}</p>
      {act.data && <Done>{fill(all.done, { state: said.state[act.data.state] })}</Done>}
      {may('change_money') && !own && !act.data && (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault()
            const body = { decision: 'release', note: note.trim(), until: null } as const
            if (note.trim()) void act.send(() => acting.decidePayout(one.payout_id, body))
          }}
        >
          <label class="field">
            {all.note}
            <input required maxLength={200} value={note} autoComplete="off" onInput={({ currentTarget }) => say(currentTarget.value)} />
          </label>
          {act.problem && <Refused problem={act.problem} texts={texts} />}
          <div class="acts">
            <button type="submit" class="act main" aria-label={`${all.approve}: ${title}`} aria-disabled={act.phase === 'busy'}>
              {all.approve}
            </button>
          </div>
        </form>
      )}
    </li>
  )
}
