import { Refused } from '../../acts/refused'
import { useAct } from '../../acts/use_act'
import * as acting from '../../api/acting'
import type { Dispatched } from '../../api/types'
import { Outcome } from '../../queue/outcome'
import { useDesk } from '../../shell/desk'
import type { FormProps } from '../actions'

/** Offer the order to the drivers of the plan at once. */
export function DispatchNow({ known, changed }: FormProps) {
  const { texts, zone } = useDesk()
  const act = useAct<Dispatched>()
  const go = async (): Promise<void> => {
    const answer = await act.send(() => acting.dispatch(zone.id, [known.delivery.id]))
    if (answer && !answer.problem) changed()
  }
  return (
    <div class="form">
      <p class="soft">{texts.dispatch.hint}</p>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.data ? (
        <Outcome outcome={act.data} />
      ) : (
        <button type="button" class="act main" aria-disabled={act.phase === 'busy'} onClick={() => void go()}>
          {texts.dispatch.confirm}
        </button>
      )}
    </div>
  )
}
