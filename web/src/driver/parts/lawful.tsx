import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { ageOn, datesOf, localDay } from '../document'
import type { Range } from '../model'
import type { Disposed, IdRead } from '../steps'
import { Choices, TextField } from './fields'
import { Camera } from './scan'

export const DOCUMENTS = ['driving_licence', 'identity_card', 'passport'] as const
const UNREADABLE = ['no_barcode', 'damaged', 'foreign_document', 'camera_failed'] as const
export const RELATIONS = ['self', 'family', 'caregiver', 'facility_staff', 'neighbour', 'other'] as const
const DISPOSITIONS = ['returned_to_store', 'handed_to', 'destroyed'] as const
const LONGEST_NAME = 100

export const NOTHING_READ: IdRead = { document: null, scanned: false, unreadable: null, birthDate: '', expiresOn: '' }

/** The trouble with a document, or null; nothing can be said before its birth date is known. */
export function troubleOf(read: IdRead, age: number | null, today: string): 'underage' | 'expired' | null {
  if (!read.birthDate) return null
  if (age && ageOn(read.birthDate, today) < age) return 'underage'
  return read.expiresOn && read.expiresOn < today ? 'expired' : null
}

export const isRead = (read: IdRead): boolean =>
  read.document !== null && read.birthDate !== '' && (read.scanned || read.unreadable !== null)

/** An identity document: scanned, or typed with the reason. Its dates are neither shown to others nor kept. */
export function IdField(props: { age: number | null; read: IdRead; change: (read: IdRead) => void }) {
  const { texts, now } = useApp()
  const { age, read, change } = props
  const [typing, type] = useState(false)
  const [strange, say] = useState(false)
  const trouble = troubleOf(read, age, localDay(now()))
  const found = (text: string): void => {
    const dates = datesOf(text)
    say(!dates)
    if (!dates) return
    navigator.vibrate?.(80)
    change({ ...read, scanned: true, unreadable: null, birthDate: dates.birthDate, expiresOn: dates.expiresOn ?? '' })
  }
  const begin = (): void => {
    type(true)
    change({ ...NOTHING_READ, document: read.document })
  }
  return (
    <section class="card capture">
      <h2>{age === null ? texts.law.id : fill(texts.law.id_age, { age })}</h2>
      <p class="soft">{texts.law.id_hint}</p>
      <Choices
        legend={texts.do.age_document}
        name="id-document"
        values={DOCUMENTS}
        chosen={read.document}
        choose={(document) => change({ ...read, document })}
        label={(one) => texts.do.document[one]}
      />
      {!typing && !read.scanned && <Camera found={found} what="document" />}
      {!typing && (
        <button type="button" class="button button-quiet" onClick={begin}>
          {texts.law.id_type}
        </button>
      )}
      {typing && (
        <>
          <Choices
            legend={texts.law.id_why}
            name="id-unreadable"
            values={UNREADABLE}
            chosen={read.unreadable}
            choose={(unreadable) => change({ ...read, unreadable })}
            label={(one) => texts.law.unreadable[one]}
          />
          <DayField label={texts.law.birth_date} value={read.birthDate} write={(birthDate) => change({ ...read, birthDate })} />
          <DayField label={texts.law.expires_on} value={read.expiresOn} write={(expiresOn) => change({ ...read, expiresOn })} />
          <button
            type="button"
            class="button button-quiet"
            onClick={() => {
              type(false)
              change({ ...NOTHING_READ, document: read.document })
            }}
          >
            {texts.law.id_scan}
          </button>
        </>
      )}
      <p role="status" class={trouble || strange ? 'bad' : 'soft'}>
        {trouble
          ? fill(texts.law[trouble], { age: age ?? 0 })
          : strange
            ? texts.law.id_strange
            : isRead(read)
              ? texts.law.id_good
              : ''}
      </p>
    </section>
  )
}

