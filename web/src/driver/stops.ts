/** Stops of a route in groups: those at one door are made together. */

import { metresBetween } from './measures'
import type { Range, Route, State, Stop } from './model'

/** Stops of one kind at one door for one person, which need one confirmation. */
export interface Group {
  /** The address of the group within the app: the first stop's id. */
  id: string
  stops: Stop[]
  /** The stop that speaks for all. */
  first: Stop
  phase: Phase
}

/**
 * Progress of a stop.
 *
 * `blocked`: the goods have to be fetched first. `waiting`: the driver may set out. `under_way`: they did. `there`: they
 * arrived.
 */
export type Phase = 'blocked' | 'waiting' | 'under_way' | 'there'

const SAME_DOOR_M = 30
const PHASES: Phase[] = ['blocked', 'waiting', 'under_way', 'there']

const PHASE_OF: Record<Stop['kind'], Partial<Record<State, Phase>>> = {
  pickup: { assigned: 'waiting', en_route_to_pickup: 'under_way', arrived_at_pickup: 'there' },
  dropoff: { picked_up: 'waiting', en_route_to_dropoff: 'under_way', arrived_at_dropoff: 'there' },
  return: { returning: 'waiting' },
}

export function phaseOf(stop: Stop): Phase {
  const phase = PHASE_OF[stop.kind][stop.delivery_state] ?? 'blocked'
  // The way back begins with the failure, so its state does not tell whether the driver has set out.
  return stop.kind === 'return' && phase === 'waiting' && stop.started ? 'under_way' : phase
}

/** Captures that a stop requires, in the order in which a driver makes them. */
export interface Needs {
  /** Parcels to scan; 0 if none. */
  codes: number
  photo: boolean
  signature: boolean
  pin: boolean
  /** Years, proven by the driver's look at a document; null if a document is read instead. */
  minimumAge: number | null
  /** A document is read, for an age in years, or 0 if no age is asked for. */
  idAge: number | null
  affirmations: readonly string[]
  printedName: boolean
  relation: boolean
  temperature: Range | null
  /** It is said what became of goods that come back. */
  disposition: boolean
}

export const NOTHING: Needs = {
  codes: 0,
  photo: false,
  signature: false,
  pin: false,
  minimumAge: null,
  idAge: null,
  affirmations: [],
  printedName: false,
  relation: false,
  temperature: null,
  disposition: false,
}

export type Asking = Pick<Stop, 'kind' | 'requirements' | 'parcels_to_scan'> & { needs_disposition?: boolean }

export function needsOf(stop: Asking): Needs {
  const { requirements, kind } = stop
  const parcels = stop.parcels_to_scan ?? 0
  const codes = requirements.barcode || requirements.custody_scan ? parcels : 0
  const temperature = requirements.temperature ?? null
  if (kind === 'return')
    return { ...NOTHING, codes: requirements.custody_scan ? parcels : 0, disposition: stop.needs_disposition ?? false }
  if (kind === 'pickup') return { ...NOTHING, codes, temperature }
  const age = requirements.minimum_age ?? null
  return {
    ...NOTHING,
    codes,
    temperature,
    photo: requirements.photo ?? false,
    signature: requirements.signature ?? false,
    pin: requirements.pin ?? false,
    minimumAge: requirements.id_check ? null : age,
    idAge: requirements.id_check ? (age ?? 0) : null,
    affirmations: requirements.affirmations ?? [],
    printedName: requirements.printed_name ?? false,
    relation: requirements.recipient_relation ?? false,
  }
}

/** All that a group needs; its stops share photo, signature and age check. */
export function needsOfAll(stops: readonly Stop[]): Needs {
  return stops.map(needsOf).reduce((all, one) => ({
    codes: all.codes + one.codes,
    photo: all.photo || one.photo,
    signature: all.signature || one.signature,
    pin: all.pin || one.pin,
    minimumAge: Math.max(all.minimumAge ?? 0, one.minimumAge ?? 0) || null,
    idAge: all.idAge === null && one.idAge === null ? null : Math.max(all.idAge ?? 0, one.idAge ?? 0),
    affirmations: [...new Set([...all.affirmations, ...one.affirmations])],
    printedName: all.printedName || one.printedName,
    relation: all.relation || one.relation,
    temperature: all.temperature ?? one.temperature,
    disposition: all.disposition || one.disposition,
  }))
}

/** A PIN, codes, a temperature and a disposition are of one delivery, so such a stop is confirmed by itself. */
const standsAlone = (stop: Stop): boolean => {
  const { pin, codes, temperature, disposition } = needsOf(stop)
  return pin || codes > 0 || temperature !== null || disposition || stop.needs_disposition
}

function sameDoor(a: Stop, b: Stop): boolean {
  if (a.kind !== b.kind || standsAlone(a) || standsAlone(b) || a.undeliverable !== b.undeliverable) return false
  // Two doors of one area have the same point until the pickup.
  if (a.is_area || b.is_area) return false
  if (metresBetween(a.point, b.point) > SAME_DOOR_M) return false
  return a.contact?.name === b.contact?.name && a.contact?.address === b.contact?.address
}

/** The route in groups: neighbours in it that are made at one door. */
export function groupsOf(stops: readonly Stop[]): Group[] {
  const doors: Stop[][] = []
  for (const stop of stops) {
    const last = doors.at(-1)
    const fits = last?.[0] && sameDoor(last[0], stop) && (phaseOf(last[0]) === 'blocked') === (phaseOf(stop) === 'blocked')
    if (last && fits) last.push(stop)
    else doors.push([stop])
  }
  return doors.map((door) => groupOf(door as [Stop, ...Stop[]]))
}

function groupOf(stops: [Stop, ...Stop[]]): Group {
  const least = Math.min(...stops.map((stop) => PHASES.indexOf(phaseOf(stop))))
  return { id: stops[0].stop_id, stops, first: stops[0], phase: PHASES[least] ?? 'blocked' }
}

export const groupWith = (groups: readonly Group[], stopId: string): Group | undefined =>
  groups.find(({ stops }) => stops.some((stop) => stop.stop_id === stopId))

/** Changes that others made to the plan and that the driver has not confirmed, as counts. */
export function changesOf(route: Route): { added: number; removed: number; changed: number; reordered: boolean } {
  const count = (name: 'added' | 'removed' | 'changed'): number =>
    new Set(route.pending.flatMap((change) => change[name])).size
  return {
    added: count('added'),
    removed: count('removed'),
    changed: count('changed'),
    reordered: route.pending.some((change) => change.reordered),
  }
}
