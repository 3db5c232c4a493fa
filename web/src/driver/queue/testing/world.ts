/**
 * Phones, tabs and a network in which anything may happen between any two steps of the code.
 *
 * Whatever a tab waits for (its store, the network) waits in `open`, and one of these goes on at a time, chosen by
 * chance. A killed tab never goes on: a change of its store that had not begun is lost, one that was made stays.
 */

import { SignInNeededError } from '../model'
import { Queue } from '../queue'
import type { Change, Store } from '../store'
import { Drivers } from './drivers'
import { NOON } from './fixtures'
import type { Chance } from './random'
import { type Call, ModelServer, OPEN } from './server'

const DAY_MS = 86_400_000

/** A safeguard that is left out, to see that the checks notice it. */
export type Flaw = 'no_lock' | 'saved_too_early' | 'no_digest' | 'any_owner'

/** A store that can be filled up, and whose running change dies with its tab. */
export interface PhoneStore extends Store {
  full: boolean
  /** Abort the change that runs, if one does. */
  kill?(): Promise<void>
}

interface Tab {
  queue: Queue
  phone: Phone
  alive: boolean
  underWay: number
}

export interface Phone {
  index: number
  store: PhoneStore
  /** The driver who is signed in; a tab that was opened before may belong to somebody else. */
  user: string
  online: boolean
  clockMs: number
  tabs: Tab[]
  lock: { holder: Tab | null; waiting: { tab: Tab; go: () => void }[] }
}

export class World {
  readonly broken: string[] = []
  readonly server: ModelServer
  readonly drivers: Drivers
  readonly phones: Phone[]
  private readonly names: string[]
  private readonly open: { tab: Tab; go: () => Promise<void> }[] = []
  private air: Call[] = []
  private calm = false
  private ids = 0
  private seconds = 0

  constructor(
    private readonly chance: Chance,
    phones: number,
    storeOf: (index: number) => PhoneStore,
    private readonly flaw: Flaw | null = null,
  ) {
    this.names = ['ada', 'ben', 'cem'].slice(0, chance.whole(1, 3))
    const made = (id: string) => ({ id, driver: chance.one(this.names), state: chance.one(OPEN) })
    this.server = new ModelServer(['d1', 'd2', 'd3', 'd4'].map(made), flaw !== 'no_digest')
    this.drivers = new Drivers(chance)
    this.phones = Array.from({ length: phones }, (_, index) => ({
      index,
      store: storeOf(index),
      user: chance.one(this.names),
      online: chance.is(0.7),
      clockMs: chance.one([0, 0, DAY_MS, -DAY_MS]),
      tabs: [],
      lock: { holder: null, waiting: [] },
    }))
  }

  /** Let something happen that nobody planned. */
  async happen(): Promise<void> {
    const { chance } = this
    this.seconds += chance.whole(0, 4)
    const phone = chance.one(this.phones)
    const tab = phone.tabs.length ? chance.one(phone.tabs) : this.tab(phone)
    const { queue } = tab
    const dice = chance.next()
    if (dice < 0.55) await this.goOn()
    else if (dice < 0.75) this.drivers.press(queue, phone.index, tab, this.server.states(queue.owner))
    else if (dice < 0.79) void queue.drain()
    else if (dice < 0.82) await this.kill(tab)
    else if (dice < 0.84) this.tab(phone)
    else if (dice < 0.87) phone.online = !phone.online
    else if (dice < 0.89) phone.store.full = !phone.store.full
    else if (dice < 0.91) phone.clockMs += chance.one([-DAY_MS, DAY_MS, -30_000, 30_000])
    else if (dice < 0.93) this.drivers.undo(queue, phone.index)
    else if (dice < 0.95) this.arriveLate()
    else if (dice < 0.97) void this.look(tab)
    else if (dice < 0.98) await this.damage(phone)
    else if (dice < 0.99) void this.drivers.dismiss(queue)
    else phone.user = chance.one(this.names)
    await settled()
  }

