import { answerConsole } from './console_views'
import { answerDriver, at } from './driver_views'
import { SIZES, examine } from './examine'
import { expect, test } from './pages'

const NARROW = { narrow: { width: 320, height: 640 }, ...SIZES }
const usd = (amount: number) => ({ amount, currency: 'USD' })

const rule = (name: string, value: string, status: string) => ({
  jurisdiction: 'US-CA',
  rule: name,
  value,
  since: '2026-01-01',
  status,
  source: 'Cal. Bus. & Prof. Code 7453 (Prop 22)',
})
const STEPS = [
  {
    code: 'engaged_time',
    quantity: '20',
    unit: 'h',
    rate: '20.28',
    amount: '405.6',
    currency: 'USD',
    text: 'engaged time at 120 % of 16.90 USD: 20 h at 20.28 USD is 405.6 USD',
    rules: [rule('minimum_wage', '16.90 USD', 'published'), rule('engaged_wage_percent', '120', 'published')],
  },
  {
    code: 'engaged_way',
    quantity: '150',
    unit: 'mi',
    rate: '0.37',
    amount: '55.5',
    currency: 'USD',
    text: 'engaged way: 150 mi at 0.37 USD is 55.5 USD',
    rules: [rule('engaged_per_mile', '0.37 USD', 'derived')],
  },
]
const floor = (changes: object = {}) => ({
  calculation_id: 'flr_1',
  driver_id: 'drv_1',
  jurisdiction: 'US-CA',
  title: 'Proposition 22',
  first: '2026-03-02',
  last: '2026-03-08',
  begins: at(-20_000),
  ends: at(-10_000),
  deadline: at(2000),
  reckoned_at: at(-8000),
  engaged_s: 72_000,
  on_call_s: 0,
  least: usd(46_110),
  earned: usd(40_000),
  short: usd(6110),
  share: usd(0),
  paid: usd(6110),
  is_certain: false,
  steps: STEPS,
  true_ups: [{ amount: usd(6110), at: at(-8000) }],
  works: [
    { delivery_id: 'dlv_1', offer_id: 'ofr_1', since: at(-15_000), until: at(-14_978), metres: 9656, pay: usd(700) },
  ],
  ...changes,
})
const ENOUGH = floor({
  calculation_id: 'flr_2',
  first: '2026-02-23',
  last: '2026-03-01',
  earned: usd(50_000),
  short: usd(0),
  paid: usd(0),
  is_certain: true,
  true_ups: [],
})

test('driver_pay_floors: a week with a true-up and its calculation, and one without', async ({ page }) => {
  await answerDriver(page, {})
  await page.route('**/v1/driver/pay-floors*', (call) =>
    call.fulfill({ json: { pay_floors: [floor(), ENOUGH], next_cursor: 'more' } }),
  )
  await page.goto('/driver/#/floors')
  await expect(page.getByText('Your pay was enough')).toBeVisible()
  await page.getByText('How it was found').first().click()
  await expect(page.getByText('20 h at 20.28 USD').first()).toBeVisible()
  await expect(page.getByText('reckoned, not seen yet').first()).toBeVisible()
  await page.getByText('Work that was counted').first().click()
  await expect(page.getByText('22 min, 6.0 mi: $7.00').first()).toBeVisible()
  await examine(page, undefined, NARROW)
})

test('console_pay_floors: a week by place, marked where a figure is not published', async ({ page }) => {
  await answerConsole(page)
  await page.route('**/v1/staff/pay-floors*', (call) =>
    call.fulfill({ json: { pay_floors: [floor(), ENOUGH], next_cursor: 'more' } }),
  )
  await page.goto('/console/harbour/floors')
  await expect(page.getByText('Rests on figures that are not published')).toHaveCount(1)
  await page.getByText('Calculation').first().click()
  await expect(page.getByText('engaged way: 150 mi at 0.37 USD is 55.5 USD').first()).toBeVisible()
  await page.getByLabel('Place').selectOption('US-WA-seattle')
  await page.getByRole('button', { name: 'Show' }).click()
  await examine(page)
})
