import { useEffect } from 'preact/hooks'
import { api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { emergencyNumber } from '../measures'
import type { Emergency } from '../model'
import { CustomerWays } from '../parts/call'
import { Head } from '../parts/screen'
import { useSettled } from '../parts/use_settled'
import { at } from '../parts/words'
import { emergency } from '../queue/steps'
import { bodyOf, useReading } from '../reading'

const LOOK_EVERY_MS = 30_000

/** Help: the emergency, dispatch, and the customers on the route. */
export function HelpScreen() {
  const { texts, plan } = useApp()
  const customers = plan?.stops.filter((stop) => stop.kind === 'dropoff' && !stop.is_area) ?? []
  return (
    <>
      <Head title={texts.help.heading} />
      <div class="stack">
        <EmergencyCard />
        <section class="card">
          <h2>{texts.help.dispatch}</h2>
          <p>{texts.help.dispatch_text}</p>
          <div class="ways">
            <a class="way" href={addressOf('messages')}>
              {texts.help.write}
            </a>
          </div>
        </section>
        <section class="card">
          <h2>{texts.help.customers}</h2>
          {customers.length ? (
            <ul class="plain">
              {customers.map((stop) => (
                <li key={stop.stop_id} class="person">
                  <span class="row-body">
                    <span class="row-title">{stop.contact?.name}</span>
                    <span class="soft">{fill(texts.route.order, { number: stop.order_number })}</span>
                  </span>
                  <CustomerWays deliveryId={stop.delivery_id} />
                </li>
              ))}
            </ul>
          ) : (
            <p class="soft">{texts.help.customers_empty}</p>
          )}
        </section>
      </div>
    </>
  )
}

/** The call for help: kept on the phone first, sent before everything else, and said when it has arrived. */
function EmergencyCard() {
  const app = useApp()
  const { texts, language, queue, status, place, perform } = app
  const settled = useSettled()
  const open = useReading<Emergency[]>(
    queue,
    'emergencies',
    async (signal) => bodyOf(await api.GET('/v1/driver/emergencies', { signal })).emergencies,
    LOOK_EVERY_MS,
  )
  useEffect(() => queue.on('answered', ({ action }) => action.kind === 'emergency' && open.again()), [queue])

  const waits = status.actions.some((one) => one.kind === 'emergency' && one.state !== 'done' && one.state !== 'refused')
  const reached = open.value?.at(-1)
  const number = emergencyNumber(language)
  // What was heard last may be old, so an emergency that arrived does not keep another from being called.
  const press = (): void => {
    if (settled && !waits) void perform(emergency(place))
  }
  return (
    <section class="card card-bad">
      <h2>{texts.help.emergency}</h2>
      <p>{texts.help.emergency_text}</p>
      <div class="acts">
        <button
          type="button"
          class="button button-big button-bad"
          aria-disabled={!settled || waits}
          onClick={press}
        >
          {texts.help.emergency_press}
        </button>
        <a class="way" href={`tel:${number}`}>
          {fill(texts.help.call_number, { number })}
        </a>
      </div>
      <p role="alert" class="bad">
        {waits && `${texts.help.emergency_kept} ${status.trouble ? texts.help.emergency_sending : ''}`}
        {!waits && reached && fill(texts.help.emergency_reached, { time: at(app, reached.raised_at) })}
      </p>
    </section>
  )
}
