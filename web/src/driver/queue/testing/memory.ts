/** A store in memory with the guarantees of the real one: a change is made as a whole or not at all. */

import { StorageFullError, type Stored } from '../model'
import type { Change, Kept, Store } from '../store'

interface Contents {
  actions: Map<string, Stored>
  pictures: Map<string, ArrayBuffer>
  facts: Map<string, Kept>
}

const keyOf = (owner: string, name: string): string => `${owner}\n${name}`

export class MemoryStore implements Store {
  private contents: Contents = { actions: new Map(), pictures: new Map(), facts: new Map() }
  private last: Promise<unknown> = Promise.resolve()
  /** A full disk takes nothing more, but lets go of what it has. */
  full = false

  change<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    const mine = this.last.then(() => this.run(work))
    this.last = mine.catch(() => {})
    return mine
  }

  close(): void {}

  private async run<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    const { actions, pictures, facts } = this.contents
    const draft: Contents = { actions: new Map(actions), pictures: new Map(pictures), facts: new Map(facts) }
    const room = (): void => {
      if (this.full) throw new StorageFullError()
    }
    const result = await work({
      all: async () => Array.from(draft.actions.values(), (one) => ({ ...one })).toSorted((a, b) => a.seq - b.seq),
      get: async (id) => {
        const found = draft.actions.get(id)
        return found && { ...found }
      },
      put: async (record) => {
        room()
        draft.actions.set(record.id, { ...record })
      },
      remove: async (id) => void draft.actions.delete(id),
      picture: async (sha256) => draft.pictures.get(sha256),
      putPicture: async (sha256, bytes) => {
        room()
        draft.pictures.set(sha256, bytes)
      },
      removePicture: async (sha256) => void draft.pictures.delete(sha256),
      fact: async (owner, name) => draft.facts.get(keyOf(owner, name)),
      putFact: async (owner, name, kept) => {
        room()
        draft.facts.set(keyOf(owner, name), kept)
      },
      factKeys: async () => Array.from(draft.facts.keys(), (key) => key.split('\n') as [string, string]),
      removeFact: async (owner, name) => void draft.facts.delete(keyOf(owner, name)),
      removeFacts: async (owner) => {
        for (const key of draft.facts.keys()) if (key.startsWith(keyOf(owner, ''))) draft.facts.delete(key)
      },
    })
    this.contents = draft
    return result
  }
}
