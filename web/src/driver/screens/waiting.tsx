import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { Refused } from '../parts/refused'
import { Empty, Head } from '../parts/screen'
import { at } from '../parts/words'
import type { Action } from '../queue'

/** All steps that the phone keeps: what waits, what was refused and why. */
export function WaitingScreen() {
  const { texts, status, queue } = useApp()
  const shown = status.actions.filter((one) => one.state !== 'done')
  const [others, setOthers] = useState<{ owner: string; count: number }[]>([])
  useEffect(() => {
    let gone = false
    void queue.others().then((found) => !gone && setOthers(found))
    return () => {
      gone = true
    }
  }, [queue, status])
  return (
    <>
      <Head title={texts.waiting.heading} back="route" />
      <p class="soft">{texts.waiting.intro}</p>
      {shown.length ? (
        <>
          <ol class="stops">
            {shown.map((action) => (
              <li key={action.id}>
                <Kept action={action} />
              </li>
            ))}
          </ol>
          <button type="button" class="button button-quiet" onClick={() => void queue.drain()}>
            {texts.waiting.send}
          </button>
        </>
      ) : (
        <Empty title={texts.waiting.empty} text="" />
      )}
      {others.map(({ owner }) => (
        <p key={owner} class="note">
          {fill(texts.waiting.others, { owner })}
        </p>
      ))}
    </>
  )
}

function Kept({ action }: { action: Action }) {
  const app = useApp()
  const { texts, route, queue } = app
  const stop = route.value?.stops.find((one) => one.delivery_id === action.deliveryId)
  const { refusal } = action
  return (
    <section class={refusal ? 'card card-bad' : 'card'}>
      <h2 class="kept-kind">
        {texts.waiting.kind[action.kind]}
        {stop && `, ${fill(texts.route.order, { number: stop.order_number })}`}
      </h2>
      <p class="soft">
        {at(app, action.deviceAt)} · {texts.waiting.state[action.state]}
      </p>
      {refusal && (
        <>
          <Refused refusal={refusal} />
          <button type="button" class="button" onClick={() => void queue.dismiss(action.id)}>
            {texts.waiting.dismiss}
          </button>
          <p class="soft">{texts.waiting.dismiss_hint}</p>
        </>
      )}
    </section>
  )
}