  /** All is well again: whatever can be sent is sent, for each driver on each phone. The answer says what is left. */
  async recover(): Promise<Map<string, string>> {
    const left = new Map<string, string>()
    this.calm = true
    while (this.air.length) this.arriveLate()
    for (const phone of this.phones) {
      phone.online = true
      phone.store.full = false
      for (const tab of phone.tabs) await this.kill(tab)
      for (const name of this.drivers.on(phone.index)) {
        this.seconds += 3600
        phone.user = name
        const tab = this.tab(phone)
        await this.finished(tab.queue.drain())
        for (const action of await this.finished(tab.queue.actions())) left.set(action.id, action.state)
        await this.kill(tab)
      }
    }
    return left
  }

  private async finished<Value>(promise: Promise<Value>): Promise<Value> {
    const over: true[] = []
    const end = (): void => void over.push(true)
    promise.then(end, end)
    for (let count = 0; !over.length; count++) {
      if (count > 10_000) throw new Error('a phone never comes to rest')
      await this.goOn()
      await settled()
    }
    return promise
  }

  private async goOn(): Promise<void> {
    if (!this.open.length) return
    const [one] = this.open.splice(this.chance.whole(0, this.open.length - 1), 1)
    await one!.go()
  }

  private tab(phone: Phone): Tab {
    const tab: Tab = { queue: null as never, phone, alive: true, underWay: 0 }
    tab.queue = new Queue({
      owner: phone.user,
      store: this.storeOf(tab),
      send: (request, owner) => this.send(tab, request as unknown as LightRequest, owner),
      now: () => NOON + this.seconds * 1000 + phone.clockMs,
      monotonic: () => this.seconds * 1000,
      ids: () => `id-${++this.ids}`,
      locks: { request: (_name, _options, whenHeld) => this.hold(tab, whenHeld) },
      later: () => () => {},
      tell: () => {},
    })
    phone.tabs.push(tab)
    void tab.queue.start()
    return tab
  }

