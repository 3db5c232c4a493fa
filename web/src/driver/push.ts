/** Pushes to this phone: what is possible, and switching them on and off. */

export type PushState =
  /** This browser has no pushes. */
  | 'unsupported'
  /** On an iPhone only an app on the home screen gets pushes. */
  | 'install_first'
  /** The driver forbade notifications; only the settings of the browser can change that. */
  | 'denied'
  | 'off'
  | 'on'

/** The calls of the API that are needed, with a token. */
export interface PushApi {
  /** The public key and the ids of the driver's subscriptions. */
  read: () => Promise<{ publicKey: string; ids: string[] }>
  /** The answer is the id of the subscription. */
  put: (subscription: PushSubscriptionJSON) => Promise<string>
  remove: (id: string) => Promise<void>
}

/** The browser did not answer in time, as behind a firewall that lets no push service through. */
export class PushError extends Error {
  override name = 'PushError'
}

const LONGEST_SUBSCRIBE_MS = 15_000
const ID = 'push.subscription'

/** Milliseconds between two requests for offers and the route: longer while pushes come. */
export const lookEveryMs = (state: PushState): number => (state === 'on' ? 60_000 : 15_000)

/** The same while an offer stands: without pushes only a look tells that somebody was faster. */
export const lookAtOffersEveryMs = (every: number): number => (every === lookEveryMs('off') ? 5000 : every)

export async function pushState(registration: ServiceWorkerRegistration | null): Promise<PushState> {
  if (!registration?.pushManager || !('Notification' in window)) return needsInstall() ? 'install_first' : 'unsupported'
  if (Notification.permission === 'denied') return 'denied'
  const subscription = await inTime(registration.pushManager.getSubscription()).catch(() => null)
  return subscription && Notification.permission === 'granted' && localStorage.getItem(ID) ? 'on' : 'off'
}

/** Ask for permission, subscribe, and tell the API. Call it from a tap, or browsers do not ask. */
export async function enablePush(registration: ServiceWorkerRegistration, api: PushApi): Promise<PushState> {
  const permission = await Notification.requestPermission()
  if (permission !== 'granted') return permission === 'denied' ? 'denied' : 'off'
  const { publicKey } = await api.read()
  await register(await subscribed(registration.pushManager, publicKey), api)
  return 'on'
}

/** Switch pushes off, also at sign-out. */
export async function disablePush(registration: ServiceWorkerRegistration | null, api: PushApi): Promise<void> {
  const id = localStorage.getItem(ID)
  localStorage.removeItem(ID)
  const subscription = await inTime(registration?.pushManager?.getSubscription() ?? Promise.resolve(null)).catch(() => null)
  await subscription?.unsubscribe().catch(() => false)
  if (id) await api.remove(id)
}

/**
 * Put right what changed while the app was closed: browsers renew subscriptions, and the API lets go of old ones.
 *
 * Call it when the app opens with a network, and on the worker's message `resubscribe`.
 */
export async function mendPush(registration: ServiceWorkerRegistration, api: PushApi): Promise<PushState> {
  const wanted = localStorage.getItem(ID) !== null && Notification.permission === 'granted'
  if (!wanted) return pushState(registration)
  const { publicKey, ids } = await api.read()
  const known = await inTime(registration.pushManager.getSubscription())
  const same = known && ids.includes(localStorage.getItem(ID) ?? '') && isFor(known, publicKey)
  if (!same) await register(await subscribed(registration.pushManager, publicKey), api)
  return 'on'
}

async function register(subscription: PushSubscription, api: PushApi): Promise<void> {
  localStorage.setItem(ID, await api.put(subscription.toJSON()))
}

async function subscribed(manager: PushManager, publicKey: string): Promise<PushSubscription> {
  const known = await inTime(manager.getSubscription())
  if (known && isFor(known, publicKey)) return known
  // A subscription for another key takes no pushes of ours, and hinders a new one.
  await known?.unsubscribe()
  return inTime(manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) }))
}

function isFor({ options }: PushSubscription, publicKey: string): boolean {
  const key = options?.applicationServerKey
  if (!key) return true
  const wanted = bytesOf(publicKey)
  const has = new Uint8Array(key)
  return has.length === wanted.length && has.every((byte, index) => byte === wanted[index])
}

/** base64url as bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

/** Subscribing may hang for ever, so nobody waits longer than this. */
function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new PushError('the push service does not answer'))
    const timer = setTimeout(late, LONGEST_SUBSCRIBE_MS)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

const needsInstall = (): boolean =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) && !matchMedia('(display-mode: standalone)').matches
