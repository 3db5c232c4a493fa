// @vitest-environment node
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { hashed } from '../picture'
import { digestOf } from './digest'
import { SignInNeededError, StorageFullError } from './model'
import type { Ports } from './queue'
import * as steps from './steps'
import { DeviceStore, type Store } from './store'
import type { Send } from './transmission'
import { NOON, json, queueWith } from './testing/fixtures'
import { MemoryStore } from './testing/memory'

vi.stubGlobal('location', { origin: 'https://pages.example' })

const PHOTO = new Blob([new Uint8Array([1, 2, 3])], { type: 'image/jpeg' })
const problem = (status: number, code: string, detail = 'So it is.') => json({ code, detail }, status)

/** A server that remembers what it was sent and answers by a plan, then with 200. */
function server(...plan: (Response | Error)[]): { send: Send; calls: string[]; requests: Request[] } {
  const calls: string[] = []
  const requests: Request[] = []
  const send: Send = async (request) => {
    requests.push(request)
    calls.push(`${request.method} ${new URL(request.url).pathname.replace('/v1/driver/', '')}`)
    const answer = plan.shift() ?? json({})
    if (answer instanceof Error) throw answer
    return answer
  }
  return { send, calls, requests }
}

let stores: Record<string, () => Store>
beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  let count = 0
  stores = { memory: () => new MemoryStore(), device: () => new DeviceStore(`driver-${++count}`) }
})

