/** Reasons why a driver may not drive, as far as the app can tell without asking. The API decides. */

import type { DocumentKind, Driver, VehicleKind } from './model'

const ALL: readonly DocumentKind[] = ['driving_licence', 'identity', 'insurance']
const REQUIRED: Record<VehicleKind, readonly DocumentKind[]> = {
  foot: ['identity'],
  bicycle: ['identity'],
  scooter: ALL,
  car: ALL,
  van: ALL,
}
const SOON_MS = 14 * 86_400_000

/** A document is valid to the end of its last day in UTC. */
const endOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) + 86_400_000

export function missingDocuments(driver: Driver, nowMs: number): DocumentKind[] {
  const valid = driver.documents.filter((one) => endOf(one.valid_until) > nowMs).map((one) => one.kind)
  return REQUIRED[driver.vehicle.kind].filter((kind) => !valid.includes(kind))
}

/** `onboarding`, `suspended`, the documents that are missing, or null if the driver may drive. */
export function obstacleOf(driver: Driver, nowMs: number): 'onboarding' | 'suspended' | DocumentKind[] | null {
  if (driver.onboarding) return 'onboarding'
  if (driver.suspended) return 'suspended'
  const missing = missingDocuments(driver, nowMs)
  return missing.length ? missing : null
}

/** Needed documents that end within two weeks. */
export function soonExpiring(driver: Driver, nowMs: number): Driver['documents'] {
  return driver.documents.filter(
    (one) =>
      REQUIRED[driver.vehicle.kind].includes(one.kind) &&
      endOf(one.valid_until) > nowMs &&
      endOf(one.valid_until) < nowMs + SOON_MS &&
      !driver.documents.some((other) => other.kind === one.kind && other.valid_until > one.valid_until),
  )
}