function DayField({ label, value, write }: { label: string; value: string; write: (day: string) => void }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input type="date" value={value} autocomplete="off" onInput={(event) => write(event.currentTarget.value)} />
    </label>
  )
}

/** Sentences that the driver affirms, each by itself. */
export function AffirmField(props: { asked: readonly string[]; affirmed: readonly string[]; change: (all: string[]) => void }) {
  const { texts } = useApp()
  const { asked, affirmed, change } = props
  const words = texts.law.affirm as Record<string, string>
  return (
    <section class="card capture">
      <fieldset class="choices">
        <legend>{texts.law.affirm_legend}</legend>
        {asked.map((name) => (
          <label key={name} class="option option-wide">
            <input
              type="checkbox"
              checked={affirmed.includes(name)}
              onChange={(event) =>
                change(event.currentTarget.checked ? [...affirmed, name] : affirmed.filter((one) => one !== name))
              }
            />
            <span>{words[name] ?? name}</span>
          </label>
        ))}
      </fieldset>
    </section>
  )
}

/** The relation of whoever takes the goods to the one they are for. */
export function RelationField(props: { chosen: (typeof RELATIONS)[number] | null; choose: (one: (typeof RELATIONS)[number]) => void }) {
  const { texts } = useApp()
  return (
    <section class="card capture">
      <Choices
        legend={texts.law.relation_legend}
        name="relation"
        values={RELATIONS}
        chosen={props.chosen}
        choose={props.choose}
        label={(one) => texts.law.relation[one]}
      />
    </section>
  )
}

export const NUMBER = /^-?\d{1,2}([.,]\d{1,2})?$/

/** The number that was typed, with a decimal point or comma; null if it is none. */
export const celsiusOf = (typed: string): number | null =>
  NUMBER.test(typed.trim()) ? Number(typed.trim().replace(',', '.')) : null

/** True if there is a temperature within a range, or none is asked for. */
export const isWithin = (range: Range | null, celsius: number | null): boolean =>
  range === null ||
  (celsius !== null && celsius >= (range.least_c ?? -Infinity) && celsius <= (range.most_c ?? Infinity))

/** The temperature of the goods. */
export function TemperatureField(props: { range: Range | null; typed: string; write: (typed: string) => void }) {
  const { texts } = useApp()
  const { range, typed, write } = props
  const celsius = celsiusOf(typed)
  const outside = celsius !== null && !isWithin(range, celsius)
  return (
    <section class="card capture">
      <label class="field">
        <h2>{texts.law.temperature}</h2>
        <input
          class="number-input"
          inputmode="text"
          autocomplete="off"
          maxLength={6}
          value={typed}
          onInput={(event) => write(event.currentTarget.value)}
        />
        {range && (
          <span class="soft">
            {fill(texts.law.range, { least: range.least_c ?? '–', most: range.most_c ?? '–' })}
          </span>
        )}
      </label>
      <p role="status" class="bad">
        {outside && texts.law.out_of_range}
      </p>
    </section>
  )
}

export const isDisposed = (said: Disposed): boolean =>
  said.kind !== null && (said.kind === 'returned_to_store' || said.person.trim() !== '')

/** What became of goods that were not delivered. */
export function DispositionField(props: { said: Disposed; change: (said: Disposed) => void; back: boolean }) {
  const { texts } = useApp()
  const { said, change } = props
  const kinds = props.back ? DISPOSITIONS : DISPOSITIONS.slice(1)
  return (
    <section class="card capture">
      <Choices
        legend={texts.law.disposition_legend}
        name="disposition"
        values={kinds}
        chosen={said.kind}
        choose={(kind) => change({ ...said, kind })}
        label={(one) => texts.law.disposition[one]}
      />
      {said.kind && (
        <TextField
          label={texts.law.person[said.kind]}
          value={said.person}
          write={(person) => change({ ...said, person })}
          most={LONGEST_NAME}
        />
      )}
    </section>
  )
}
