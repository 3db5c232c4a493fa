/** The page's side of the worker: it is registered, told what to keep, and takes over when the app has nothing open. */

import { go } from './address'

const SCRIPT = '/driver-worker.js'
const LOOK_EVERY_MS = 3_600_000

export interface Updates {
  /** A new version is ready; `take` loads it. */
  onWaiting: (take: () => void) => void
}

/** Make the app open without network. Nothing happens in a browser without workers. */
export async function registerWorker({ onWaiting }: Updates): Promise<ServiceWorkerRegistration | null> {
  const { serviceWorker } = navigator
  if (!serviceWorker) return null
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ open?: string } | null>) => {
    const [screen, id] = data?.open?.split('/') ?? []
    if (screen) go(screen, id && decodeURIComponent(id))
  })
  try {
    const registration = await serviceWorker.register(SCRIPT, { scope: '/' })
    watch(registration, onWaiting)
    setInterval(() => document.hidden || void registration.update().catch(() => {}), LOOK_EVERY_MS)
    const { active } = await serviceWorker.ready
    active?.postMessage({ keep: true })
    return registration
  } catch {
    return null // the app works without, as long as there is a network
  }
}

function watch(registration: ServiceWorkerRegistration, onWaiting: Updates['onWaiting']): void {
  const { serviceWorker } = navigator
  const look = (): void => {
    const { waiting } = registration
    if (waiting && serviceWorker.controller) onWaiting(() => take(waiting))
  }
  look()
  registration.addEventListener('updatefound', () => {
    const { installing } = registration
    installing?.addEventListener('statechange', look)
  })
}

function take(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage({ take: true })
}

/** Room on the phone, in bytes; null if the browser does not tell. */
export async function room(): Promise<{ used: number; free: number } | null> {
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {}
  return usage === undefined || quota === undefined ? null : { used: usage, free: Math.max(0, quota - usage) }
}

/** Ask the browser not to clear what the app keeps; true if it promised. Call it at sign-in. */
export async function askToKeep(): Promise<boolean> {
  const { storage } = navigator
  return (await storage?.persisted?.().catch(() => false)) || (await storage?.persist?.().catch(() => false)) || false
}

/** The way to put the app on the home screen: by the browser's own question, or by hand on an iPhone. */
export type Install = 'installed' | 'ask' | 'by_hand' | 'none'

interface InstallEvent extends Event {
  prompt: () => Promise<unknown>
}
let asked: InstallEvent | null = null
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  asked = event as InstallEvent
})

export function installWay(): Install {
  const alone = matchMedia('(display-mode: standalone)').matches || 'standalone' in navigator && navigator.standalone === true
  if (alone) return 'installed'
  if (asked) return 'ask'
  const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)
  return isApple ? 'by_hand' : 'none'
}

/** Show the browser's question. It can be asked once. */
export async function install(): Promise<void> {
  const event = asked
  asked = null
  await event?.prompt()
}
