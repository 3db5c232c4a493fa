/** The actions of one driver on this device: saved before anything else, and sent in order when there is a network. */

import { pause } from '../../parts/polling'
import { choose } from './choice'
import * as ledger from './ledger'
import { type Action, type Input, type Stored, shown } from './model'
import type { Kept, Store } from './store'
import { type Outcome, type Send, type Trouble, transmit } from './transmission'

export interface Status {
  /** In the order in which they are sent; answered ones stay until a route was loaded that contains them. */
  actions: Action[]
  /** Number of actions that the server has not got yet, without refused ones. */
  pending: number
  refused: number
  sending: string | null
  /** Reason why nothing is sent at the moment. */
  trouble: Trouble | null
  /** Milliseconds to add to the device's clock to get the server's; null until an answer told it. */
  offsetMs: number | null
}

export interface Answered {
  action: Action
  answer: unknown
}

type Locks = { request: (name: string, options: LockOptions, whenHeld: () => Promise<void>) => Promise<unknown> }

/** The surroundings of a queue. */
export interface Ports {
  owner: string
  store: Store
  send: Send
  now: () => number
  /** Milliseconds of a clock that nobody sets. */
  monotonic: () => number
  ids: () => string
  locks: Locks
  /** Call something later; the answer calls it off. */
  later: (ms: number, call: () => void) => () => void
  /** Tell the other tabs that something changed. */
  tell: () => void
}

const LOCK = 'driver-queue'
const CLOCK = 'clock'
const PACE = { everyMs: 2000, longestMs: 60_000 }
const LANE_PACE = { everyMs: 10_000, longestMs: 300_000 }

export class Queue {
  private readonly listeners = new Set<(status: Status) => void>()
  private readonly hearers = new Set<(answered: Answered) => void>()
  private readonly restsUntil = new Map<string, number>()
  private readonly ended = new AbortController()
  private trouble: Trouble | null = null
  private offsetMs: number | null = null
  private sending: string | null = null
  /** Ends the request that is under way, unless it is itself a call for help. */
  private overtaken: (() => void) | null = null
  private failures = 0
  private notBefore = 0
  private waiting: Promise<void> | null = null
  private saving: Promise<unknown> = Promise.resolve()
  private again = (): void => {}

  constructor(private readonly ports: Ports) {}

  get owner(): string {
    return this.ports.owner
  }

  /**
   * Save actions, in the order given, and resolve once they are on the disk.
   *
   * @throws {StorageFullError} if the device has no room; nothing is changed then
   */
  async add(inputs: Input | readonly Input[], { holdMs = 0 } = {}): Promise<Action[]> {
    return this.save(inputs, holdMs, null)
  }

  /** Put others in the place of a refused action. */
  async replace(id: string, inputs: Input | readonly Input[], { holdMs = 0 } = {}): Promise<Action[]> {
    return this.save(inputs, holdMs, id)
  }

  private async save(inputs: Input | readonly Input[], holdMs: number, inPlaceOf: string | null): Promise<Action[]> {
    const { store, now, ids } = this.ports
    const made = ledger.prepared([inputs].flat() as Input[], this.owner, now(), holdMs, ids)
    // A large photo takes time to be hashed; what was pressed after it must not be saved before it.
    const before = this.saving
    const saved = Promise.all([made, before.catch(() => {})]).then(([ready]) => ledger.save(store, ready, inPlaceOf))
    this.saving = saved
    const records = await saved
    if (records.some((record) => record.urgent)) this.hurry()
    this.changed()
    void this.drain()
    return records.map((record) => shown(record, holdMs > 0 ? 'held' : 'waiting', false))
  }

  /** Let a call for help overtake a picture that is under way, which is sent again, and a pause that was asked for. */
  private hurry(): void {
    this.notBefore = 0
    this.overtaken?.()
  }

  /** Take an action back, with all that was added together with it. False means that it is too late. */
  async undo(id: string): Promise<boolean> {
    const undone = await ledger.undo(this.ports.store, id, this.ports.now())
    if (undone) this.changed()
    return undone
  }

  /** Take away a refused action, or one that waits behind it. The rest of the delivery goes on. */
  async dismiss(id: string): Promise<boolean> {
    const dismissed = await ledger.dismiss(this.ports.store, id, this.ports.now())
    if (dismissed) {
      this.changed()
      void this.drain()
    }
    return dismissed
  }

  async actions(): Promise<Action[]> {
    const records = await this.records()
    const { standings } = choose(records, this.ports.now(), this.restMs())
    return records.map((record) => shown(record, standings.get(record.id) ?? 'waiting', record.id === this.sending))
  }

