import { useState } from 'preact/hooks'
import { Done } from '../../acts/done'
import { Refused } from '../../acts/refused'
import { useAct } from '../../acts/use_act'
import * as acting from '../../api/acting'
import type { Answer } from '../../api/answers'
import { useDesk } from '../../shell/desk'
import type { Texts } from '../../texts'
import type { FormProps } from '../actions'

interface Ending<Reason extends string> {
  name: 'cancel' | 'complete' | 'fail'
  words: (texts: Texts) => Record<Reason, string>
  send: (id: string, reason: Reason) => Promise<Answer<unknown>>
}

/** A form that ends an order for a reason. */
function ending<Reason extends string>({ name, words, send }: Ending<Reason>) {
  return function EndingForm({ known, changed }: FormProps) {
    const { texts } = useDesk()
    const [reason, choose] = useState<Reason | null>(null)
    const act = useAct<unknown>()
    const submit = async (): Promise<void> => {
      if (!reason) return
      const answer = await act.send(() => send(known.delivery.id, reason))
      if (answer && !answer.problem) changed()
    }
    if (act.phase === 'done') return <Done>{texts[name].done}</Done>
    return (
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <p class="soft">{texts[name].hint}</p>
        <fieldset>
          <legend>{texts.reason_legend}</legend>
          {(Object.entries(words(texts)) as [Reason, string][]).map(([code, label]) => (
            <label key={code} class="option">
              <input type="radio" name={name} required checked={reason === code} onChange={() => choose(code)} />
              {label}
            </label>
          ))}
        </fieldset>
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {texts[name].confirm}
        </button>
      </form>
    )
  }
}

export const CancelForm = ending({ name: 'cancel', words: (texts) => texts.cancellation, send: acting.cancel })
export const CompleteForm = ending({ name: 'complete', words: (texts) => texts.completion, send: acting.complete })
export const FailForm = ending({ name: 'fail', words: (texts) => texts.failure, send: acting.fail })
