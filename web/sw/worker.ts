/// <reference lib="webworker" />
/**
 * The worker of the driver's app: it opens the app without network and shows what was pushed.
 *
 * It never touches calls of the API. It covers the whole origin, because workers of the map and of the scanner lie
 * outside /driver/; pages other than the driver's go to the network as if it were not there.
 */

import { type Push, noticeOf } from './notices'
import { HOME, type Shell, answer, clear, install, warm } from './shell'

declare const self: ServiceWorkerGlobalScope

const shell: Shell = { version: VERSION, first: SHELL, later: LATER }

self.addEventListener('install', (event) => event.waitUntil(install(shell)))

// A new version waits until the app says so: the screens of a route that is under way do not change.
self.addEventListener('activate', (event) => event.waitUntil(clear(shell).then(() => self.clients.claim())))

self.addEventListener('message', (event) => {
  const { take, keep } = (event.data ?? {}) as { take?: boolean; keep?: boolean }
  if (take) event.waitUntil(self.skipWaiting())
  if (keep) event.waitUntil(warm(shell))
})

self.addEventListener('fetch', (event) => {
  const answered = answer(event.request, shell, self.location.origin)
  if (answered) event.respondWith(answered)
})

self.addEventListener('push', (event) => event.waitUntil(show(read(event.data))))

function read(data: PushMessageData | null): Push | null {
  try {
    return (data?.json() ?? null) as Push | null
  } catch {
    return null
  }
}

/** Always shown: browsers take the right to push away from an app that stays silent. */
async function show(push: Push | null): Promise<void> {
  const apps = await openApps()
  for (const app of apps) app.postMessage({ push })
  const seen = apps.some((app) => app.visibilityState === 'visible')
  const { title, open, silent, ...rest } = noticeOf(push, self.navigator.languages)
  await self.registration.showNotification(title, {
    ...rest,
    silent: silent || seen,
    icon: '/driver-192.png',
    badge: '/driver-badge.png',
    data: { open },
  })
}

async function openApps(): Promise<readonly WindowClient[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  return windows.filter((one) => new URL(one.url).pathname.startsWith(HOME))
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const { open } = (event.notification.data ?? {}) as { open?: string }
  event.waitUntil(openAt(open ?? 'route'))
})

async function openAt(screen: string): Promise<void> {
  const [app] = await openApps()
  if (!app) return void (await self.clients.openWindow(`${HOME}#/${screen}`))
  app.postMessage({ open: screen })
  await app.focus()
}

// Only a page has the token with which the API is told: it asks for a new subscription when it opens.
self.addEventListener('pushsubscriptionchange', (event) => {
  const told = async (): Promise<void> => {
    for (const app of await openApps()) app.postMessage({ resubscribe: true })
  }
  ;(event as ExtendableEvent).waitUntil(told())
})