  /** Numbers of actions of other drivers that wait on this device until their owners sign in. */
  async others(): Promise<{ owner: string; count: number }[]> {
    const counts = new Map<string, number>()
    for (const { owner, state } of await this.ports.store.change((change) => change.all())) {
      if (owner !== this.owner && state !== 'done') counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    return Array.from(counts, ([owner, count]) => ({ owner, count }))
  }

  /** Ask for an answer and keep it for times without a network. Answered actions that it contains are taken away. */
  async load<Value>(name: string, ask: () => Promise<Value>): Promise<Value> {
    const contained = name === 'route' ? await ledger.answered(this.ports.store, this.owner) : []
    const at = this.ports.now()
    const value = await ask()
    await ledger.keep(this.ports.store, this.owner, name, { value, at }, contained)
    this.changed()
    return value
  }

  async kept<Value>(name: string): Promise<Kept<Value> | null> {
    const kept = await this.ports.store.change((change) => change.fact(this.owner, name))
    return (kept as Kept<Value> | undefined) ?? null
  }

  /** Take away the customers whom drivers of this device may not see any more. */
  async tidy(): Promise<void> {
    await ledger.tidy(this.ports.store, this.ports.now())
  }

  /** Remove all kept answers of this driver, which hold names and addresses of customers. Actions stay. */
  async forget(): Promise<void> {
    await this.ports.store.change((change) => change.removeFacts(this.owner))
    this.changed()
  }

  /** Call `listener` now and after each change, also by another tab. */
  subscribe(listener: (status: Status) => void): () => void {
    this.listeners.add(listener)
    void this.refresh()
    return () => this.listeners.delete(listener)
  }

  on(_: 'answered', hearer: (answered: Answered) => void): () => void {
    this.hearers.add(hearer)
    return () => this.hearers.delete(hearer)
  }

  /** Send what can be sent, now. Only a pause for which the server asked is kept. */
  async drain(): Promise<void> {
    this.failures = 0
    if (this.trouble !== 'busy') this.notBefore = 0
    return this.resume()
  }

  /** Send what can be sent, unless it rests. Only one tab sends; others wait for it and then look for themselves. */
  async resume(): Promise<void> {
    if (this.ended.signal.aborted) return
    this.waiting ??= this.ports.locks
      .request(LOCK, { signal: this.ended.signal }, () => {
        this.waiting = null
        return this.work()
      })
      .then(
        () => {},
        (error: unknown) => {
          this.waiting = null
          if (!this.ended.signal.aborted) throw error
        },
      )
    return this.waiting
  }

  /** Stop, as at sign-out. What is kept stays. */
  close(): void {
    this.ended.abort()
    this.again()
    this.listeners.clear()
    this.hearers.clear()
    if (!this.sending) this.ports.store.close()
  }

  /** Another tab changed something. */
  async refresh(): Promise<void> {
    if (!this.listeners.size) return
    const actions = await this.actions()
    const waiting = actions.filter((one) => one.state !== 'done' && one.state !== 'refused')
    const status: Status = {
      actions,
      pending: waiting.length,
      refused: actions.filter((one) => one.state === 'refused').length,
      sending: this.sending,
      trouble: waiting.length ? this.trouble : null,
      offsetMs: this.offsetMs,
    }
    for (const listener of this.listeners) listener(status)
  }

  /** Restore what an earlier run of the app knew about the clocks. */
  async start(): Promise<void> {
    await this.tidy().catch(() => {}) // a device that can't write starts all the same
    const clock = await this.kept<number>(CLOCK)
    this.offsetMs = clock?.value ?? null
    void this.drain()
  }

  private async records(): Promise<Stored[]> {
    const all = await this.ports.store.change((change) => change.all())
    return all.filter((one) => one.owner === this.owner)
  }

  private async work(): Promise<void> {
    this.again()
    const dueInMs = await this.sendAll().catch(() => {
      this.trouble = 'device'
      this.changed()
      return pause(PACE, ++this.failures)
    })
    if (dueInMs === null || this.ended.signal.aborted) return
    this.again = this.ports.later(Math.max(50, dueInMs), () => void this.resume())
  }

  /** Send one action after another; the answer is the time until there may be more to send. */
  private async sendAll(): Promise<number | null> {
    const { now, store, monotonic } = this.ports
    while (!this.ended.signal.aborted) {
      const restsMs = this.notBefore - monotonic()
      if (restsMs > 0) return restsMs
      const { next, dueInMs } = choose(await this.records(), now(), this.restMs())
      if (!next) return dueInMs
      const claimed = await ledger.claim(store, next.id, now())
      if (claimed) await this.transmit(claimed.record, claimed.picture)
    }
    return null
  }

  private restMs(): ReadonlyMap<string, number> {
    const at = this.ports.monotonic()
    return new Map(Array.from(this.restsUntil, ([id, until]) => [id, until - at]))
  }

  private async transmit(record: Stored, picture: ArrayBuffer | null): Promise<void> {
    this.sending = record.id
    this.changed()
    const stop = new AbortController()
    let isOvertaken = false
    if (!record.urgent) {
      this.overtaken = () => {
        isOvertaken = true
        stop.abort()
      }
    }
    try {
      const { outcome, offsetMs } = await transmit(record, picture, this.ports.send, this.ports.now, stop)
      if (!isOvertaken || outcome.is !== 'later') await this.settle(record, outcome)
      if (offsetMs !== null) await this.learnClock(offsetMs)
    } finally {
      this.overtaken = null
      this.sending = null
      this.changed()
    }
  }

  private async settle(record: Stored, outcome: Outcome): Promise<void> {
    const { store, monotonic } = this.ports
    if (outcome.is === 'later') {
      this.trouble = outcome.trouble
      if (outcome.lane) this.restsUntil.set(record.id, monotonic() + pause(LANE_PACE, record.attempts - 1, outcome.afterS))
      else this.notBefore = monotonic() + pause(PACE, ++this.failures, outcome.afterS)
      return
    }
    if (outcome.is === 'refused') await ledger.refuse(store, record.id, outcome.refusal)
    else await ledger.finish(store, record.id)
    this.trouble = null
    this.failures = 0
    this.restsUntil.delete(record.id)
    if (outcome.is === 'refused') return
    const action = shown(record, 'done', false)
    for (const hear of this.hearers) hear({ action, answer: outcome.answer })
  }

  private async learnClock(offsetMs: number): Promise<void> {
    const known = this.offsetMs
    if (known !== null && Math.abs(offsetMs - known) < 2000) return
    this.offsetMs = offsetMs
    await ledger.keep(this.ports.store, this.owner, CLOCK, { value: offsetMs, at: this.ports.now() }, [])
  }

  private changed(): void {
    this.ports.tell()
    void this.refresh()
  }
}
