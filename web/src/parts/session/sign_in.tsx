import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refusal } from '../client'
import { fill } from '../texts'
import { isStrong, rulesOf } from './passwords'
import { SecretToKeep } from './secret'
import { type Outcome, session, useSession } from './session'
import type { Texts } from './texts'
import './sign_in.css'

interface SignInProps {
  /** The name of the page, above the form. */
  page: string
  texts: Texts
  language: string
  /** What may be done instead of signing in. */
  beside?: ComponentChildren
}

type Forgotten = { username: string; sent: boolean }

/** The forms to sign in: password, then what Cognito asks for, or a new password by a mailed code. */
export function SignIn({ page, texts, language, beside }: SignInProps) {
  const { challenge } = useSession()
  const [forgotten, setForgotten] = useState<Forgotten | null>(null)
  const [username, setUsername] = useState('')
  const [saved, setSaved] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [busy, setBusy] = useState(false)
  const sending = useRef(false)
  const place = useRef<HTMLElement>(null)
  const step = challenge?.kind ?? (forgotten ? (forgotten.sent ? 'confirm' : 'forgotten') : 'password')

  const first = useRef(step)
  useEffect(() => {
    // The first empty field of a later step takes the focus; the first step takes none.
    if (first.current === step) return
    first.current = ''
    const empty = [...(place.current?.querySelectorAll('input') ?? [])].find((one) => !one.readOnly && !one.value)
    ;(empty ?? place.current?.querySelector('input'))?.focus()
  }, [step])

  const send = async (request: () => Promise<Outcome>, then?: () => void): Promise<void> => {
    if (sending.current) return
    sending.current = true
    setBusy(true)
    setRefusal(null)
    setSaved(false)
    const outcome = await request()
    sending.current = false
    setBusy(false)
    if (outcome.done) then?.()
    else setRefusal(outcome.refusal)
  }
  const goTo = (next: Forgotten | null): void => {
    setRefusal(null)
    setSaved(false)
    setForgotten(next)
    session.giveUp()
  }
  const weak = (): void => setRefusal({ status: 422, code: 'weak_password', retryAfterS: null })
  const shared = { texts, busy, told: refusal && sentence(refusal, texts, language) }

  const steps = {
    password: () => (
      <Form
        {...shared}
        title={texts.title}
        lead={saved ? texts.forgotten.saved : null}
        label={texts.sign_in}
        submit={(field) => {
          setUsername(field('username'))
          void send(() => session.signIn(field('username'), field('password')))
        }}
        other={{ label: texts.forgot, go: () => goTo({ username, sent: false }) }}
      >
        <Field name="username" label={texts.username_or_email} autocomplete="username" value={username} set={setUsername} />
        <PasswordField name="password" label={texts.password} autocomplete="current-password" texts={texts} />
      </Form>
    ),
    new_password: () => (
      <Form
        {...shared}
        title={texts.new_password.title}
        lead={texts.new_password.lead}
        label={texts.new_password.save}
        submit={(field) => {
          const password = field('password')
          if (isStrong(password)) void send(() => session.answer(password))
          else weak()
        }}
        other={{ label: texts.back, go: () => goTo(null) }}
      >
        <Field name="username" label={texts.username} autocomplete="username" value={challenge?.username ?? ''} />
        <NewPassword texts={texts} />
      </Form>
    ),
    totp: () => (
      <Form
        {...shared}
        title={texts.totp.title}
        lead={texts.totp.lead}
        label={texts.totp.send}
        submit={(field) => void send(() => session.answer(digits(field('code'))))}
        other={{ label: texts.back, go: () => goTo(null) }}
      >
        <CodeField label={texts.totp.label} />
      </Form>
    ),
    totp_setup: () => (
      <Form
        {...shared}
        title={texts.totp_setup.title}
        lead={texts.totp_setup.lead}
        label={texts.totp.send}
        submit={(field) => void send(() => session.answer(digits(field('code'))))}
        other={{ label: texts.back, go: () => goTo(null) }}
      >
        <SecretToKeep secret={challenge?.secret ?? ''} uri={challenge?.uri ?? ''} texts={texts} />
        <CodeField label={texts.totp.label} />
      </Form>
    ),
    forgotten: () => (
      <Form
        {...shared}
        title={texts.forgotten.title}
        lead={texts.forgotten.lead}
        label={texts.forgotten.send}
        submit={(field) => {
          const name = field('username')
          setUsername(name)
          void send(
            () => session.sendCode(name),
            () => setForgotten({ username: name, sent: true }),
          )
        }}
        other={{ label: texts.back, go: () => goTo(null) }}
      >
        <Field name="username" label={texts.username_or_email} autocomplete="username" value={username} set={setUsername} />
      </Form>
    ),
    confirm: () => (
      <Form
        {...shared}
        title={texts.forgotten.title}
        lead={texts.forgotten.sent}
        label={texts.forgotten.save}
        submit={(field) => {
          const password = field('password')
          if (!isStrong(password)) return weak()
          void send(
            () => session.replacePassword(forgotten?.username ?? '', digits(field('code')), password),
            () => {
              setForgotten(null)
              setSaved(true)
            },
          )
        }}
        other={{ label: texts.forgotten.again, go: () => goTo({ username, sent: false }) }}
      >
        <Field name="username" label={texts.username} autocomplete="username" value={forgotten?.username ?? ''} />
        <CodeField label={texts.forgotten.code} />
        <NewPassword texts={texts} />
      </Form>
    ),
  }
  return (
    <main class="sign-in" ref={place}>
      <p class="sign-in-page">{page}</p>
      {steps[step]()}
      {step === 'password' && beside && <p class="sign-in-beside">{beside}</p>}
    </main>
  )
}

