/** Each change of what the device keeps, in one transaction. */

import { digestOf } from './digest'
import { choose, isHeld } from './choice'
import { remembered } from './forgetting'
import { CHANGES_ROUTE, type Input, type Refusal, StorageFullError, type Stored } from './model'
import type { Change, Kept, Store } from './store'

/** An action about to be saved, with the bytes of its picture. */
interface Prepared {
  record: Stored
  bytes: ArrayBuffer | null
}

/** Hashing cannot wait in a transaction of IndexedDB, so all is made ready before. */
export async function prepared(
  inputs: readonly Input[],
  owner: string,
  nowMs: number,
  holdMs: number,
  ids: () => string,
): Promise<Prepared[]> {
  const group = ids()
  const made = inputs.map(async (input): Promise<Prepared> => {
    const { kind, deliveryId, stop = null, method, path, lane, urgent = false, picture } = input
    const dated = input.dated ? { ...input.body, device_at: new Date(nowMs).toISOString() } : input.body
    const body = dated ? JSON.stringify(dated) : null
    const bytes = picture ? await picture.blob.arrayBuffer() : null
    const sent = bytes ? new Uint8Array(bytes) : new TextEncoder().encode(body ?? '')
    const record: Stored = {
      id: ids(),
      seq: 0,
      owner,
      group,
      kind,
      deliveryId,
      stop,
      lane,
      urgent,
      method,
      path,
      body,
      picture: picture?.sha256 ?? null,
      pictureType: picture?.blob.type ?? null,
      digest: await digestOf(method, path, sent),
      addedAt: nowMs,
      heldUntil: holdMs > 0 ? nowMs + holdMs : null,
      attempts: 0,
      state: 'waiting',
      refusal: null,
    }
    return { record, bytes }
  })
  return Promise.all(made)
}

/** Save actions after all others, or in the place of a refused one. Either all are saved or none. */
export function save(store: Store, made: readonly Prepared[], inPlaceOf: string | null = null): Promise<Stored[]> {
  return store.change(async (change) => {
    const all = await change.all()
    const replaced = inPlaceOf === null ? undefined : all.find((one) => one.id === inPlaceOf)
    if (replaced?.state === 'refused') await drop(change, replaced)
    const last = Math.floor(all.at(-1)?.seq ?? 0)
    const following = all.find((one) => replaced && one.seq > replaced.seq)?.seq ?? last + 1
    const placed = made.map(({ record }, index): Stored => {
      const between = replaced && replaced.seq + ((following - replaced.seq) * index) / made.length
      return { ...record, seq: between ?? last + 1 + index }
    })
    for (const record of placed) await change.put(record)
    for (const { record, bytes } of made) {
      if (record.picture !== null && bytes) await change.putPicture(record.picture, bytes)
    }
    return placed
  })
}

/** An action that may be sent now, with its picture; counted as tried from here on, so that nobody takes it back. */
export async function claim(
  store: Store,
  id: string,
  nowMs: number,
): Promise<{ record: Stored; picture: ArrayBuffer | null } | null> {
  const take = (count: boolean) =>
    store.change(async (change) => {
      const record = await change.get(id)
      if (record?.state !== 'waiting' || isHeld(record, nowMs)) return null
      const picture = record.picture === null ? null : ((await change.picture(record.picture)) ?? new ArrayBuffer(0))
      const tried = { ...record, attempts: record.attempts + 1 }
      if (count) await change.put(tried)
      return { record: tried, picture }
    })
  // A full device must still be able to send, or it would never have room again.
  return withRoom(
    () => take(true),
    () => take(false),
  )
}

/** An action was answered. It stays until a route was loaded that contains it, without what was sent. */
export async function finish(store: Store, id: string): Promise<void> {
  const end = (remember: boolean) =>
    store.change(async (change) => {
      const record = await change.get(id)
      if (!record) return
      await drop(change, record)
      if (remember && CHANGES_ROUTE.has(record.kind)) {
        await change.put({ ...record, body: null, picture: null, state: 'done', refusal: null })
      }
    })
  await withRoom(
    () => end(true),
    () => end(false),
  )
}

export function refuse(store: Store, id: string, refusal: Refusal): Promise<void> {
  return store.change(async (change) => {
    const record = await change.get(id)
    if (record?.state === 'waiting') await change.put({ ...record, state: 'refused', refusal })
  })
}

/** Take back an action, and those that were added with it, unless it is too late. */
export function undo(store: Store, id: string, nowMs: number): Promise<boolean> {
  return store.change(async (change) => {
    const all = await change.all()
    const group = all.filter((one) => one.group === all.find((other) => other.id === id)?.group)
    const may = group.every((one) => one.state === 'waiting' && one.attempts === 0 && isHeld(one, nowMs))
    if (!group.length || !may) return false
    for (const one of group) await drop(change, one)
    return true
  })
}

/** Take away what was refused, or what waits behind it and was never sent. */
export function dismiss(store: Store, id: string, nowMs: number): Promise<boolean> {
  return store.change(async (change) => {
    const all = await change.all()
    const record = all.find((one) => one.id === id)
    if (!record) return false
    const mine = all.filter((one) => one.owner === record.owner)
    const standing = choose(mine, nowMs).standings.get(id)
    if (standing !== 'refused' && !(standing === 'behind' && record.attempts === 0)) return false
    await drop(change, record)
    return true
  })
}

/** The ids of answered actions: all that an answer contains which is asked for from now on. */
export async function answered(store: Store, owner: string): Promise<string[]> {
  const all = await store.change((change) => change.all())
  return all.filter((one) => one.owner === owner && one.state === 'done').map((one) => one.id)
}

/** Keep an answer, and take away the actions that it contains; a full device keeps what it has. */
export async function keep(store: Store, owner: string, name: string, kept: Kept, contained: string[]): Promise<void> {
  const write = () =>
    store.change(async (change) => {
      await change.putFact(owner, name, kept)
      for (const id of contained) await change.remove(id)
    })
  await withRoom(write, async () => {})
}

/** Take away the customers whom their drivers may not see any more, of all drivers of the device. */
export async function tidy(store: Store, nowMs: number): Promise<void> {
  const work = () =>
    store.change(async (change) => {
      const actions = await change.all()
      for (const [owner, name] of await change.factKeys()) {
        const kept = await change.fact(owner, name)
        const rest = kept && remembered(name, kept, actions, nowMs)
        if (rest && rest !== kept) await change.putFact(owner, name, rest)
        else if (!rest) await change.removeFact(owner, name)
      }
    })
  await withRoom(work, async () => {})
}

/** Remove an action, and its picture unless another one needs it. */
async function drop(change: Change, record: Stored): Promise<void> {
  await change.remove(record.id)
  if (record.picture === null) return
  const left = await change.all()
  if (!left.some((one) => one.picture === record.picture)) await change.removePicture(record.picture)
}

async function withRoom<Result>(usual: () => Promise<Result>, full: () => Promise<Result>): Promise<Result> {
  try {
    return await usual()
  } catch (error) {
    if (!(error instanceof StorageFullError)) throw error
    return full()
  }
}
