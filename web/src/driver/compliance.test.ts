import { describe, expect, it } from 'vitest'
import { missingDocuments, soonExpiring } from './compliance'
import type { Driver } from './model'

const KINDS = ['driving_licence', 'identity', 'insurance', 'vehicle_registration'] as const
const driver = (insured: string, timeZone = 'America/Los_Angeles'): Driver =>
  ({
    vehicle: { kind: 'car' },
    time_zone: timeZone,
    documents: KINDS.map((kind) => ({ kind, valid_until: kind === 'insurance' ? insured : '2030-01-01' })),
  }) as unknown as Driver

describe('documents of a driver', () => {
  it('count to the end of their last day where the driver works', () => {
    const lastMinute = Date.parse('2026-06-02T06:59:00Z')
    expect(missingDocuments(driver('2026-06-01'), lastMinute)).toEqual([])
    expect(missingDocuments(driver('2026-06-01'), lastMinute + 60_000)).toEqual(['insurance'])
    expect(missingDocuments(driver('2026-06-01', 'Europe/Berlin'), lastMinute)).toEqual(['insurance'])
  })

  it('are told of two weeks ahead', () => {
    const now = Date.parse('2026-06-01T20:00:00Z')
    expect(soonExpiring(driver('2026-06-14'), now).map(({ kind }) => kind)).toEqual(['insurance'])
    expect(soonExpiring(driver('2026-06-15'), now)).toEqual([])
    expect(soonExpiring(driver('2026-05-31'), now)).toEqual([])
  })
})
