import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { useApp } from '../app'
import { useAnswer } from './use_answer'
import { refusalSaid } from './words'

type Secret = Schemas['TotpView']

const LONGEST_ANSWER_MS = 15_000

/** Turns on a second factor: a code of an authenticator app. */
export function SecondFactor() {
  const app = useApp()
  const { texts, online } = app
  const { ask, busy, failed } = useAnswer()
  const [secret, set] = useState<Secret | null>(null)
  const [code, write] = useState('')
  const [on, turn] = useState(false)
  const signal = (): AbortSignal => AbortSignal.timeout(LONGEST_ANSWER_MS)

  const start = (): Promise<boolean> =>
    ask(async () => {
      const answer = await api.POST('/v1/session/totp', { signal: signal() })
      if (answer.data) set(answer.data)
      return answer
    })
  const confirm = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (await ask(() => api.PUT('/v1/session/totp', { body: { code }, signal: signal() }))) turn(true)
  }
  return (
    <section class="card">
      <h2>{texts.settings.second_factor}</h2>
      {on ? (
        <p role="status">{texts.settings.second_factor_on}</p>
      ) : secret ? (
        <form class="stack" onSubmit={(event) => void confirm(event)}>
          <p>{texts.settings.second_factor_secret}</p>
          <p class="secret">
            <code>{secret.secret}</code>
          </p>
          <a class="way" href={secret.uri}>
            {texts.settings.second_factor_open}
          </a>
          <label class="field">
            {texts.settings.second_factor_code}
            <input
              inputmode="numeric"
              autocomplete="one-time-code"
              pattern="\d{6}"
              maxLength={6}
              required
              value={code}
              onInput={(event) => write(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button" aria-disabled={busy}>
            {texts.settings.second_factor_confirm}
          </button>
        </form>
      ) : (
        <>
          <p>{texts.settings.second_factor_text}</p>
          <button
            type="button"
            class="button button-quiet"
            aria-disabled={busy || !online}
            onClick={() => online && void start()}
          >
            {texts.settings.second_factor_start}
          </button>
        </>
      )}
      <p role="status" class="bad">
        {failed && refusalSaid(app, failed)}
      </p>
    </section>
  )
}
