import { useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { obstacleOf, soonExpiring } from '../compliance'
import { writtenInFull } from '../days'
import type { Driver } from '../model'
import { Head, Read } from '../parts/screen'
import { TextField } from '../parts/fields'
import { useAnswer } from '../parts/use_answer'
import { at, refusalSaid } from '../parts/words'

const LONGEST_ANSWER_MS = 20_000
const LONGEST_LOOK_MS = 8000
const LONGEST_ZONE = 60

/** Start and end of the duty. */
export function DutyScreen() {
  const { texts, me } = useApp()
  return (
    <>
      <Head title={me.value?.duty ? texts.duty.on : texts.duty.off} back="route" />
      <DutyCard />
    </>
  )
}

export function DutyCard() {
  const { me } = useApp()
  return <Read of={me}>{(driver) => <Duty driver={driver} />}</Read>
}

/** The shifts of a dedicated driver that have not ended; crowd drivers have none. */
function Shifts({ driver }: { driver: Driver }) {
  const { texts, language, now } = useApp()
  const ahead = (driver.shifts ?? []).filter(({ off_at }) => Date.parse(off_at) > now())
  if (driver.kind !== 'dedicated' || driver.merchant_id) return null
  const write = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' })
  return (
    <>
      <h2>{texts.duty.shifts}</h2>
      {ahead.length === 0 && <p class="note">{texts.duty.no_shift}</p>}
      <ul class="plain">
        {ahead.map(({ zone_id, on_at, off_at }) => (
          <li key={on_at}>
            {write.formatRange(new Date(on_at), new Date(off_at))} <span class="soft">{zone_id}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Duty({ driver }: { driver: Driver }) {
  const app = useApp()
  const { texts, online, me, offers, route, groups, place } = app
  const { busy, failed, ask } = useAnswer()
  const [zone, write] = useState('')
  const { duty } = driver
  const obstacle = obstacleOf(driver, app.now())
  const signal = (): AbortSignal => AbortSignal.timeout(LONGEST_ANSWER_MS)

  const start = async (): Promise<void> => {
    const position = place ?? (await whereIAm())
    const done = await ask(() =>
      api.POST('/v1/driver/duty', { body: { zone_id: zone.trim() || null, position }, signal: signal() }),
    )
    if (!done) return
    me.again()
    offers.again()
    route.again()
  }
  const end = async (): Promise<void> => {
    if (await ask(() => api.DELETE('/v1/driver/duty', { signal: signal() }))) me.again()
  }
  const names = (kinds: readonly Driver['documents'][number]['kind'][]): string =>
    kinds.map((kind) => texts.document[kind]).join(', ')

  return (
    <div class="stack">
      <section class="card duty">
        {duty ? (
          <p>{fill(texts.duty.since, { zone: duty.zone_id, time: at(app, duty.since) })}</p>
        ) : obstacle === 'onboarding' ? (
          <p class="bad">{texts.onboarding.obstacle}</p>
        ) : obstacle === 'suspended' ? (
          <p class="bad">{texts.duty.suspended}</p>
        ) : obstacle ? (
          <p class="bad">{fill(texts.duty.documents, { documents: names(obstacle) })}</p>
        ) : (
          <p>{texts.duty.off_text}</p>
        )}
        <Shifts driver={driver} />
        {soonExpiring(driver, app.now()).map(({ kind, valid_until: day }) => (
          <p key={kind} class="note">
            {fill(texts.duty.expires, { document: texts.document[kind], day: writtenInFull(day, app.language) })}
          </p>
        ))}
        {duty ? (
          <>
            {groups.length > 0 && <p class="soft">{texts.duty.stops_open}</p>}
            <button
              type="button"
              class="button button-big button-quiet"
              aria-disabled={busy || !online}
              onClick={() => online && void end()}
            >
              {busy ? texts.duty.ending : texts.duty.end}
            </button>
          </>
        ) : (
          !obstacle && (
            <button
              type="button"
              class="button button-big"
              aria-disabled={busy || !online}
              onClick={() => online && void start()}
            >
              {busy ? texts.duty.starting : texts.duty.start}
            </button>
          )
        )}
        <p role="status" class={failed ? 'bad' : 'soft'}>
          {failed ? refusalSaid(app, failed) : !online && texts.duty.offline}
        </p>
      </section>
      {!duty && !obstacle && (
        <details class="card more">
          <summary>{texts.duty.other_zone}</summary>
          <TextField label={texts.duty.zone} value={zone} write={write} most={LONGEST_ZONE} />
        </details>
      )}
    </div>
  )
}

/** The phone's position, or null if it takes too long or may not be told: the duty starts without it. */
function whereIAm(): Promise<{ lat: number; lon: number } | null> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null)
    const timer = setTimeout(() => resolve(null), LONGEST_LOOK_MS)
    const end = (place: { lat: number; lon: number } | null): void => {
      clearTimeout(timer)
      resolve(place)
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => end({ lat: coords.latitude, lon: coords.longitude }),
      () => end(null),
      { enableHighAccuracy: true, maximumAge: 30_000, timeout: LONGEST_LOOK_MS },
    )
  })
}
