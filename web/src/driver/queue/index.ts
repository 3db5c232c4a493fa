import { DeviceStore, type Store } from './store'
import { type Ports, Queue } from './queue'
import type { Send } from './transmission'

export { applied } from './applied'
export { type Action, type Input, type Kind, type Picture, type Refusal, SignInNeededError, StorageFullError } from './model'
export { type Answered, Queue, type Status } from './queue'
export type { Kept } from './store'
export type { Send, Trouble } from './transmission'

export interface Opening {
  /** The user name of the driver who is signed in. */
  owner: string
  send: Send
  now?: () => number
  store?: Store
}

const EVERY_MS = 30_000

/** Open the queue of a driver, and let it send whenever there is a chance that it can. */
export async function openQueue({ owner, send, now = Date.now, store = new DeviceStore() }: Opening): Promise<Queue> {
  const channel = new BroadcastChannel('driver-queue')
  const ended = new AbortController()
  const { signal } = ended
  const ports: Ports = {
    owner,
    send,
    now,
    store,
    locks: navigator.locks,
    monotonic: () => performance.now(),
    ids: () => crypto.randomUUID(),
    tell: () => {
      if (!signal.aborted) channel.postMessage('changed')
    },
    later: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  }
  const queue = new Queue(ports)
  const drain = (): void => void queue.drain()
  const look = (): void => {
    if (!document.hidden) drain()
  }
  channel.addEventListener('message', () => void queue.refresh(), { signal })
  window.addEventListener('online', drain, { signal })
  document.addEventListener('visibilitychange', look, { signal })
  // The worker passes pushes on; whatever came, the network works.
  navigator.serviceWorker?.addEventListener('message', drain, { signal })
  const timer = setInterval(() => {
    void queue.tidy().catch(() => {})
    if (!document.hidden) void queue.resume()
  }, EVERY_MS)

  const close = queue.close.bind(queue)
  queue.close = () => {
    ended.abort()
    clearInterval(timer)
    close()
    channel.close()
  }
  await queue.start()
  return queue
}
