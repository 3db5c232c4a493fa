import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app'

/** The browser's own offer to put the app on the home screen, kept until the driver wants it. */
interface Prompt extends Event {
  prompt: () => Promise<unknown>
}

let kept: Prompt | null = null
const heard = new Set<() => void>()
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  kept = event as Prompt
  for (const hear of heard) hear()
})

const isInstalled = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true

const isIos = (agent = navigator.userAgent): boolean => /iPhone|iPad/.test(agent)

/** How to put the app on the home screen; nothing where it is there already, or where the browser offers no way. */
export function Installing() {
  const { texts } = useApp()
  const [prompt, set] = useState(kept)
  useEffect(() => {
    const hear = (): void => set(kept)
    heard.add(hear)
    return () => void heard.delete(hear)
  }, [])
  if (isInstalled() || (!prompt && !isIos())) return null
  return (
    <section class="card">
      <h2>{texts.settings.install}</h2>
      <p>{texts.settings.install_text}</p>
      {prompt ? (
        <div class="acts">
          <button type="button" class="button" onClick={() => void prompt.prompt()}>
            {texts.settings.install_button}
          </button>
        </div>
      ) : (
        <p class="note">{texts.settings.install_ios}</p>
      )}
    </section>
  )
}
