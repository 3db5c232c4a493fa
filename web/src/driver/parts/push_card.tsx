import { useApp } from '../app'

/** The switch for pushes to this phone, and its state. */
export function PushCard() {
  const { texts, push, online } = useApp()
  const { state, busy, late } = push
  if (!state) return null
  const said = {
    on: texts.settings.push_on,
    off: texts.settings.push_off,
    denied: texts.settings.push_denied,
    unsupported: texts.settings.push_none,
    install_first: texts.settings.push_none,
  }[state]
  const may = state === 'on' || state === 'off'
  return (
    <section class="card">
      <h2>{texts.settings.push}</h2>
      <p role="status">{said}</p>
      {late && <p class="bad">{texts.settings.push_late}</p>}
      {may && (
        <div class="acts">
          <button
            type="button"
            class={state === 'on' ? 'button button-quiet' : 'button'}
            aria-disabled={busy || !online}
            onClick={() => online && !busy && (state === 'on' ? void push.turnOff() : push.turnOn())}
          >
            {busy ? texts.settings.push_busy : state === 'on' ? texts.settings.push_turn_off : texts.settings.push_turn_on}
          </button>
        </div>
      )}
    </section>
  )
}
