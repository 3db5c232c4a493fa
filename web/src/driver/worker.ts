/** The page's side of the worker: it is registered, told what to keep, and takes over when the app has nothing open. */

import { go } from './address'

const SCRIPT = '/driver-worker.js'
const LOOK_EVERY_MS = 3_600_000

/**
 * Make the app open without network. Nothing happens in a browser without workers.
 *
 * @param isIdle true while a reload would lose nothing: a new version takes over then, once nobody looks
 */
export async function registerWorker(isIdle: () => boolean): Promise<ServiceWorkerRegistration | null> {
  const { serviceWorker } = navigator
  if (!serviceWorker) return null
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ open?: string } | null>) => {
    const [screen, id] = data?.open?.split('/') ?? []
    if (screen) go(screen, id && decodeURIComponent(id))
  })
  try {
    const registration = await serviceWorker.register(SCRIPT, { scope: '/' })
    document.addEventListener('visibilitychange', () => {
      const { waiting } = registration
      if (document.hidden && waiting && isIdle()) take(waiting)
    })
    setInterval(() => document.hidden || void registration.update().catch(() => {}), LOOK_EVERY_MS)
    const { active } = await serviceWorker.ready
    active?.postMessage({ keep: true })
    return registration
  } catch {
    return null // the app works without, as long as there is a network
  }
}

function take(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage({ take: true })
}

/** Ask the browser not to clear what the app keeps. Call it once somebody has signed in. */
export async function askToKeep(): Promise<void> {
  const { storage } = navigator
  if (await storage?.persisted?.()) return
  await storage?.persist?.()
}
