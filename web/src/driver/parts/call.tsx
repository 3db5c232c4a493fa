import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { useAnswer } from './use_answer'
import { at, refusalSaid } from './words'

const LONGEST_ANSWER_MS = 15_000

/** Writes to the customer of a delivery, or calls them by a number that hides both. */
export function CustomerWays({ deliveryId }: { deliveryId: string }) {
  const app = useApp()
  const { texts, online } = app
  const { busy, failed, ask } = useAnswer()
  const [call, set] = useState<Schemas['RelayNumber'] | null>(null)
  const request = (): Promise<boolean> =>
    ask(async () => {
      const answer = await api.POST('/v1/driver/deliveries/{delivery_id}/call', {
        params: { path: { delivery_id: deliveryId } },
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      })
      if (answer.data) set(answer.data)
      return answer
    })
  return (
    <>
      <div class="ways">
        <a class="way" href={`#/messages/${encodeURIComponent(deliveryId)}`}>
          {texts.help.write}
        </a>
        {call ? (
          <a class="way" href={`tel:${call.number}`}>
            {fill(texts.help.call_now, { number: call.number })}
          </a>
        ) : (
          <button type="button" class="way" aria-disabled={busy || !online} onClick={() => online && void request()}>
            {busy ? texts.help.calling : texts.help.call}
          </button>
        )}
      </div>
      <p role="status" class={failed ? 'bad' : 'soft'}>
        {failed
          ? refusalSaid(app, failed)
          : call && fill(texts.help.call_hint, { time: at(app, call.expires_at) })}
      </p>
    </>
  )
}
