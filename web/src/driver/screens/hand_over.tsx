import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { addressOf, replace } from '../address'
import { useApp } from '../app'
import { localDay } from '../document'
import { Choices, TextField } from '../parts/fields'
import {
  AffirmField,
  DOCUMENTS,
  DispositionField,
  IdField,
  NOTHING_READ,
  RelationField,
  TemperatureField,
  celsiusOf,
  isDisposed,
  isRead,
  isWithin,
  troubleOf,
} from '../parts/lawful'
import { PhotoField } from '../parts/photo'
import { Refused } from '../parts/refused'
import { ScanField } from '../parts/scan'
import { Bones, Empty, Head } from '../parts/screen'
import { SignatureField } from '../parts/signature'
import { useCapture } from '../parts/use_capture'
import { useGroup } from '../parts/use_group'
import { useRefused } from '../parts/use_refused'
import { useSettled } from '../parts/use_settled'
import { needsSaid, ordersOf, placeOf } from '../parts/words'
import type { Input } from '../queue'
import { type ConditionState, type Disposed, type HandedOver, type IdRead, UNDO_MS, arrive, giveBack, handOver, pickUp } from '../steps'
import { type Group, NOTHING, type Needs, needsOfAll } from '../stops'

const LONGEST_NOTE = 500
const LONGEST_NAME = 100
const PIN = /^\d{4}$/
const CONDITIONS: readonly ConditionState[] = ['intact', 'damaged', 'opened', 'wet', 'wrong', 'missing_items']
/** Limit of the wait for the check of a PIN; a later result is seen on the route. */
const LONGEST_CHECK_MS = 12_000

type Given = Omit<HandedOver, 'scanned' | 'celsius' | 'id'> & { celsius: string; id: IdRead; disposed: Disposed }
const NOTHING_GIVEN: Given = {
  condition: null,
  note: '',
  pin: '',
  document: null,
  ageMet: false,
  receivedBy: '',
  id: NOTHING_READ,
  affirmed: [],
  relation: null,
  celsius: '',
  disposed: { kind: null, person: '' },
}

/** The step at a stop with all that it captures: pick up, hand over, give back. */
export function HandOverScreen({ id }: { id: string }) {
  const { texts, route } = useApp()
  const group = useGroup(id)
  if (group) return <Doing group={group} />
  return (
    <>
      <Head title={texts.route.heading} back="route" />
      {route.value ? <Empty title={texts.stop.gone} text={texts.route.empty_text} /> : <Bones />}
    </>
  )
}

/** Parcels that are not back at the shop can't be scanned there. */
const scans = (needs: Needs, { disposed: { kind } }: Given): boolean =>
  !needs.disposition || kind === null || kind === 'returned_to_store'

function missing(needs: Needs, captured: { pictures: string[]; codes: string[] }, given: Given, today: string): Needs {
  const isProven = isRead(given.id) && !troubleOf(given.id, needs.idAge, today)
  return {
    codes: scans(needs, given) ? Math.max(0, needs.codes - captured.codes.length) : 0,
    photo: needs.photo && !captured.pictures.includes('photo'),
    signature: needs.signature && !captured.pictures.includes('signature'),
    pin: needs.pin && !PIN.test(given.pin),
    minimumAge: needs.minimumAge && !(given.document && given.ageMet) ? needs.minimumAge : NOTHING.minimumAge,
    idAge: isProven ? null : needs.idAge,
    affirmations: needs.affirmations.filter((name) => !given.affirmed.includes(name)),
    printedName: needs.printedName && !given.receivedBy.trim(),
    relation: needs.relation && !given.relation,
    temperature: isWithin(needs.temperature, celsiusOf(given.celsius)) ? null : needs.temperature,
    disposition: needs.disposition && !isDisposed(given.disposed),
  }
}

