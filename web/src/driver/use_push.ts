import { useEffect, useState } from 'preact/hooks'
import { api } from '../parts/client'
import { type PushApi, type PushState, disablePush, enablePush, mendPush } from './push'
import { bodyOf } from './reading'
import { askToKeep, registerWorker } from './worker'

const LONGEST_ANSWER_MS = 15_000
const signal = (): AbortSignal => AbortSignal.timeout(LONGEST_ANSWER_MS)

const PUSHES: PushApi = {
  read: async () => {
    const { public_key, subscriptions } = bodyOf(await api.GET('/v1/driver/push', { signal: signal() }))
    return { publicKey: public_key, ids: subscriptions.map((one) => one.subscription_id) }
  },
  put: async ({ endpoint = '', keys, expirationTime }) => {
    const { p256dh = '', auth = '' } = keys ?? {}
    const body = { endpoint, keys: { p256dh, auth }, expirationTime: expirationTime ?? null }
    return bodyOf(await api.PUT('/v1/driver/push/subscriptions', { body, signal: signal() })).subscription_id
  },
  remove: async (subscription_id) => {
    const params = { path: { subscription_id } }
    await api.DELETE('/v1/driver/push/subscriptions/{subscription_id}', { params, signal: signal() })
  },
}

export interface Pushing {
  state: PushState | null
  /** True while the phone is asked. */
  busy: boolean
  /** True if the phone did not answer in time. */
  late: boolean
  turnOn: () => void
  turnOff: () => Promise<void>
  /** Loads a new version of the app; null if there is none. */
  update: (() => void) | null
}

/** The worker of the app, and pushes to this phone. */
export function usePush(): Pushing {
  const [registration, setRegistration] = useState<ServiceWorkerRegistration | null>(null)
  const [{ state, busy, late }, set] = useState<Pick<Pushing, 'state' | 'busy' | 'late'>>({
    state: null,
    busy: false,
    late: false,
  })
  const [update, setUpdate] = useState<(() => void) | null>(null)

  useEffect(() => {
    let gone = false
    const mend = async (known: ServiceWorkerRegistration): Promise<void> => {
      const mended = await mendPush(known, PUSHES).catch(() => null)
      if (!gone && mended) set((before) => ({ ...before, state: mended }))
    }
    const open = async (): Promise<void> => {
      void askToKeep()
      const known = await registerWorker({ onWaiting: (take) => setUpdate(() => take) })
      if (gone) return
      setRegistration(known)
      if (known) await mend(known)
      else set((before) => ({ ...before, state: 'unsupported' }))
    }
    const hear = ({ data }: MessageEvent<{ resubscribe?: boolean } | null>): void => {
      if (data?.resubscribe) void navigator.serviceWorker.ready.then(mend)
    }
    navigator.serviceWorker?.addEventListener('message', hear)
    void open()
    return () => {
      gone = true
      navigator.serviceWorker?.removeEventListener('message', hear)
    }
  }, [])

  const turnOn = async (): Promise<void> => {
    if (!registration || busy) return
    set((before) => ({ ...before, busy: true, late: false }))
    try {
      const on = await enablePush(registration, PUSHES)
      set({ state: on, busy: false, late: false })
    } catch {
      set((before) => ({ ...before, busy: false, late: true }))
    }
  }
  const turnOff = async (): Promise<void> => {
    set((before) => ({ ...before, busy: true }))
    await disablePush(registration, PUSHES).catch(() => {})
    set({ state: 'off', busy: false, late: false })
  }
  return { state, busy, late, turnOn: () => void turnOn(), turnOff, update }
}
