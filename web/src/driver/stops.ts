/** Stops of a route in groups: those at one door are made together. */

import { metresBetween } from './measures'
import type { Route, State, Stop } from './model'

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
  minimumAge: number | null
}

export const NOTHING: Needs = { codes: 0, photo: false, signature: false, pin: false, minimumAge: null }

export function needsOf(stop: Pick<Stop, 'kind' | 'requirements' | 'parcels_to_scan'>): Needs {
  const { requirements } = stop
  const codes = requirements.barcode ? (stop.parcels_to_scan ?? 0) : 0
  if (stop.kind === 'return') return NOTHING
  if (stop.kind === 'pickup') return { ...NOTHING, codes }
  return {
    codes,
    photo: requirements.photo ?? false,
    signature: requirements.signature ?? false,
    pin: requirements.pin ?? false,
    minimumAge: requirements.minimum_age ?? null,
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
  }))
}

export const isFree = (needs: Needs): boolean =>
  !needs.codes && !needs.photo && !needs.signature && !needs.pin && !needs.minimumAge

/** A PIN and codes are of one delivery, so such a stop is confirmed by itself. */
const standsAlone = (stop: Stop): boolean => {
  const { pin, codes } = needsOf(stop)
  return pin || codes > 0
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
