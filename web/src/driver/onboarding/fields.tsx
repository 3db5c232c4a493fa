import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { fill } from '../../parts/texts'
import type { OnboardingTexts } from './texts'
import { type Send, useSend } from './use_send'

type AutoFill = NonNullable<preact.InputHTMLAttributes<HTMLInputElement>['autocomplete']>

interface FieldProps {
  name: string
  label: string
  type?: 'text' | 'email' | 'tel' | 'date' | 'number'
  required?: boolean
  maxLength?: number | undefined
  minLength?: number | undefined
  pattern?: string | undefined
  min?: number | string | undefined
  max?: number | string | undefined
  autocomplete?: AutoFill | undefined
  inputmode?: 'numeric' | 'tel' | 'email' | 'text' | undefined
  defaultValue?: string | number | undefined
}

/** A field with its label. */
export function Field({ label, required = true, type = 'text', ...rest }: FieldProps) {
  // The types of inputs have roles of their own, which the compiler can't tell from a type that is not known.
  const all = { type, required, ...rest } as preact.InputHTMLAttributes<HTMLInputElement>
  return (
    <label class="field">
      {label}
      <input {...all} />
    </label>
  )
}

/** A choice of one of several. */
export function Choice(props: { name: string; label: string; of: Record<string, string>; chosen?: string }) {
  return (
    <label class="field">
      {props.label}
      <select name={props.name} defaultValue={props.chosen} required>
        {Object.entries(props.of).map(([value, text]) => (
          <option key={value} value={value} selected={value === props.chosen}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A sentence that is agreed to. */
export function Tick({ name, required = true, children }: { name: string; required?: boolean; children: ComponentChildren }) {
  return (
    <label class="tick">
      <input type="checkbox" name={name} required={required} />
      <span>{children}</span>
    </label>
  )
}

export function AddressFields({ texts }: { texts: OnboardingTexts }) {
  const words = texts.address
  return (
    <>
      <Field name="street" label={words.street} maxLength={120} autocomplete="address-line1" />
      <Field name="unit" label={words.unit} required={false} maxLength={120} autocomplete="address-line2" />
      <Field name="city" label={words.city} maxLength={120} autocomplete="address-level2" />
      <Field name="state" label={words.state} pattern="[A-Za-z]{2}" maxLength={2} autocomplete="address-level1" />
      <Field name="zip" label={words.zip} pattern="[0-9]{5}(-[0-9]{4})?" inputmode="numeric" autocomplete="postal-code" />
    </>
  )
}

export type Given = (name: string) => string

export const addressOf = (given: Given) => ({
  street: given('street'),
  unit: given('unit') || null,
  city: given('city'),
  state: given('state').toUpperCase(),
  zip: given('zip'),
})

interface FormProps {
  texts: OnboardingTexts
  label: string
  send: (given: Given) => ReturnType<Send>
  done: () => void
  children: ComponentChildren
}

/** A form that is sent once at a time; a refusal is read out above it, and what was typed stays. */
export function Form({ texts, label, send, done, children }: FormProps) {
  const { busy, told, ask } = useSend(texts)
  const form = useRef<HTMLFormElement>(null)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!form.current) return
    const data = new FormData(form.current)
    const given: Given = (name) => String(data.get(name) ?? '').trim()
    if (await ask(() => send(given))) done()
  }
  return (
    <form ref={form} class="stack giving" aria-busy={busy} onSubmit={(event) => void submit(event)}>
      <p role="alert" class="bad">
        {told && fill(told.words, { detail: told.detail })}
      </p>
      {children}
      <button type="submit" class="button button-big" aria-disabled={busy}>
        {busy ? texts.busy : label}
      </button>
    </form>
  )
}
