import type { Page } from '@playwright/test'
import { answerConsole, known } from './console_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'
import { at } from './views'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> => examineAt(page, `console-${test.info().title.split(':')[0]}`, SIZES)

const LAW = { jurisdiction: 'US-CA', since: '2020-12-16', status: 'published', source: 'Cal. Bus. & Prof. Code 7451 (Prop 22)' }
const evidence = (scope: string, about: string, found: string, checked: number | null = null) => ({
  scope,
  about,
  found,
  holds: true,
  checked,
  driver_ids: [],
})
const AUDIT = {
  zone_id: 'harbour',
  as_of: at(-1),
  crowd_drivers: 41,
  dedicated_drivers: 6,
  complete: true,
  holds: true,
  guards: [
    {
      guard: 'no_required_hours',
      says: '',
      holds: true,
      law: [LAW],
      evidence: [evidence('setting', 'dispatch.crowd.weekly_hours', '0.0'), evidence('records', 'crowd_drivers_with_shifts', '0', 41)],
    },
    {
      guard: 'no_exclusivity',
      says: '',
      holds: true,
      law: [],
      evidence: [evidence('records', 'crowd_drivers_bound_to_a_merchant', '0', 41)],
    },
  ],
}
const SHIFTS = {
  drivers: [{ id: 'ada' }],
  shifts: [{ driver_id: 'ada', shift: { zone_id: 'harbour', on_at: at(-60), off_at: at(240) }, on_duty: true }],
}

test('fleet: the policy, the shifts, and the proof that nothing is asked of contractors', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/zones/harbour/shifts': SHIFTS, '/v1/staff/classification': AUDIT })
  await page.goto('/console/harbour/fleet')
  await expect(page.getByText('All guards hold.')).toBeVisible()
  await expect(page.getByText('on duty', { exact: true })).toBeVisible()
  await examine(page)
})

test('requests: what drivers want corrected, by their deadlines', async ({ page }) => {
  const asked = {
    correction_id: 'cor_1',
    field: 'name',
    wanted: 'Ada Lund-Lee',
    reason: 'I married in May.',
    asked_at: at(-9000),
    due_at: at(-90),
    state: 'open',
    decided_at: null,
    words: null,
    driver_id: 'ada',
    driver_name: 'Ada Lund',
    overdue: true,
    decided_by: null,
  }
  await answerConsole(page, { '/v1/staff/corrections': { corrections: [asked] } })
  await page.goto('/console/harbour/requests')
  await expect(page.getByText('Ada Lund-Lee')).toBeVisible()
  await page.getByLabel('Your reasons, for the driver to read').fill('Your certificate shows it.')
  await expect(page.getByRole('button', { name: 'Grant' })).toBeEnabled()
  await examine(page)
})

test('dispatched: everybody who was considered, excluded by which rule, with scores', async ({ page }) => {
  const scored = (driver_id: string, score: number, parts: Record<string, number>) => ({ driver_id, score, parts, acceptance: 0.8 })
  const round = {
    at: at(-6),
    kind: 'offered',
    delivery_ids: ['d00001'],
    offer_id: 'off_1',
    asked: ['ada'],
    scored: [scored('ada', 480, { route_growth: 400, pickup_wait: 80 }), scored('ben', 720, { route_growth: 640, rating: 80 })],
    excluded: [{ driver_id: 'cleo', rule: 'too_heavy' }],
    unavailable: [{ driver_id: 'dev', rule: 'position_too_old' }],
    drivers: 4,
    kept_for_dedicated: false,
    waits: null,
  }
  await answerConsole(page, {
    '/v1/staff/deliveries/d00001': known('d00001'),
    '/v1/staff/deliveries/d00001/dispatch': {
      delivery_id: 'd00001',
      state: 'offered',
      driver_id: null,
      given_by: null,
      given_at: null,
      rounds: [round],
      offers: [],
    },
  })
  await page.goto('/console/harbour/?delivery=d00001')
  await page.getByRole('button', { name: 'Show every round' }).click()
  await page.getByText('Offered', { exact: true }).last().click()
  await expect(page.getByText('it is too heavy for the vehicle').or(page.getByText('too heavy'))).toBeVisible()
  await examine(page)
})