  /** The tab waits until `act` may run, and then until it may hear of it. */
  private wait<Value>(tab: Tab, act: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const go = async (): Promise<void> => {
        const hear = await act().then(
          (value) => async () => resolve(value),
          (error: unknown) => async () => reject(error as Error),
        )
        if (tab.alive) this.open.push({ tab, go: hear })
      }
      if (tab.alive) this.open.push({ tab, go })
    })
  }

  private storeOf(tab: Tab): Store {
    const { store } = tab.phone
    const change = <Result>(work: (change: Change) => Promise<Result>) => this.wait(tab, () => store.change(work))
    const early = async <Result>(work: (change: Change) => Promise<Result>): Promise<Result> => {
      const rehearsed: Result[] = []
      const only = new Error('only rehearsed')
      const rehearsal = store.change(async (draft) => {
        rehearsed.push(await work(draft))
        throw only
      })
      await rehearsal.catch((error: unknown) => {
        if (error !== only) throw error
      })
      void change(work).catch(() => {})
      return rehearsed[0]!
    }
    return { change: this.flaw === 'saved_too_early' ? early : change, close: () => {} }
  }

  private hold(tab: Tab, whenHeld: () => Promise<void>): Promise<unknown> {
    const { lock } = tab.phone
    if (this.flaw === 'no_lock') return whenHeld()
    return new Promise((resolve, reject) => {
      const go = (): void => {
        lock.holder = tab
        void whenHeld()
          .then(resolve, reject)
          .finally(() => this.release(tab))
      }
      if (lock.holder) lock.waiting.push({ tab, go })
      else go()
    })
  }

  private release(tab: Tab): void {
    const { lock } = tab.phone
    if (lock.holder !== tab) return
    lock.holder = null
    lock.waiting.shift()?.go()
  }

  private async send(tab: Tab, request: LightRequest, owner: string): Promise<Response> {
    const { phone } = tab
    if (this.flaw !== 'any_owner' && phone.user !== owner) throw new SignInNeededError()
    const call: Call = {
      driver: phone.user,
      method: request.method,
      path: request.path,
      body: request.bytes,
      actionId: request.headers.get('action-id') ?? '',
      digest: request.headers.get('action-digest') ?? '',
    }
    tab.underWay++
    if (phone.tabs.reduce((sum, one) => sum + one.underWay, 0) > 1) {
      this.broken.push(`phone ${phone.index} has two requests under way at once`)
    }
    try {
      return await this.wait(tab, () => this.carry(phone, call))
    } finally {
      tab.underWay--
    }
  }

  /** The network: it loses requests and answers, answers itself, and keeps copies that arrive later. */
  private async carry(phone: Phone, call: Call): Promise<Response> {
    const { chance } = this
    if (!phone.online) throw new TypeError('no network')
    const dice = this.calm ? 1 : chance.next()
    if (dice < 0.04) throw new TypeError('lost on the way')
    if (dice < 0.08) {
      this.air.push(call)
      throw new TypeError('too slow')
    }
    if (dice < 0.1) return answerOf(503, { code: 'unavailable' })
    if (dice < 0.12) return answerOf(500, { code: 'internal_error' })
    if (dice < 0.14) return answerOf(429, { code: 'too_many_requests' }, '5')
    if (dice < 0.16) return answerOf(200, null)
    if (dice < 0.17) return answerOf(409, { code: 'changed_meanwhile' })
    // No copy outlives the next try: a server that forgets what it refused would act on it.
    for (const copy of this.air.filter((one) => one.actionId === call.actionId)) this.server.answer(copy)
    this.air = this.air.filter((one) => one.actionId !== call.actionId)
    const { status, body } = this.server.answer(call)
    if (dice < 0.22 && status < 300) this.air.push(call)
    if (dice < 0.3) throw new TypeError('the answer was lost')
    return answerOf(status, body)
  }

  /** A copy of an earlier request reaches the server. */
  private arriveLate(): void {
    if (!this.air.length) return
    const [call] = this.air.splice(this.chance.whole(0, this.air.length - 1), 1)
    this.server.answer(call!)
  }

  private async look(tab: Tab): Promise<void> {
    const { phone, queue } = tab
    const ask = () =>
      this.wait(tab, async () => {
        if (!phone.online || phone.user !== queue.owner) throw new TypeError('no network')
        return this.server.states(queue.owner)
      })
    await queue.load('route', ask).catch(() => {})
  }

  /** The store has the body of another action in an action, as after a kill at a bad moment. */
  private async damage(phone: Phone): Promise<void> {
    const swap = async (change: Change): Promise<void> => {
      const all = (await change.all()).filter((one) => one.state === 'waiting' && one.body !== null)
      if (all.length < 2) return
      await change.put({ ...this.chance.one(all), body: this.chance.one(all).body })
    }
    await phone.store.change(swap).catch(() => {})
  }

  private async kill(tab: Tab): Promise<void> {
    const { phone } = tab
    tab.alive = false
    phone.tabs = phone.tabs.filter((one) => one !== tab)
    this.open.splice(0, this.open.length, ...this.open.filter((one) => one.tab !== tab))
    phone.lock.waiting = phone.lock.waiting.filter((one) => one.tab !== tab)
    this.drivers.killed(tab)
    await phone.store.kill?.()
    this.release(tab)
    await settled()
  }
}

/** Everything that can go on by itself has done so. */
const settled = (): Promise<void> => new Promise((then) => setImmediate(then))

/** As much of a request as the queue uses: the platform's own takes ten times as long. */
export class LightRequest {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly bytes: Uint8Array

  constructor(url: URL, init: { method: string; headers: Headers; body: Uint8Array | null }) {
    this.method = init.method
    this.path = url.pathname + url.search
    this.headers = init.headers
    this.bytes = init.body ?? new Uint8Array()
  }
}

function answerOf(status: number, body: Record<string, unknown> | null, retryAfter: string | null = null): Response {
  const type = body === null ? 'text/html' : status < 400 ? 'application/json' : 'application/problem+json'
  const headers: Record<string, string | null> = { 'content-type': type, 'retry-after': retryAfter }
  const get = (name: string): string | null => headers[name] ?? null
  return { status, ok: status < 300, headers: { get }, json: async () => body } as unknown as Response
}
