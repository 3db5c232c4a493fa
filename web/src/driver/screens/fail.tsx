import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { replace } from '../address'
import { useApp } from '../app'
import type { FailureReason } from '../model'
import { Choices, TextField } from '../parts/fields'
import { DispositionField, TemperatureField, celsiusOf, isDisposed } from '../parts/lawful'
import { PhotoField } from '../parts/photo'
import { ScanField } from '../parts/scan'
import { Bones, Empty, Head } from '../parts/screen'
import { Refused } from '../parts/refused'
import { useCapture } from '../parts/use_capture'
import { useGroup } from '../parts/use_group'
import { useRefused } from '../parts/use_refused'
import { useSettled } from '../parts/use_settled'
import { ordersOf, placeOf } from '../parts/words'
import { type Disposed, UNDO_MS, arrive, fail, isLeftAtDoor, reasonsOf } from '../steps'
import { type Group, needsOfAll } from '../stops'

const LONGEST_NOTE = 500

/** A failed stop: the reason, a photo, one confirmation. */
export function FailScreen({ id }: { id: string }) {
  const { texts, route } = useApp()
  const group = useGroup(id)
  if (group && group.first.kind !== 'return') return <Failing group={group} kind={group.first.kind} />
  return (
    <>
      <Head title={texts.route.heading} back="route" />
      {route.value ? <Empty title={texts.stop.gone} text={texts.route.empty_text} /> : <Bones />}
    </>
  )
}

function Failing({ group, kind }: { group: Group; kind: 'pickup' | 'dropoff' }) {
  const app = useApp()
  const { texts, perform, place } = app
  const settled = useSettled()
  const captured = useCapture(group)
  const { refused, giveUp } = useRefused(group)
  const [reason, choose] = useState<FailureReason | null>(null)
  const [note, write] = useState('')
  const [typed, type] = useState('')
  const [disposed, dispose] = useState<Disposed>({ kind: null, person: '' })
  const [asked, ask] = useState(false)

  const left = isLeftAtDoor(group, reason)
  const codes = left ? needsOfAll(group.stops).codes : 0
  const measures = reason === 'temperature_out_of_range' || (left && needsOfAll(group.stops).temperature !== null)
  // Goods that don't come back are closed by this step.
  const closes = kind === 'dropoff' && !left && group.first.needs_disposition && group.first.undeliverable === 'dispose'
  const picture = left ? 'photo' : 'failure_photo'
  const lacking = [
    !reason && texts.fail.choose,
    left && !captured.pictures.includes('photo') && texts.do.failure_photo_door,
    measures && celsiusOf(typed) === null && texts.law.temperature,
    closes && !isDisposed(disposed) && texts.law.disposition_legend,
    captured.codes.length < codes && fill(texts.stop.need.codes, { count: codes - captured.codes.length }),
  ].filter(Boolean)
  const confirm = async (): Promise<void> => {
    if (!settled) return
    ask(true)
    if (!reason || lacking.length) return
    await giveUp()
    const before = group.phase === 'there' ? [] : arrive(group, place)
    const celsius = measures ? celsiusOf(typed) : null
    const given = { condition: null, note, scanned: left ? captured.codes : [], celsius, disposed }
    if (await perform([...before, ...fail(group, place, reason, given)], { holdMs: UNDO_MS })) replace('route')
  }
  const label = left ? texts.fail.confirm_left : kind === 'pickup' ? texts.fail.confirm_pickup : texts.fail.confirm
  return (
    <>
      <Head title={texts.fail[`heading_${kind}`]} back="route" />
      <div class="stack stack-do">
        <p class="soft">
          {placeOf(app, group.first)} · {ordersOf(app, group)}
        </p>
        {refused?.refusal && (
          <section class="card card-bad" role="alert">
            <Refused refusal={refused.refusal} />
          </section>
        )}
        <section class="card">
          <Choices
            legend={texts.fail.choose}
            name="reason"
            values={reasonsOf(group)}
            chosen={reason}
            choose={choose}
            label={(one) => (texts.fail.reason as Record<string, string>)[one] ?? one}
          />
          {left && (
            <p role="status" class="note">
              {texts.fail.left_hint}
            </p>
          )}
        </section>
        {measures && (
          <TemperatureField range={group.first.requirements.temperature ?? null} typed={typed} write={type} />
        )}
        {closes && <DispositionField said={disposed} change={dispose} back={false} />}
        {codes > 0 && <ScanField count={codes} codes={captured.codes} change={captured.setCodes} />}
        <PhotoField
          key={picture}
          label={left ? texts.do.failure_photo_door : texts.do.failure_photo}
          taken={captured.pictures.includes(picture)}
          keep={captured.keep(picture)}
        />
        <section class="card">
          <TextField label={texts.do.note} value={note} write={write} most={LONGEST_NOTE} lines={2} />
        </section>
      </div>
      <div class="confirm">
        <p role="status" class="bad">
          {asked && lacking.length > 0 && fill(texts.do.missing, { what: lacking.join(', ') })}
        </p>
        <button type="button" class="button button-big button-bad" aria-disabled={!settled} onClick={() => void confirm()}>
          {group.stops.length > 1 ? `${label} (${group.stops.length})` : label}
        </button>
      </div>
    </>
  )
}
