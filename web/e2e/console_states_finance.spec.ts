/** The views of finance's mails and of the break-even in each state that the API can answer. */

import { type Page, test as base, type Request } from '@playwright/test'
import type { Schemas } from '../src/parts/client'
import { answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 360, height: 844 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> =>
  examineAt(page, `console-${base.info().title.split(':')[0]}`, SIZES)

const PLAN: Schemas['FinanceMails']['plans']['flash'] = {
  enabled: true,
  recipients: ['fay@crowdship.example'],
  time: '07:00',
  time_zone: 'America/Chicago',
  weekday: 'monday',
  day_of_month: 2,
  language: 'en',
  at_once: true,
}

const MAILS: Schemas['FinanceMails'] = {
  plans: { flash: PLAN, weekly: PLAN, month: PLAN, exceptions: { ...PLAN, enabled: false, recipients: [] } },
  changed_by: 'fay',
  changed_at: '2026-11-28T09:00:00Z',
  next: [{ mail: 'flash', due_at: '2026-11-30T13:00:00Z' }],
  runs: [
    {
      mail: 'flash',
      period: '2026-11-28',
      state: 'sent',
      due_at: '2026-11-29T13:00:00Z',
      sent_at: '2026-11-29T16:20:00Z',
      late_by: 200,
      recipients: ['fay@crowdship.example'],
      exceptions: 1,
      attempts: 1,
      error: null,
    },
    {
      mail: 'weekly',
      period: '2026-W47',
      state: 'waiting',
      due_at: '2026-11-23T13:00:00Z',
      sent_at: null,
      late_by: 0,
      recipients: [],
      exceptions: 0,
      attempts: 5,
      error: 'MessageRejected',
    },
  ],
}

const usd = (amount: number) => ({ amount, currency: 'USD' })
const VOLUMES = Array.from({ length: 40 }, (_, place) => 1 + place * 0.4)

const FOUND = {
  zone_id: 'harbour',
  on: '2026-11-29',
  currency: 'USD',
  verdict: 'hybrid',
  drivers: 2,
  spans: [
    { from_hour: 11, until_hour: 14 },
    { from_hour: 17, until_hour: 21 },
  ],
  saving_a_day: usd(4210),
  cost: {
    since: '2026-01-01',
    wage_per_hour: 2150,
    employer_basis_points: 765,
    vehicle_per_hour: 300,
    insurance_per_hour: 90,
    idle_percent: 15,
  },
  tipping: {
    volume: 4.6,
    low: 4.3,
    high: 5.1,
    needed: 4.4,
    crowd_cost: usd(715),
    fixed_minutes: 6.2,
    way_minutes: 13.9,
  },
  hours: Array.from({ length: 24 }, (_, hour) => ({
    hour,
    volume: hour < 10 ? 0 : 3 + (hour % 7),
    drivers: hour % 7 > 3 ? 1 : 0,
    is_unsure: hour % 7 === 2,
  })),
  curve: { volumes: VOLUMES, crowd: VOLUMES.map(() => 7.15), dedicated: VOLUMES.map((volume) => 32 / Math.min(volume, 6)) },
  fleet_now: { hold_minutes: 0, orders_per_driver: 2 },
  fleet: { hold_minutes: 10, orders_per_driver: 2 },
  days: Array.from({ length: 28 }, (_, day) => ({
    day: `2026-11-${String(day + 1).padStart(2, '0')}`,
    delivered: 90,
    cost: usd(64_350),
    engaged_minutes: 900,
  })),
  days_needed: 14,
  delivered_needed: 100,
} satisfies Schemas['BreakEvenView']

test("finance_mails: who gets which mail, what was sent, and a test to a recipient", async ({ page }) => {
  const asked: unknown[] = []
  await answerConsole(
    page,
    {
      '/v1/staff/finance/mails': (request: Request) => {
        if (request.method() !== 'GET') asked.push(request.postDataJSON())
        return MAILS
      },
    },
    ['finance'],
  )
  await page.goto('/console/harbour/mails')
  await expect(page.getByText('200 min late')).toBeVisible()
  await expect(page.getByText('refused: MessageRejected, tried 5 times')).toBeVisible()
  await examine(page)
  await page.getByRole('button', { name: 'Send a test to fay@crowdship.example' }).first().click()
  await expect(page.getByText('The test is on its way.')).toBeVisible()
  expect(asked).toMatchObject([{ test: { mail: 'flash', to: 'fay@crowdship.example' } }])
  await page.getByLabel('Recipients, one on each line').first().fill('fay@crowdship.example\ngus@crowdship.example')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => asked.length).toBe(2)
  expect(asked[1]).toMatchObject({ plans: { flash: { recipients: ['fay@crowdship.example', 'gus@crowdship.example'] } } })
})

test('break_even: a recommendation with its plot, and the button that lets the policy follow', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/break-even': FOUND }, ['administrator'])
  await page.goto('/console/harbour/break_even')
  await expect(page.getByText('Employ 2 dedicated drivers at most, in these hours: 11–14, 17–21.')).toBeVisible()
  await expect(page.getByRole('img', { name: /The crowd costs \$7\.15/ })).toBeVisible()
  await page.getByText('By hour of the day').click()
  await examine(page)
  await expect(page.getByRole('button', { name: 'Apply: keep orders 10 min for dedicated drivers' })).toBeVisible()
})

test('break_even_early: too few days recommend nothing', async ({ page }) => {
  const early = { ...FOUND, verdict: 'not_enough_days', tipping: null, curve: null, fleet: null, days: [], hours: [] }
  await answerConsole(page, { '/v1/staff/break-even': early }, ['finance'])
  await page.goto('/console/harbour/break_even')
  await expect(page.getByText('Not enough days: 0 of 14 days')).toBeVisible()
  await expect(page.getByRole('button', { name: /Apply/ })).toHaveCount(0)
})