describe.each(['memory', 'device'])('a queue on the store of kind %s', (kind) => {
  const open = (changes: Partial<Ports> = {}) => queueWith({ store: stores[kind]!(), ...changes })
  const settled = async (queue: ReturnType<typeof open>['queue']) => {
    await queue.drain()
    return (await queue.actions()).map((one) => [one.kind, one.state])
  }

  it('sends in order, with an id and a digest over method, address and body', async () => {
    const { send, calls, requests } = server()
    const { queue } = open({ send })
    const [first] = await queue.add([steps.arrive('d1', 'dropoff'), steps.deliver('d1', { pin: '4821' })])
    await queue.drain()
    expect(calls).toEqual(['POST deliveries/d1/arrive', 'POST deliveries/d1/deliver'])
    const [request] = requests
    const body = new Uint8Array(await request!.arrayBuffer())
    expect(JSON.parse(new TextDecoder().decode(body))).toEqual({ stop: 'dropoff', device_at: '2026-06-05T12:00:00.000Z' })
    expect(request!.headers.get('action-id')).toBe(first!.id)
    const digest = await digestOf('POST', '/v1/driver/deliveries/d1/arrive', body)
    expect(request!.headers.get('action-digest')).toBe(digest)
  })

  it('sends a photo before the step that needs it, and lets go of it then', async () => {
    const { send, calls, requests } = server()
    const { queue, ports } = open({ send })
    const picture = await hashed(PHOTO)
    await queue.add([steps.proof('d1', 'photo', picture), steps.deliver('d1')])
    await queue.drain()
    expect(calls).toEqual(['PUT deliveries/d1/proofs/photo', 'POST deliveries/d1/deliver'])
    expect(new Uint8Array(await requests[0]!.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]))
    expect(requests[0]!.headers.get('content-type')).toBe('image/jpeg')
    expect(await ports.store.change((change) => change.picture(picture.sha256))).toBeUndefined()
  })

  it('lets a call for help overtake a photo that is under way, and sends the photo then', async () => {
    const calls: string[] = []
    const send: Send = (request) => {
      const hangs = !calls.length
      calls.push(`${request.method} ${new URL(request.url).pathname.replace('/v1/driver/', '')}`)
      if (!hangs) return Promise.resolve(json({}))
      return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)))
    }
    const { queue } = open({ send })
    await queue.add([steps.proof('d1', 'photo', await hashed(PHOTO)), steps.deliver('d1')])
    await vi.waitFor(() => expect(calls).toHaveLength(1))
    await queue.add(steps.emergency(null))
    await vi.waitFor(() => expect(calls).toHaveLength(4))
    const photo = 'PUT deliveries/d1/proofs/photo'
    expect(calls).toEqual([photo, 'POST emergencies', photo, 'POST deliveries/d1/deliver'])
  })

  it('keeps one copy of a photo for ten parcels, until the last one has it', async () => {
    const { send } = server(json({}), new TypeError('no network'))
    const { queue, ports } = open({ send })
    const picture = await hashed(PHOTO)
    const held = () => ports.store.change((change) => change.picture(picture.sha256))
    await queue.add(['d1', 'd2'].map((id) => steps.proof(id, 'photo', picture)))
    await vi.waitFor(async () => expect(await queue.actions()).toHaveLength(1))
    expect(await held()).toBeDefined()
    await queue.drain()
    expect(await held()).toBeUndefined()
  })

  it('keeps an action after each failure that says nothing about it, and sends it again', async () => {
    const trouble = [
      new TypeError('no network'),
      problem(503, 'unavailable'),
      new Response('<h1>Welcome to our wireless network</h1>', { headers: { 'content-type': 'text/html' } }),
      problem(409, 'changed_meanwhile'),
      problem(500, 'internal_error'),
      problem(401, 'no_token'),
      new SignInNeededError(),
    ]
    let clock = 0
    const { send, calls } = server(...trouble)
    const { queue } = open({ send, monotonic: () => (clock += 1_000_000) })
    await queue.add(steps.arrive('d1', 'dropoff'))
    for (const _ of trouble) await queue.drain()
    expect(calls).toHaveLength(trouble.length + 1)
    expect(await settled(queue)).toEqual([['arrive', 'done']])
  })

  it('waits as long as the server asks', async () => {
    let clock = 0
    const { send, calls } = server(json({}, 429, { 'retry-after': '60' }))
    const { queue } = open({ send, monotonic: () => clock })
    await queue.add(steps.arrive('d1', 'dropoff'))
    await queue.drain()
    clock = 59_000
    await queue.drain()
    expect(calls).toHaveLength(1)
    clock = 61_000
    await queue.drain()
    expect(calls).toHaveLength(2)
  })

  it('keeps a refused action with its reason; the delivery waits, others go on', async () => {
    const { send, calls } = server(problem(422, 'wrong_pin', 'The PIN is wrong.'))
    const { queue } = open({ send })
    await queue.add([steps.deliver('d1'), steps.giveBack('d1'), steps.arrive('d2', 'pickup')])
    await queue.drain()
    expect(calls).toEqual(['POST deliveries/d1/deliver', 'POST deliveries/d2/arrive'])
    const [refused, behind] = await queue.actions()
    expect(refused).toMatchObject({ state: 'refused', refusal: { status: 422, code: 'wrong_pin', detail: 'The PIN is wrong.' } })
    expect(behind!.state).toBe('behind')
  })

  it('goes on with a delivery once its refused action was dismissed or replaced in its place', async () => {
    const { send, calls } = server(problem(422, 'wrong_pin'))
    const { queue } = open({ send })
    await queue.add([steps.deliver('d1', { pin: '1111' }), steps.arrive('d1', 'return')])
    await queue.drain()
    const [refused] = await queue.actions()
    await queue.replace(refused!.id, [steps.deliver('d1', { pin: '2222' })])
    await queue.drain()
    expect(calls.slice(1)).toEqual(['POST deliveries/d1/deliver', 'POST deliveries/d1/arrive'])
  })

  it('takes back what is held, together with its photo, and nothing that was sent', async () => {
    let now = NOON
    const { send, calls } = server()
    const { queue, ports } = open({ send, now: () => now })
    const picture = await hashed(PHOTO)
    const [, step] = await queue.add([steps.proof('d1', 'photo', picture), steps.deliver('d1')], { holdMs: 10_000 })
    await queue.drain()
    expect(calls).toEqual([])
    now += 9999
    expect(await queue.undo(step!.id)).toBe(true)
    expect(await queue.actions()).toEqual([])
    expect(await ports.store.change((change) => change.picture(picture.sha256))).toBeUndefined()

    const [again] = await queue.add(steps.deliver('d1'), { holdMs: 10_000 })
    now += 10_000
    expect(await queue.undo(again!.id)).toBe(false)
    await queue.drain()
    now -= 5000 // somebody sets the clock back
    expect(await queue.undo(again!.id)).toBe(false)
    expect(calls).toEqual(['POST deliveries/d1/deliver'])
  })

  it('sends nothing of another driver and says for whom it waits', async () => {
    const { send, calls } = server()
    const { queue, ports } = open({ send: async () => Promise.reject(new TypeError('no network')) })
    await queue.add(steps.arrive('d1', 'dropoff'))
    await queue.drain()
    const { queue: other } = queueWith({ ...ports, owner: 'ben', send })
    await other.drain()
    expect(calls).toEqual([])
    expect(await other.actions()).toEqual([])
    expect(await other.others()).toEqual([{ owner: 'ada', count: 1 }])
  })

  it('keeps answers with their age, and takes answered actions off once a route contains them', async () => {
    const { queue } = open()
    expect(await queue.kept('route')).toBeNull()
    await queue.add(steps.arrive('d1', 'dropoff'))
    expect(await settled(queue)).toEqual([['arrive', 'done']])
    await expect(queue.load('route', () => Promise.reject(new TypeError('no network')))).rejects.toThrow('no network')
    expect(await settled(queue)).toEqual([['arrive', 'done']])
    await queue.load('route', async () => ({ stops: [] }))
    expect(await settled(queue)).toEqual([])
    expect(await queue.kept('route')).toEqual({ value: { stops: [] }, at: NOON })
    await queue.forget()
    expect(await queue.kept('route')).toBeNull()
  })

  it('forgets customers an hour after the stop, also those of other drivers and without a network', async () => {
    let now = NOON
    const { queue, ports } = open({ now: () => now, send: () => Promise.reject(new TypeError('no network')) })
    const customer = (id: string) => ({ delivery_id: id, kind: 'dropoff', contact: { name: `Kim of ${id}` } })
    const route = { stops: [customer('d1'), customer('d2'), { delivery_id: 'd1', kind: 'pickup' }] }
    await queue.load('route', async () => route)
    for (const name of ['messages d1', 'messages null', 'me']) await queue.load(name, async () => ({ name }))
    await queue.add(steps.deliver('d1', {}))
    now += 3_599_000
    await queue.tidy()
    expect((await queue.kept('route'))?.value).toEqual(route)
    expect(await queue.kept('messages d1')).not.toBeNull()
    now += 1000
    const { queue: other } = queueWith({ ...ports, owner: 'ben' })
    await other.tidy()
    expect((await queue.kept('route'))?.value).toEqual({ stops: route.stops.slice(1) })
    expect(await queue.kept('messages d1')).toBeNull()
    expect(await queue.kept('messages null')).not.toBeNull()
    now += 11 * 3_600_000
    await other.tidy()
    expect(await queue.kept('route')).toBeNull()
    expect(await queue.kept('messages null')).toBeNull()
    expect(await queue.kept('me')).not.toBeNull()
    expect((await queue.actions()).map((one) => one.kind)).toEqual(['deliver'])
  })

  it('keeps an action that was answered while the route was on its way', async () => {
    const { queue } = open()
    await queue.load('route', async () => {
      await queue.add(steps.arrive('d1', 'dropoff'))
      await queue.drain()
      return { stops: [] }
    })
    expect(await settled(queue)).toEqual([['arrive', 'done']])
  })

  it('tells how far the clocks are apart, also after a restart', async () => {
    const date = new Date(NOON + 86_400_000).toUTCString()
    const { queue, ports } = open({ send: async () => json({}, 200, { date }) })
    await queue.add(steps.arrive('d1', 'dropoff'))
    await queue.drain()
    const { queue: again } = queueWith(ports)
    await again.start()
    const status = await new Promise<{ offsetMs: number | null }>((tell) => again.subscribe(tell))
    expect(status.offsetMs).toBe(86_400_000)
  })

  it('never has two requests under way, in however many tabs', async () => {
    let under = 0
    let most = 0
    const send: Send = async () => {
      most = Math.max(most, ++under)
      await new Promise((tell) => setTimeout(tell, 1))
      under--
      return json({})
    }
    const { queue, ports } = open({ send })
    const { queue: tab } = queueWith({ ...ports })
    await queue.add(['d1', 'd2', 'd3'].map((id) => steps.arrive(id, 'dropoff')))
    await Promise.all([queue.drain(), tab.drain(), tab.add(steps.arrive('d4', 'dropoff'))])
    await tab.drain()
    expect(most).toBe(1)
    expect((await settled(queue)).filter(([, state]) => state === 'done')).toHaveLength(4)
  })

  it('takes a repeated unassign of a delivery that is gone for done', async () => {
    const { send } = server(new TypeError('the answer was lost'), problem(404, 'delivery_not_found'))
    const { queue } = open({ send })
    await queue.add(steps.unassign('d1'))
    await queue.drain()
    await queue.drain()
    expect(await settled(queue)).toEqual([['unassign', 'done']])
  })

  it('refuses by itself what the store gave back damaged', async () => {
    const { send, calls } = server()
    const { queue, ports } = open({ send: async () => Promise.reject(new TypeError('no network')) })
    await queue.add([steps.deliver('d1', { pin: '1111' }), steps.deliver('d2', { pin: '2222' })])
    await queue.drain()
    await ports.store.change(async (change) => {
      const [one, other] = await change.all()
      await change.put({ ...one!, body: other!.body })
      await change.put({ ...other!, path: one!.path })
    })
    const { queue: again } = queueWith({ ...ports, send })
    await again.drain()
    expect(calls).toEqual([])
    expect((await again.actions()).map((one) => one.refusal?.code)).toEqual(['damaged_on_device', 'damaged_on_device'])
  })
})

describe('a full device', () => {
  it('refuses what is new, keeps what it has, and still sends that', async () => {
    const { send, calls } = server()
    const store = new MemoryStore()
    const { queue } = queueWith({ store, send })
    await queue.add(steps.deliver('d1'), { holdMs: 1 })
    store.full = true
    await expect(queue.add(steps.deliver('d2'))).rejects.toThrow(StorageFullError)
    const { queue: later } = queueWith({ store, send, now: () => NOON + 10 })
    await later.drain()
    expect(calls).toEqual(['POST deliveries/d1/deliver'])
    expect(await later.actions()).toEqual([])
  })

  it('says so when a refusal finds no room, and sends the action again later', async () => {
    const store = new MemoryStore()
    const { send, calls } = server(problem(422, 'wrong_pin'), problem(422, 'wrong_pin'))
    const { queue } = queueWith({ store, send })
    await queue.add(steps.deliver('d1'), { holdMs: 1 })
    store.full = true
    const { queue: later } = queueWith({ store, send, now: () => NOON + 10 })
    await later.drain()
    store.full = false
    await later.drain()
    expect(calls).toHaveLength(2)
    expect((await later.actions())[0]!.state).toBe('refused')
  })
})
