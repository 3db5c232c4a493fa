import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { addressOf, replace } from '../address'
import { useApp } from '../app'
import { Choices, TextField } from '../parts/fields'
import { Empty, Head } from '../parts/screen'
import { at } from '../parts/words'
import { type CorrectionReason, correct } from '../queue/steps'

const LONGEST_NOTE = 500
const REASONS: readonly CorrectionReason[] = ['pressed_by_mistake', 'customer_came', 'other']

/** Deliveries that ended in this duty, with a way to correct them as long as that is allowed. */
export function EndedList() {
  const app = useApp()
  const { texts, plan, status, now } = app
  const ended = plan?.ended ?? []
  if (!ended.length) return null
  const taken = new Set(status.actions.filter((one) => one.kind === 'correct' && one.state !== 'refused').map((one) => one.deliveryId))
  return (
    <section class="ended">
      <h2>{texts.ended.heading}</h2>
      <ul class="plain">
        {ended.map((one) => {
          const may = one.correctable_until !== null && Date.parse(one.correctable_until) > now()
          return (
            <li key={one.delivery_id} class="row">
              <span class="row-body">
                <span class="row-title">{one.order_number}</span>
                <span class="soft">
                  {texts.state[one.state]}, {at(app, one.ended_at)}
                </span>
              </span>
              {taken.has(one.delivery_id) ? (
                <span class="soft">{texts.ended.taken_back}</span>
              ) : (
                may && (
                  <a class="way" href={addressOf('ended', one.delivery_id)}>
                    {texts.ended.correct}
                  </a>
                )
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** Takes an ending back, with a reason. */
export function EndedScreen({ id }: { id: string }) {
  const app = useApp()
  const { texts, plan, perform } = app
  const [reason, choose] = useState<CorrectionReason | null>(null)
  const [note, write] = useState('')
  const [asked, ask] = useState(false)
  const one = plan?.ended?.find((ended) => ended.delivery_id === id)
  const until = one?.correctable_until
  const confirm = async (): Promise<void> => {
    ask(true)
    if (reason && (await perform(correct(id, reason, note.trim() || null)))) replace('route')
  }
  return (
    <>
      <Head title={fill(texts.ended.title, { number: one?.order_number ?? '' })} back="route" />
      {one && until ? (
        <>
          <div class="stack stack-do">
            <section class="card">
              <p>
                {texts.state[one.state]}, {at(app, one.ended_at)}
              </p>
              <p class="soft">
                {texts.ended.text} {fill(texts.ended.until, { time: at(app, until) })}
              </p>
            </section>
            <section class="card stack">
              <Choices
                legend={texts.ended.reason}
                name="why"
                values={REASONS}
                chosen={reason}
                choose={choose}
                label={(value) => texts.ended.reasons[value]}
              />
              <TextField label={texts.do.note} value={note} write={write} most={LONGEST_NOTE} lines={2} />
            </section>
          </div>
          <div class="confirm">
            <p role="status" class="bad">
              {asked && !reason && texts.fail.choose}
            </p>
            <button type="button" class="button button-big" onClick={() => void confirm()}>
              {texts.ended.confirm}
            </button>
          </div>
        </>
      ) : (
        <Empty title={texts.stop.gone} text={texts.refusal.too_late_to_correct} />
      )}
    </>
  )
}