function Doing({ group }: { group: Group }) {
  const app = useApp()
  const { texts, perform, place } = app
  const settled = useSettled()
  const captured = useCapture(group)
  const { refused, giveUp } = useRefused(group)
  const [given, set] = useState(NOTHING_GIVEN)
  const [asked, ask] = useState(false)
  const [sent, send] = useState<string | null>(null)
  useOutcome(sent, () => send(null))

  const change = (changes: Partial<Given>): void => set((before) => ({ ...before, ...changes }))
  const { kind } = group.first
  const many = group.stops.length > 1
  const needs = needsOfAll(group.stops)
  const lacking = needsSaid(app, missing(needs, captured, given, localDay(app.now())))
  const inputs = (): Input[] => {
    const before = group.phase === 'there' || kind === 'return' ? [] : arrive(group, place)
    const id = needs.idAge === null ? null : given.id
    const all = { ...given, id, scanned: captured.codes, celsius: celsiusOf(given.celsius) }
    const steps = { pickup: pickUp(group, place, all), dropoff: handOver(group, place, all), return: giveBack(group, place, all) }
    return [...before, ...steps[kind]]
  }
  const confirm = async (): Promise<void> => {
    if (!settled || sent) return
    ask(true)
    if (lacking.length) return
    await giveUp()
    // The API says at once whether a PIN is right, and the driver stands at the door to hear it.
    const waits = needs.pin ? 0 : kind === 'pickup' ? 0 : UNDO_MS
    const actions = await perform(inputs(), { holdMs: waits })
    if (!actions) return
    if (needs.pin) send(actions.at(-1)?.id ?? null)
    else replace('route')
  }
  const done = { pickup: 'picked_up', dropoff: 'delivered', return: 'returned' } as const
  const label = many
    ? fill(texts.do[`${done[kind]}_many`], { count: group.stops.length })
    : texts.do[done[kind]]

  return (
    <>
      <Head title={texts.stop[`open_${kind}`]} back="route" />
      <div class="stack stack-do">
        <section class="card">
          <p class="place">{placeOf(app, group.first)}</p>
          <p>{group.first.contact?.name}</p>
          <p class="soft">{many ? fill(texts.do.all, { count: group.stops.length }) : ordersOf(app, group)}</p>
        </section>
        {refused?.refusal && !sent && (
          <section class="card card-bad" role="alert">
            <Refused refusal={refused.refusal} />
          </section>
        )}
        {needs.codes > 0 && scans(needs, given) && <ScanField count={needs.codes} codes={captured.codes} change={captured.setCodes} />}
        {needs.photo && (
          <PhotoField label={texts.do.photo} taken={captured.pictures.includes('photo')} keep={captured.keep('photo')} />
        )}
        {needs.signature && (
          <SignatureField taken={captured.pictures.includes('signature')} keep={captured.keep('signature')} />
        )}
        {needs.minimumAge !== null && <AgeCheck age={needs.minimumAge} given={given} change={change} />}
        {needs.idAge !== null && <IdField age={needs.idAge || null} read={given.id} change={(id) => change({ id })} />}
        {needs.affirmations.length > 0 && (
          <AffirmField asked={needs.affirmations} affirmed={given.affirmed} change={(affirmed) => change({ affirmed })} />
        )}
        {needs.relation && <RelationField chosen={given.relation} choose={(relation) => change({ relation })} />}
        {needs.printedName && (
          <section class="card capture">
            <TextField
              label={texts.law.printed_name}
              value={given.receivedBy}
              write={(receivedBy) => change({ receivedBy })}
              most={LONGEST_NAME}
            />
          </section>
        )}
        {needs.temperature && (
          <TemperatureField range={needs.temperature} typed={given.celsius} write={(celsius) => change({ celsius })} />
        )}
        {needs.disposition && (
          <DispositionField said={given.disposed} change={(disposed) => change({ disposed })} back />
        )}
        {needs.pin && <PinField pin={given.pin} write={(pin) => change({ pin })} />}
        {kind !== 'return' && (
          <More>
            {kind === 'pickup' && (
              <PhotoField
                label={texts.do.pickup_photo}
                taken={captured.pictures.includes('pickup_photo')}
                keep={captured.keep('pickup_photo')}
              />
            )}
            {kind === 'dropoff' && !needs.printedName && (
              <TextField
                label={texts.do.received_by}
                value={given.receivedBy}
                write={(receivedBy) => change({ receivedBy })}
                most={LONGEST_NAME}
              />
            )}
            <Choices
              legend={texts.do.condition}
              name="condition"
              values={CONDITIONS}
              chosen={given.condition}
              choose={(condition) => change({ condition })}
              label={(one) => texts.do.condition_state[one]}
            />
            <TextField label={texts.do.note} value={given.note} write={(note) => change({ note })} most={LONGEST_NOTE} lines={2} />
          </More>
        )}
      </div>
      <div class="confirm">
        <p role="status" class="bad">
          {sent ? <span class="soft">{texts.do.checking}</span> : asked && lacking.length > 0 && fill(texts.do.missing, { what: lacking.join(', ') })}
        </p>
        <button
          type="button"
          class="button button-big"
          aria-disabled={!settled || sent !== null}
          onClick={() => void confirm()}
        >
          {label}
        </button>
        {kind !== 'return' && (
          <a class="button button-quiet" href={addressOf('fail', group.id)}>
            {texts.stop.problem}
          </a>
        )}
      </div>
    </>
  )
}

/** Go back to the route once an action was taken or has to wait; stay if it was refused. */
function useOutcome(sent: string | null, refused: () => void): void {
  const { status } = useApp()
  const action = status.actions.find((one) => one.id === sent)
  const is = sent === null ? null : (action?.state ?? 'done')
  const waits = status.trouble !== null
  useEffect(() => {
    if (is === null) return
    if (is === 'refused' || is === 'behind') return refused()
    if (is === 'done' || waits) return replace('route')
    const timer = setTimeout(() => replace('route'), LONGEST_CHECK_MS)
    return () => clearTimeout(timer)
  }, [sent, is, waits])
}

function PinField({ pin, write }: { pin: string; write: (pin: string) => void }) {
  const { texts } = useApp()
  return (
    <section class="card capture">
      <label class="field">
        <h2>{texts.do.pin}</h2>
        <input
          class="pin-input"
          inputmode="numeric"
          autocomplete="off"
          pattern="\d{4}"
          maxLength={4}
          value={pin}
          onInput={(event) => write(event.currentTarget.value.replace(/\D/g, ''))}
        />
        <span class="soft">{texts.do.pin_hint}</span>
      </label>
    </section>
  )
}

function AgeCheck(props: { age: number; given: Given; change: (changes: Partial<Given>) => void }) {
  const { texts } = useApp()
  const { age, given, change } = props
  return (
    <section class="card capture">
      <h2>{fill(texts.do.age, { age })}</h2>
      <p class="soft">{texts.do.age_hint}</p>
      <Choices
        legend={texts.do.age_document}
        name="document"
        values={DOCUMENTS}
        chosen={given.document}
        choose={(document) => change({ document })}
        label={(one) => texts.do.document[one]}
      />
      <label class="option option-wide">
        <input
          type="checkbox"
          checked={given.ageMet}
          onChange={(event) => change({ ageMet: event.currentTarget.checked })}
        />
        <span>{fill(texts.do.age_met, { age })}</span>
      </label>
    </section>
  )
}

function More({ children }: { children: ComponentChildren }) {
  const { texts } = useApp()
  return (
    <details class="card more">
      <summary>{texts.do.more}</summary>
      <div class="stack">{children}</div>
    </details>
  )
}
