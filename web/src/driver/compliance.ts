/** Reasons why a driver may not drive, as far as the app can tell without asking. The API decides. */

import { dayOf } from './days'
import type { DocumentKind, Driver, VehicleKind } from './model'

const ALL: readonly DocumentKind[] = ['driving_licence', 'identity', 'insurance', 'vehicle_registration']
const REQUIRED: Record<VehicleKind, readonly DocumentKind[]> = {
  foot: ['identity'],
  bicycle: ['identity'],
  scooter: ALL,
  car: ALL,
  van: ALL,
}
const SOON_MS = 14 * 86_400_000

/** The day that a moment is in where the driver works, as the API writes days: a document counts to the end of its last. */
function dayThere(driver: Driver, ms: number): string {
  const form = { timeZone: driver.time_zone, year: 'numeric', month: '2-digit', day: '2-digit' } as const
  return new Intl.DateTimeFormat('en-CA', form).format(ms)
}

export function missingDocuments(driver: Driver, nowMs: number): DocumentKind[] {
  const today = dayThere(driver, nowMs)
  const valid = driver.documents.filter((one) => one.valid_until >= today).map((one) => one.kind)
  return REQUIRED[driver.vehicle.kind].filter((kind) => !valid.includes(kind))
}

/** A level of standing bars from its first day without work to its end; the days are those of this phone. */
function isBarred({ barred_from: from = null, until = null }: Driver['standing'], nowMs: number): boolean {
  const today = dayOf(nowMs)
  return from !== null && from <= today && (until === null || today < until)
}

/** `suspended`, the documents that are missing, or null if the driver may drive. */
export function obstacleOf(driver: Driver, nowMs: number): 'suspended' | DocumentKind[] | null {
  if (driver.closed || isBarred(driver.standing, nowMs)) return 'suspended'
  const missing = missingDocuments(driver, nowMs)
  return missing.length ? missing : null
}

/** Needed documents that end within two weeks. */
export function soonExpiring(driver: Driver, nowMs: number): Driver['documents'] {
  const [today, soon] = [dayThere(driver, nowMs), dayThere(driver, nowMs + SOON_MS)]
  return driver.documents.filter(
    (one) =>
      REQUIRED[driver.vehicle.kind].includes(one.kind) &&
      one.valid_until >= today &&
      one.valid_until < soon &&
      !driver.documents.some((other) => other.kind === one.kind && other.valid_until > one.valid_until),
  )
}
