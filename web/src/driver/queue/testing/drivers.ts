/** The presses of drivers, each by the state of the delivery as the driver knows it. */

import type { Action, Input, Picture } from '../model'
import { StorageFullError } from '../model'
import type { Queue } from '../queue'
import * as steps from '../steps'
import type { Chance } from './random'
import { hash } from './server'

const HOLD_MS = 10_000

/** One press, and what became of it on the phone. */
export interface Press {
  /** Travels in what is sent, and so tells for which delivery it was meant. */
  mark: string
  owner: string
  device: number
  tab: object
  deliveryId: string | null
  actions: Action[]
  /** Numbers by which presses and their answers can be put in order. */
  pressedAt: number
  savedAt: number
  state: 'open' | 'saved' | 'no_room' | 'undoing' | 'undone' | 'killed'
}

type Noted = Record<string, unknown>

const noted = (input: Input, body: Noted): Input => ({ ...input, body: { ...input.body, ...body } })

/** By the state of a delivery, the driver's usual step and the state after it. */
const USUAL: Record<string, [(id: string) => Input, string]> = {
  assigned: [(id) => steps.depart(id, 'pickup'), 'en_route_to_pickup'],
  en_route_to_pickup: [(id) => steps.arrive(id, 'pickup'), 'arrived_at_pickup'],
  arrived_at_pickup: [(id) => steps.pickUp(id), 'picked_up'],
  picked_up: [(id) => steps.depart(id, 'dropoff'), 'en_route_to_dropoff'],
  en_route_to_dropoff: [(id) => steps.arrive(id, 'dropoff'), 'arrived_at_dropoff'],
  arrived_at_dropoff: [(id) => steps.deliver(id), 'delivered'],
  delivered: [(id) => steps.correct(id, 'pressed_by_mistake'), 'arrived_at_dropoff'],
  failed: [(id) => steps.correct(id, 'customer_came'), 'arrived_at_pickup'],
  returning: [(id) => steps.giveBack(id), 'returned'],
  returned: [(id) => steps.giveBack(id), 'returned'],
}

export class Drivers {
  readonly presses: Press[] = []
  readonly dismissed = new Set<string>()
  readonly surprises: string[] = []
  private moment = 0
  private readonly beliefs = new Map<string, string>()

  constructor(private readonly chance: Chance) {}

  /** @param known the states of the driver's deliveries by the server */
  press(queue: Queue, device: number, tab: object, known: Readonly<Record<string, string>>): void {
    const { chance } = this
    const mine = Object.entries(known)
    if (!mine.length || chance.is(0.1)) {
      this.add(queue, device, tab, null, (mark) => [steps.message(mark)])
      return
    }
    const [id, byServer] = chance.one(mine)
    const key = `${device} ${queue.owner} ${id}`
    const state = chance.is(0.03) ? chance.one(Object.keys(USUAL)) : (this.beliefs.get(key) ?? byServer)
    const at = state === 'arrived_at_pickup' ? 'pickup' : 'dropoff'
    const fails = state.startsWith('arrived_at') && chance.is(0.15)
    const ends = fails || state === 'arrived_at_dropoff'
    const photo = ends && !fails && chance.is(0.6)
    const [usual, after] = USUAL[state]!
    this.beliefs.set(key, fails ? (at === 'pickup' ? 'failed' : 'returning') : after)
    const inputs = (mark: string): Input[] => {
      if (fails) return [noted(steps.fail(id, at, { reason: 'no_access' }), { stop: at, note: mark })]
      if (!photo) return [noted(usual(id), { note: mark })]
      const picture = pictureOf(mark)
      return [steps.proof(id, 'photo', picture), noted(steps.deliver(id), { note: mark, needs: picture.sha256 })]
    }
    this.add(queue, device, tab, id, inputs, ends && chance.is(0.6) ? HOLD_MS : 0)
  }

  /** Drivers who have pressed anything on a phone. */
  on(device: number): Set<string> {
    return new Set(this.presses.filter((one) => one.device === device).map((one) => one.owner))
  }

  undo(queue: Queue, device: number): void {
    const press = this.presses.findLast((one) => one.device === device && one.state === 'saved')
    if (!press) return
    press.state = 'undoing'
    const told = (undone: boolean): void => {
      press.state = undone ? 'undone' : 'saved'
      if (undone) this.forget(press)
    }
    queue.undo(press.actions[0]!.id).then(told, () => told(false))
  }

  /** A driver reads why something was refused, and takes it away. */
  async dismiss(queue: Queue): Promise<void> {
    const refused = (await queue.actions()).find((one) => one.state === 'refused')
    if (!refused) return
    // Noted before, because a tab that is killed now never hears that it succeeded.
    this.dismissed.add(refused.id)
    if (await queue.dismiss(refused.id).catch(() => false)) this.beliefs.clear()
  }

  /** The app of a tab is gone; whether the last presses were saved is known by the phone alone. */
  killed(tab: object): void {
    for (const press of this.presses) {
      if (press.tab === tab && press.state === 'open') press.state = 'killed'
    }
  }

  private add(
    queue: Queue,
    device: number,
    tab: object,
    deliveryId: string | null,
    inputs: (mark: string) => Input[],
    holdMs = 0,
  ): void {
    const { owner } = queue
    const mark = `press ${this.presses.length} of ${owner} for ${deliveryId ?? 'dispatch'}`
    const press: Press = { mark, owner, device, tab, deliveryId, actions: [], pressedAt: ++this.moment, savedAt: Infinity, state: 'open' }
    this.presses.push(press)
    queue.add(inputs(mark), { holdMs }).then(
      (actions) => Object.assign(press, { actions, savedAt: ++this.moment, state: 'saved' }),
      (error: unknown) => {
        if (!(error instanceof StorageFullError)) this.surprises.push(`a press was refused: ${String(error)}`)
        press.state = 'no_room'
        this.forget(press)
      },
    )
  }

  private forget({ device, owner, deliveryId }: Press): void {
    this.beliefs.delete(`${device} ${owner} ${deliveryId}`)
  }
}

/** A photo whose content tells to which press it belongs. */
function pictureOf(mark: string): Picture {
  const bytes = new TextEncoder().encode(mark)
  const blob = { type: 'image/jpeg', arrayBuffer: async () => bytes.buffer } as unknown as Blob
  return { blob, sha256: hash(bytes) }
}
