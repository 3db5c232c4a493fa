import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type PushApi, PushError, bytesOf, disablePush, enablePush, lookEveryMs, mendPush, pushState } from './push'

const KEY = 'BAEC'
const OTHER_KEY = 'BAED'

let permission: NotificationPermission
let subscription: PushSubscription | null
let subscribes: () => Promise<PushSubscription>
let calls: string[]
let ids: string[]

const subscriptionFor = (key: string, endpoint = 'https://push.example/1'): PushSubscription =>
  ({
    endpoint,
    options: { userVisibleOnly: true, applicationServerKey: bytesOf(key).buffer },
    toJSON: () => ({ endpoint }),
    unsubscribe: async () => {
      calls.push('unsubscribe')
      subscription = null
      return true
    },
  }) as unknown as PushSubscription

const registration = {
  pushManager: {
    getSubscription: async () => subscription,
    subscribe: async () => {
      calls.push('subscribe')
      return (subscription = await subscribes())
    },
  },
} as unknown as ServiceWorkerRegistration

const api: PushApi = {
  read: async () => ({ publicKey: KEY, ids }),
  put: async ({ endpoint }) => {
    calls.push(`put ${endpoint}`)
    ids = ['s1']
    return 's1'
  },
  remove: async (id) => {
    calls.push(`remove ${id}`)
  },
}

beforeEach(() => {
  permission = 'granted'
  subscription = null
  subscribes = async () => subscriptionFor(KEY)
  calls = []
  ids = []
  localStorage.clear()
  vi.stubGlobal('Notification', {
    get permission() {
      return permission
    },
    requestPermission: async () => permission,
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('pushes', () => {
  it('are off until they are switched on, and on until they are switched off', async () => {
    expect(await pushState(registration)).toBe('off')
    expect(await enablePush(registration, api)).toBe('on')
    expect(await pushState(registration)).toBe('on')
    await disablePush(registration, api)
    expect(await pushState(registration)).toBe('off')
    expect(calls).toEqual(['subscribe', 'put https://push.example/1', 'unsubscribe', 'remove s1'])
  })

  it('are denied if the driver forbids them, and asked for nothing then', async () => {
    permission = 'denied'
    expect(await enablePush(registration, api)).toBe('denied')
    expect(await pushState(registration)).toBe('denied')
    expect(calls).toEqual([])
  })

  it('are not waited for longer than a while, because subscribing may hang for ever', async () => {
    vi.useFakeTimers()
    subscribes = () => new Promise(() => {})
    const outcome = enablePush(registration, api).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await outcome).toBeInstanceOf(PushError)
    expect(calls).not.toContain('put https://push.example/1')
  })

  it('are subscribed to anew if the subscription is for another key', async () => {
    subscription = subscriptionFor(OTHER_KEY)
    await enablePush(registration, api)
    expect(calls).toEqual(['unsubscribe', 'subscribe', 'put https://push.example/1'])
  })

  it('are mended when the API or the browser let go of the subscription, and left alone otherwise', async () => {
    await enablePush(registration, api)
    calls = []
    expect(await mendPush(registration, api)).toBe('on')
    expect(calls).toEqual([])
    ids = []
    await mendPush(registration, api)
    expect(calls).toEqual(['put https://push.example/1'])
    subscription = null
    calls = []
    await mendPush(registration, api)
    expect(calls).toEqual(['subscribe', 'put https://push.example/1'])
  })

  it('are not switched on by mending', async () => {
    expect(await mendPush(registration, api)).toBe('off')
    expect(calls).toEqual([])
  })

  it('are not there without a worker', async () => {
    expect(await pushState(null)).toBe('unsupported')
  })

  it('make the app ask less often', () => {
    expect([lookEveryMs('on'), lookEveryMs('off'), lookEveryMs('denied')]).toEqual([60_000, 15_000, 15_000])
  })
})
