import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import type { Adjustment } from '../api/types'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { AskAdjustment } from './ask_adjustment'

/** Adjustments of pay above the limit, of all zones, which wait for a person other than the one who asked. */
export function Adjustments() {
  const { texts, may } = useDesk()
  const { data, problem, busy, again } = useReading('adjustments', reading.adjustments)
  const words = texts.adjustment
  return (
    <section aria-labelledby="adjustments-heading">
      <h2 id="adjustments-heading">{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      {may('change_money') && <AskAdjustment asked={again} />}
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data?.adjustments.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.adjustments.map((one) => (
          <Card key={one.adjustment_id} one={one} decided={again} />
        ))}
      </ul>
    </section>
  )
}

function Card({ one, decided }: { one: Adjustment; decided: () => void }) {
  const { texts, live, language, username, may, nameOf } = useDesk()
  const act = useAct<Adjustment>()
  const words = texts.adjustment
  const own = one.asked_by === username
  const amount = money(one.amount.amount, one.amount.currency, language)
  const time = (at: string): string => timeOfDay(at, live?.clock.now() ?? Date.now(), language)
  const decide = async (verdict: 'approve' | 'refuse'): Promise<void> => {
    const answer = await act.send(() => acting.decideAdjustment(one.adjustment_id, verdict))
    if (answer?.data) decided()
  }
  return (
    <li class="card">
      <h3>
        {one.driver_id
          ? fill(words.of, { amount, driver: nameOf(one.driver_id) })
          : fill(words.of_posting, { amount, posting: `…${shortId(one.reverses ?? one.adjustment_id)}` })}
      </h3>
      <p>{one.note}</p>
      <p class="soft">
        {fill(words.asked, { by: one.asked_by, time: time(one.asked_at) })}
        {one.expires_at && ` · ${fill(words.expires, { time: time(one.expires_at) })}`}
        {` · ${one.reference}`}
      </p>
      {own && <p>{words.own}</p>}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {may('change_money') && (
        <div class="acts">
          <button type="button" class="act main" disabled={own} onClick={() => void decide('approve')}>
            {words.approve}
          </button>
          <button type="button" class="act" onClick={() => void decide('refuse')}>
            {own ? words.withdraw : words.refuse}
          </button>
        </div>
      )}
    </li>
  )
}
