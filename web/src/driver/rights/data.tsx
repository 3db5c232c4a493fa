import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { dayOf, writtenInFull } from '../days'
import { Head, Read } from '../parts/screen'
import { useAnswer } from '../parts/use_answer'
import { refusalSaid } from '../parts/words'
import { bodyOf, useReading } from '../reading'

type Export = Schemas['ExportView']
type Correction = Schemas['CorrectionView']
type Field = Correction['field']

const FIELDS: readonly Field[] = [
  ...(['name', 'phone', 'email', 'vehicle', 'documents', 'deliveries'] as const),
  ...(['earnings', 'rating', 'performance', 'standing', 'other'] as const),
]
const LONGEST_ANSWER_MS = 20_000
const soon = (): AbortSignal => AbortSignal.timeout(LONGEST_ANSWER_MS)

/** Everything that is held on the driver, as a file, and corrections. */
export function DataScreen() {
  const { texts } = useApp()
  return (
    <>
      <Head title={texts.my_data.heading} back="more" />
      <div class="stack">
        <Exports />
        <Corrections />
      </div>
    </>
  )
}

function Exports() {
  const app = useApp()
  const { texts, queue, online } = app
  const { ask, busy, failed } = useAnswer()
  const reading = useReading<Schemas['LatestExport']>(
    queue,
    'data export',
    async (signal) => bodyOf(await api.GET('/v1/driver/data-export', { signal })),
    5000,
  )
  const order = async (): Promise<void> => {
    if (await ask(() => api.POST('/v1/driver/data-export', { signal: soon() }))) reading.again()
  }
  return (
    <section class="card">
      <h2>{texts.my_data.export}</h2>
      <p>{texts.my_data.export_text}</p>
      <Read of={reading}>
        {({ export: found }) => (
          <>
            {found && <Ready export={found} />}
            {(!found || (found.state === 'ready' && !found.link)) && (
              <button type="button" class="button" aria-disabled={busy || !online} onClick={() => online && void order()}>
                {texts.my_data.ask_export}
              </button>
            )}
          </>
        )}
      </Read>
      <p class="bad" role="alert">
        {failed && refusalSaid(app, failed)}
      </p>
    </section>
  )
}

function Ready({ export: found }: { export: Export }) {
  const { texts, language } = useApp()
  if (found.state !== 'ready') return <p role="status">{texts.my_data.making}</p>
  if (!found.link || !found.until) return null
  const until = writtenInFull(dayOf(Date.parse(found.until)), language)
  return (
    <>
      <p role="status">{fill(texts.my_data.ready, { day: until, size: Math.ceil((found.size ?? 0) / 1024) })}</p>
      <a class="button" href={found.link} download="my-data.zip">
        {texts.my_data.fetch}
      </a>
    </>
  )
}

function Corrections() {
  const app = useApp()
  const { texts, queue, online } = app
  const { ask, busy, failed } = useAnswer()
  const [field, choose] = useState<Field>('name')
  const [wanted, want] = useState('')
  const [reason, say] = useState('')
  const [request, renew] = useState(() => crypto.randomUUID())
  const reading = useReading<Schemas['CorrectionList']>(
    queue,
    'corrections',
    async (signal) => bodyOf(await api.GET('/v1/driver/corrections', { signal })),
    60_000,
  )
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    const body = { request_id: request, field, wanted: wanted.trim(), reason: reason.trim() }
    if (!online || !(await ask(() => api.POST('/v1/driver/corrections', { body, signal: soon() })))) return
    want('')
    say('')
    renew(crypto.randomUUID())
    reading.again()
  }
  return (
    <section class="card">
      <h2>{texts.my_data.correct}</h2>
      <p>{texts.my_data.correct_text}</p>
      <form class="stack" onSubmit={(event) => void send(event)}>
        <label class="field">
          {texts.my_data.field}
          <select value={field} onChange={(event) => choose(event.currentTarget.value as Field)}>
            {FIELDS.map((one) => (
              <option key={one} value={one}>
                {texts.my_data.fields[one]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {texts.my_data.wanted}
          <input required maxLength={500} value={wanted} onInput={(event) => want(event.currentTarget.value)} />
        </label>
        <label class="field">
          {texts.my_data.reason}
          <textarea required maxLength={500} rows={3} value={reason} onInput={(event) => say(event.currentTarget.value)} />
        </label>
        <p class="bad" role="alert">
          {failed && refusalSaid(app, failed)}
        </p>
        <button type="submit" class="button" aria-disabled={busy || !online}>
          {texts.my_data.send}
        </button>
      </form>
      <Read of={reading}>
        {({ corrections }) =>
          corrections.length > 0 && (
            <>
              <h3>{texts.my_data.requests}</h3>
              <ul class="plain">
                {corrections.map((one) => (
                  <li key={one.correction_id}>
                    <Request request={one} />
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Read>
    </section>
  )
}

function Request({ request }: { request: Correction }) {
  const { texts, language } = useApp()
  const day = (moment: string): string => writtenInFull(dayOf(Date.parse(moment)), language)
  return (
    <>
      <p>
        <strong>{texts.my_data.fields[request.field]}</strong>
        {request.wanted && `: ${request.wanted}`}
      </p>
      <p class="soft">
        {request.state === 'open'
          ? fill(texts.my_data.due, { day: day(request.due_at) })
          : fill(texts.my_data.state[request.state], { day: day(request.decided_at ?? request.asked_at) })}
      </p>
      {request.words && <p class="note">{request.words}</p>}
    </>
  )
}
