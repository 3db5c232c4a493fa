import { useState } from 'preact/hooks'
import { Done } from '../../acts/done'
import { Refused } from '../../acts/refused'
import { useAct } from '../../acts/use_act'
import * as acting from '../../api/acting'
import type { Schemas } from '../../../parts/client'
import type { Answer } from '../../api/answers'
import type { Delivery } from '../../api/types'
import { useDesk } from '../../shell/desk'
import type { Texts } from '../../texts'
import type { FormProps } from '../actions'
import { failureReasons, needsDisposition, whoMayHaveBrought } from '../endings'
import { DispositionFields, type Disposed, NOT_SAID, isSaid } from './disposition_fields'

type Order = Delivery['delivery']
type Disposition = Schemas['DispositionInput'] | null

interface Ending<Reason extends string> {
  name: 'cancel' | 'complete' | 'fail'
  words: (texts: Texts, order: Order) => Partial<Record<Reason, string>>
  hint: (texts: Texts, order: Order) => string
  /** The drivers of whom one has to be named. */
  drivers?: (order: Order) => string[]
  /** True if it has to be said what became of the goods. */
  disposes?: (order: Order, reason: Reason | null) => boolean
  send: (id: string, reason: Reason, driver: string | null, disposition: Disposition) => Promise<Answer<unknown>>
}

/** A form that ends an order for a reason. */
function ending<Reason extends string>(form: Ending<Reason>) {
  const { name, words, hint, drivers = () => [], disposes = () => false, send } = form
  return function EndingForm({ known, changed }: FormProps) {
    const { texts, nameOf } = useDesk()
    const [reason, choose] = useState<Reason | null>(null)
    const [driver, pick] = useState<string | null>(null)
    const [disposed, dispose] = useState<Disposed>(NOT_SAID)
    const act = useAct<unknown>()
    const asksWhere = disposes(known.delivery, reason)
    const submit = async (): Promise<void> => {
      if (!reason || (asksWhere && !isSaid(disposed))) return
      const { kind } = disposed
      const said = asksWhere && kind ? { kind, person: disposed.person.trim() || null } : null
      const answer = await act.send(() => send(known.delivery.id, reason, driver, said))
      if (answer && !answer.problem) changed()
    }
    if (act.phase === 'done') return <Done>{texts[name].done}</Done>
    const brought = drivers(known.delivery)
    return (
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <p class="soft">{hint(texts, known.delivery)}</p>
        <fieldset>
          <legend>{texts.reason_legend}</legend>
          {(Object.entries(words(texts, known.delivery)) as [Reason, string][]).map(([code, label]) => (
            <label key={code} class="option">
              <input type="radio" name={name} required checked={reason === code} onChange={() => choose(code)} />
              {label}
            </label>
          ))}
        </fieldset>
        {brought.length > 0 && (
          <fieldset>
            <legend>{texts.complete.who}</legend>
            {brought.map((id) => (
              <label key={id} class="option">
                <input type="radio" name={`${name}-driver`} required checked={driver === id} onChange={() => pick(id)} />
                {nameOf(id)}
              </label>
            ))}
          </fieldset>
        )}
        {asksWhere && <DispositionFields said={disposed} change={dispose} lost={reason === 'goods_lost'} />}
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {texts[name].confirm}
        </button>
      </form>
    )
  }
}

export const CancelForm = ending({
  name: 'cancel',
  words: (texts) => texts.cancellation,
  hint: (texts) => texts.cancel.hint,
  send: (id, reason) => acting.cancel(id, reason),
})
export const CompleteForm = ending({
  name: 'complete',
  words: (texts) => texts.completion,
  hint: (texts, { state }) => (state === 'returning' ? texts.complete.hint_back : texts.complete.hint),
  drivers: whoMayHaveBrought,
  disposes: (order, reason) => needsDisposition(order, 'complete', reason),
  send: (id, reason, driver_id, disposition) => acting.complete(id, { reason, driver_id, disposition }),
})
export const FailForm = ending<Schemas['FailureReason']>({
  name: 'fail',
  words: (texts, order) => Object.fromEntries(failureReasons(order).map((reason) => [reason, texts.failure[reason]])),
  hint: (texts) => texts.fail.hint,
  disposes: (order, reason) => needsDisposition(order, 'fail', reason),
  send: (id, reason, _, disposition) => acting.fail(id, { reason, disposition }),
})
