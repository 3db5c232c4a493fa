/** The store of actions, their pictures and the last answers: IndexedDB, behind the few calls that the queue needs. */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import { StorageFullError, type Stored } from './model'

/** An answer of the API, with the device's time at which it was asked for. */
export interface Kept<Value = unknown> {
  value: Value
  at: number
}

/** The calls within one transaction. */
export interface Change {
  /** All actions of all owners in order. */
  all(): Promise<Stored[]>
  get(id: string): Promise<Stored | undefined>
  put(record: Stored): Promise<void>
  remove(id: string): Promise<void>
  picture(sha256: string): Promise<ArrayBuffer | undefined>
  putPicture(sha256: string, bytes: ArrayBuffer): Promise<void>
  removePicture(sha256: string): Promise<void>
  fact(owner: string, name: string): Promise<Kept | undefined>
  putFact(owner: string, name: string, kept: Kept): Promise<void>
  /** The keys of all kept answers of all owners. */
  factKeys(): Promise<[owner: string, name: string][]>
  removeFact(owner: string, name: string): Promise<void>
  removeFacts(owner: string): Promise<void>
}

export interface Store {
  /**
   * Run `work` in one transaction and resolve when it is on the disk; if `work` throws, nothing is changed.
   *
   * `work` may run again if the browser lost its database, and may wait for nothing but the calls of `Change`.
   *
   * @throws {StorageFullError} if the device has no room
   */
  change<Result>(work: (change: Change) => Promise<Result>): Promise<Result>
  close(): void
}

interface Schema extends DBSchema {
  actions: { key: string; value: Stored; indexes: { seq: number } }
  pictures: { key: string; value: ArrayBuffer }
  facts: { key: [string, string]; value: Kept }
}

const STORES = ['actions', 'pictures', 'facts'] as const
type Transaction = IDBPTransaction<Schema, (typeof STORES)[number][], 'readwrite'>

/** Names under which browsers say that the database went away under a page, as iOS does with a page in the background. */
const LOST = new Set(['InvalidStateError', 'UnknownError'])

export class DeviceStore implements Store {
  private database: Promise<IDBPDatabase<Schema>> | null = null

  constructor(private readonly name = 'driver') {}

  async change<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    try {
      return await this.attempt(work)
    } catch (error) {
      if (nameOf(error) === 'QuotaExceededError') throw new StorageFullError()
      if (!LOST.has(nameOf(error))) throw error
      this.close()
      return this.attempt(work)
    }
  }

  close(): void {
    void this.database?.then((database) => database.close()).catch(() => {})
    this.database = null
  }

  private async attempt<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    const database = await this.opened()
    const transaction = database.transaction(STORES, 'readwrite', { durability: 'strict' })
    // It fails together with the work, and is heard of there.
    transaction.done.catch(() => {})
    let result: Result
    try {
      result = await work(changeIn(transaction))
    } catch (error) {
      abort(transaction)
      throw error
    }
    await transaction.done
    return result
  }

  private opened(): Promise<IDBPDatabase<Schema>> {
    this.database ??= openDB<Schema>(this.name, 1, {
      upgrade(database) {
        database.createObjectStore('actions', { keyPath: 'id' }).createIndex('seq', 'seq')
        database.createObjectStore('pictures')
        database.createObjectStore('facts')
      },
      blocking: () => this.close(),
      terminated: () => (this.database = null),
    }).catch((error: unknown) => {
      this.database = null
      throw error
    })
    return this.database
  }
}

const nameOf = (error: unknown): string => (error as { name?: string } | null)?.name ?? ''

function abort(transaction: Transaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended by itself, with the same error.
  }
}

function changeIn(transaction: Transaction): Change {
  const actions = transaction.objectStore('actions')
  const pictures = transaction.objectStore('pictures')
  const facts = transaction.objectStore('facts')
  return {
    all: () => actions.index('seq').getAll(),
    get: (id) => actions.get(id),
    put: async (record) => void (await actions.put(record)),
    remove: (id) => actions.delete(id),
    picture: (sha256) => pictures.get(sha256),
    putPicture: async (sha256, bytes) => void (await pictures.put(bytes, sha256)),
    removePicture: (sha256) => pictures.delete(sha256),
    fact: (owner, name) => facts.get([owner, name]),
    putFact: async (owner, name, kept) => void (await facts.put(kept, [owner, name])),
    factKeys: () => facts.getAllKeys(),
    removeFact: (owner, name) => facts.delete([owner, name]),
    removeFacts: (owner) => facts.delete(IDBKeyRange.bound([owner], [owner, []])),
  }
}