const digits = (typed: string): string => typed.replace(/\s/g, '')

function sentence({ code, retryAfterS }: Refusal, texts: Texts, language: string): string {
  const known = code in texts.refused ? texts.refused[code as keyof Texts['refused']] : texts.refused.other
  return fill(known, { wait: duration(retryAfterS ?? 60, language) })
}

/** "40 seconds", "3 minutes". */
function duration(seconds: number, language: string): string {
  const minutes = seconds > 90
  const unit = minutes ? 'minute' : 'second'
  const value = minutes ? Math.ceil(seconds / 60) : Math.ceil(seconds)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

interface FormProps {
  texts: Texts
  busy: boolean
  told: string | null
  title: string
  lead: string | null
  label: string
  submit: (field: (name: string) => string) => void
  other: { label: string; go: () => void }
  children: ComponentChildren
}

function Form({ texts, busy, told, title, lead, label, submit, other, children }: FormProps) {
  return (
    <form
      key={title + label}
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault()
        const form = event.currentTarget
        submit((name) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? '')
      }}
    >
      <h1>{title}</h1>
      {lead && <p role="status">{lead}</p>}
      <p role="alert" class="sign-in-told">
        {told}
      </p>
      {children}
      <button type="submit" class="button" aria-disabled={busy}>
        {busy ? texts.busy : label}
      </button>
      <button type="button" class="sign-in-other" onClick={other.go}>
        {other.label}
      </button>
    </form>
  )
}

interface FieldProps {
  name: string
  label: string
  autocomplete: string
  value: string
  /** Left out for a field that only password managers and readers need. */
  set?: (value: string) => void
}

function Field({ name, label, autocomplete, value, set }: FieldProps) {
  return (
    <label class="sign-in-field">
      {label}
      <input
        name={name}
        type="text"
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        maxLength={128}
        required
        readOnly={!set}
        value={value}
        onInput={(event) => set?.(event.currentTarget.value.trim())}
      />
    </label>
  )
}

function CodeField({ label }: { label: string }) {
  return (
    <label class="sign-in-field">
      {label}
      <input
        name="code"
        type="text"
        inputMode="numeric"
        autocomplete="one-time-code"
        pattern="\s*([0-9]\s*){6}"
        maxLength={12}
        required
      />
    </label>
  )
}

interface PasswordFieldProps {
  name: string
  label: string
  autocomplete: string
  texts: Texts
  described?: string
  typed?: (value: string) => void
}

function PasswordField({ name, label, autocomplete, texts, described, typed }: PasswordFieldProps) {
  const [shown, show] = useState(false)
  return (
    <div class="sign-in-field">
      <label class="sign-in-field">
        {label}
        <input
          name={name}
          type={(shown ? 'text' : 'password') as 'password'}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          maxLength={256}
          required
          aria-describedby={described}
          onInput={(event) => typed?.(event.currentTarget.value)}
        />
      </label>
      <label class="sign-in-show">
        <input type="checkbox" checked={shown} onChange={(event) => show(event.currentTarget.checked)} />
        {texts.show}
      </label>
    </div>
  )
}

/** A field for a new password under its rules, each of which shows when it is met. */
function NewPassword({ texts }: { texts: Texts }) {
  const [password, type] = useState('')
  const words = texts.new_password
  return (
    <>
      <div id="rules" class="sign-in-rules">
        <p>{words.rules}</p>
        <ul>
          {Object.entries(rulesOf(password)).map(([rule, met]) => (
            <li key={rule} data-met={met}>
              {words[rule as keyof typeof words]}
              {met && <span class="unseen"> ({words.met})</span>}
            </li>
          ))}
        </ul>
      </div>
      <PasswordField
        name="password"
        label={words.label}
        autocomplete="new-password"
        texts={texts}
        described="rules"
        typed={type}
      />
    </>
  )
}
