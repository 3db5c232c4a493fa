import { type Page } from '@playwright/test'
import { answerConsole } from './console_views'
import { OFFER, answerDriver, at } from './driver_views'
import { SIZES, examine } from './examine'
import { expect, test } from './pages'

const NARROW = { narrow: { width: 320, height: 640 }, ...SIZES }
const usd = (amount: number) => ({ amount, currency: 'USD' })

const incentive = (id: string, terms: object, changes: object = {}) => ({
  incentive_id: id,
  zone_id: 'loop',
  title: 'Friday evening',
  terms,
  currency: 'USD',
  starts_at: at(-60),
  ends_at: at(240),
  state: 'running',
  can_join: false,
  progress: null,
  ...terms,
  ...changes,
})
const progress = {
  joined_at: at(-90),
  deliveries: 5,
  awaiting: 1,
  next_deliveries: 12,
  pay: usd(6120),
  duty_percent: null,
  earned: usd(1000),
  reserved: usd(3000),
  closed_at: null,
}
const quest = { kind: 'quest', steps: [{ deliveries: 4, amount: 1000 }, { deliveries: 12, amount: 3000 }] }
const INCENTIVES = [
  incentive('inc_1', quest, { progress }),
  incentive('inc_2', { kind: 'guarantee', amount: 10_000, duty_percent: 80 }, { title: 'Saturday', state: 'planned', can_join: true }),
  incentive('inc_3', { kind: 'peak_bonus', amount: 250 }, { title: 'Rain' }),
]

const block = (id: string, changes: object = {}) => ({
  block_id: id,
  zone_id: 'loop',
  title: 'Lunch',
  starts_at: at(600),
  ends_at: at(780),
  capacity: 5,
  guarantee: usd(6000),
  duty_percent: 80,
  cancel_until: at(480),
  release_minutes: 30,
  pause_days: 0,
  places_left: 2,
  waiting: 0,
  can_book: true,
  state: null,
  place_in_line: null,
  may_cancel: false,
  least: usd(6000),
  paid: null,
  ...changes,
})
const BLOCKS = [
  block('blk_1', { state: 'booked', can_book: false, may_cancel: true }),
  block('blk_2', { title: 'Dinner', state: 'waiting', place_in_line: 2, places_left: 0, waiting: 3, can_book: false, may_cancel: true }),
  block('blk_3', { title: 'Night' }),
]
const HOURS = Array.from({ length: 8 }, (_, hour) => ({
  begins: at(60 * hour),
  mean: hour === 7 ? null : 4 + hour,
  low: hour === 7 ? null : 2,
  high: hour === 7 ? null : 6 + 2 * hour,
  weeks: hour === 7 ? 0 : 4,
}))

async function answerExtra(page: Page): Promise<void> {
  await answerDriver(page, { offers: [OFFER] })
  await page.route('**/v1/driver/incentives', (call) => call.fulfill({ json: { incentives: INCENTIVES } }))
  await page.route('**/v1/driver/blocks', (call) => call.fulfill({ json: { blocks: BLOCKS, paused_until: null } }))
  await page.route('**/v1/driver/demand*', (call) => call.fulfill({ json: { zone_id: 'loop', time_zone: 'America/Chicago', hours: HOURS } }))
}

test('driver_extra_pay: quests with progress, and a guarantee to join', async ({ page }) => {
  await answerExtra(page)
  await page.goto('/driver/#/extra')
  await expect(page.getByText('7 more to the next step')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Join' })).toHaveCount(1)
  await examine(page, undefined, NARROW)
})

test('driver_blocks: places, bookings and demand', async ({ page }) => {
  await answerExtra(page)
  await page.goto('/driver/#/blocks')
  await expect(page.getByText('Number 2 on the waitlist')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Book', exact: true })).toHaveCount(1)
  await expect(page.getByText('not measured yet')).toBeVisible()
  await examine(page, undefined, NARROW)
})

test('console_extra_pay: budgets and bookings', async ({ page }) => {
  await answerConsole(page)
  const { progress: _, can_join: __, currency: ___, ...told } = INCENTIVES[0]!
  const staff = {
    ...told,
    audience: { kind: 'all', tiers: [], newcomer_days: 30 },
    budget: usd(90_000),
    committed: usd(78_000),
    paid: usd(31_000),
    promises: 26,
    is_nearly_used: true,
    made_by: 'fin',
    made_at: at(-600),
    stopped_at: null,
    exhausted_at: null,
  }
  await page.route('**/v1/staff/zones/*/incentives', (call) => call.fulfill({ json: { incentives: [staff] } }))
  const { can_book: _a, state: _b, place_in_line: _c, may_cancel: _d, least: _e, places_left: _f, ...shared } = BLOCKS[0]!
  const booking = { driver_id: 'drv_1', state: 'booked', since: at(-30), counts_from: at(600), is_late: false, settled_at: null, paid: 0 }
  const shown = { ...shared, waitlist: 20, audience: staff.audience, made_by: 'fin', made_at: at(-600), stopped_at: null, booked: 1, paid: usd(0), bookings: [booking] }
  await page.route('**/v1/staff/zones/*/blocks', (call) => call.fulfill({ json: { blocks: [shown] } }))
  await page.goto('/console/harbour/extra')
  await expect(page.getByText('Nearly used up')).toBeVisible()
  await page.getByText('New incentive').click()
  await page.getByText('New block').click()
  await examine(page)
})
