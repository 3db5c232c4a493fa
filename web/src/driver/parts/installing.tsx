import { useState } from 'preact/hooks'
import { useApp } from '../app'
import { install, installWay } from '../worker'

/** The way to put the app on the home screen; nothing if it is there already, or if the browser offers no way. */
export function Installing() {
  const { texts } = useApp()
  const [way, set] = useState(installWay)
  if (way === 'installed' || way === 'none') return null
  return (
    <section class="card">
      <h2>{texts.settings.install}</h2>
      <p>{texts.settings.install_text}</p>
      {way === 'ask' ? (
        <div class="acts">
          <button type="button" class="button" onClick={() => void install().then(() => set(installWay()))}>
            {texts.settings.install_button}
          </button>
        </div>
      ) : (
        <p class="note">{texts.settings.install_ios}</p>
      )}
    </section>
  )
}
