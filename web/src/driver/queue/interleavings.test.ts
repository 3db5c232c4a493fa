// @vitest-environment node
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Press } from './testing/drivers'
import { MemoryStore } from './testing/memory'
import { Chance } from './testing/random'
import { type Flaw, LightRequest, type PhoneStore, World } from './testing/world'

const RUNS = 10_000
const STEPS = 60
const EVERYTHING = ['arrive', 'correct', 'deliver', 'depart', 'fail', 'message', 'pick-up', 'proof', 'return']
/** Chance decides the tests, and never how busy the machine is. */
const timeout = 900_000

/** Play one seed and return all that went wrong. */
async function play(seed: number, phones: number, { steps = STEPS, flaw = null as Flaw | null, storeOf = memory as (index: number) => PhoneStore } = {}) {
  const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
  const digest = async (_: string, bytes: Uint8Array) => {
    const { buffer, byteOffset, length } = flaw === 'no_digest' ? Buffer.from('same') : hash(bytes)
    return buffer.slice(byteOffset, byteOffset + length)
  }
  vi.stubGlobal('crypto', { subtle: { digest }, randomUUID })
  const world = new World(new Chance(seed), phones, storeOf, flaw)
  for (let step = 0; step < steps; step++) await world.happen()
  const found = faults(world, await world.recover())
  return { found, effects: world.server.effects }
}

const memory = (): PhoneStore => new MemoryStore()

/** Lost, misplaced or done twice: what must never be. */
function faults({ broken, server, drivers }: World, left: ReadonlyMap<string, string>): string[] {
  const found = [...broken, ...drivers.surprises]
  const presses = new Map(drivers.presses.map((press) => [press.mark, press]))
  const done = new Set<string>()
  const newest = new Map<string, Press>()
  for (const { actionId, driver, deliveryId, call, mark } of server.effects) {
    const press = presses.get(mark)
    if (press?.deliveryId !== deliveryId || press.owner !== driver) found.push(`misplaced: ${call} of ${driver} on ${deliveryId} was "${mark}"`)
    if (done.has(actionId)) found.push(`twice: ${call} of "${mark}"`)
    done.add(actionId)
    if (press?.state === 'undone' || press?.state === 'no_room') found.push(`not wanted: ${call} of "${mark}"`)
    if (!press || deliveryId === null) continue
    const way = `${press.device} ${press.owner} ${deliveryId}`
    const before = newest.get(way)
    if (before && isAfter(before, press)) found.push(`out of order: ${call} of "${mark}" after "${before.mark}"`)
    newest.set(way, press)
  }
  const shown = new Set(['refused', 'behind'])
  for (const [id, state] of left) if (state !== 'done' && !shown.has(state)) found.push(`never sent: ${id} is ${state}`)
  for (const press of drivers.presses.filter(({ state }) => state === 'saved')) {
    for (const { id, kind } of press.actions) {
      const known = server.taken.has(id) || shown.has(left.get(id) ?? '') || drivers.dismissed.has(id)
      if (!known) found.push(`lost: ${kind} of "${press.mark}"`)
    }
  }
  return found
}

/** Presses in two tabs have an order only if one was saved before the other was made. */
const isAfter = (one: Press, other: Press): boolean =>
  one.tab === other.tab ? one.pressedAt > other.pressedAt : one.pressedAt > other.savedAt

/** The fewest steps with which a seed fails, so that whoever mends it has little to read. */
async function shortest(seed: number, phones: number): Promise<number> {
  for (let steps = 1; steps < STEPS; steps++) if ((await play(seed, phones, { steps })).found.length) return steps
  return STEPS
}

beforeAll(() => {
  vi.stubGlobal('location', { origin: 'https://pages.example' })
  vi.stubGlobal('Request', LightRequest)
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const { signal } = new AbortController()
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(signal)
})
afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe.each([2, 3, 4, 5])('%i phones on which anything may happen between any two writes', (phones) => {
  it('lose nothing, misplace nothing and do nothing twice', { timeout }, async () => {
    const seen = new Set<string>()
    for (let seed = phones; seed < RUNS + phones; seed += 4) {
      const { found, effects } = await play(seed, phones)
      for (const { call } of effects) seen.add(call)
      if (!found.length) continue
      const steps = await shortest(seed, phones)
      expect.fail(`seed ${seed}, ${phones} phones, ${steps} steps: ${found.slice(0, 5).join('; ')}`)
    }
    expect([...seen].toSorted()).toEqual(EVERYTHING)
  })
})

describe('the checks notice', () => {
  it.each([
    ['no_lock', 'two requests under way'],
    ['saved_too_early', 'lost:'],
    ['no_digest', 'misplaced:'],
    ['any_owner', 'misplaced:'],
  ] as const)('%s', { timeout }, async (flaw, said) => {
    const found: string[] = []
    for (let seed = 0; seed < 500 && !found.some((one) => one.includes(said)); seed++) {
      found.push(...(await play(seed, 3, { flaw })).found)
    }
    expect(found.join('\n')).toContain(said)
  })
})
