/** Actions and surroundings for tests. */

import { type Ports, Queue } from '../queue'
import type { Stored } from '../model'
import { MemoryStore } from './memory'

export const NOON = Date.parse('2026-06-05T12:00:00Z')

export function stored(changes: Partial<Stored> & { id: string }): Stored {
  return {
    seq: Number(changes.id.replaceAll(/\D/g, '')) || 0,
    owner: 'ada',
    group: changes.id,
    kind: 'arrive',
    deliveryId: 'd1',
    stop: 'dropoff',
    lane: changes.deliveryId === undefined ? 'd1' : changes.deliveryId,
    urgent: false,
    method: 'POST',
    path: `/v1/driver/deliveries/${changes.deliveryId ?? 'd1'}/arrive`,
    body: '{}',
    picture: null,
    pictureType: null,
    digest: '',
    addedAt: NOON,
    heldUntil: null,
    attempts: 0,
    state: 'waiting',
    refusal: null,
    ...changes,
  }
}

/** Locks of one device, shared by its tabs. */
export class DeviceLocks {
  private readonly last = new Map<string, Promise<unknown>>()

  request(name: string, _: LockOptions, whenHeld: () => Promise<void>): Promise<unknown> {
    const mine = (this.last.get(name) ?? Promise.resolve()).then(whenHeld)
    this.last.set(
      name,
      mine.catch(() => {}),
    )
    return mine
  }
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', ...headers },
  })

let count = 0

/** A queue with a server that answers all with 200, unless told otherwise. */
export function queueWith(changes: Partial<Ports> = {}): { queue: Queue; ports: Ports } {
  const ports: Ports = {
    owner: 'ada',
    store: new MemoryStore(),
    send: async () => json({}),
    now: () => NOON,
    monotonic: () => 0,
    ids: () => `id-${++count}`,
    locks: new DeviceLocks(),
    later: () => () => {},
    tell: () => {},
    ...changes,
  }
  return { queue: new Queue(ports), ports }
}
