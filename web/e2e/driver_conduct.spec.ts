import { answerDriver, at } from './driver_views'
import { examine } from './examine'
import { expect, test } from './pages'

const NARROW = { narrow: { width: 320, height: 700 }, desktop: { width: 1280, height: 800 } }
const late = (causes: Partial<Record<'driver' | 'shop' | 'traffic' | 'plan', number>>) => ({ driver: 0, shop: 0, traffic: 0, plan: 0, ...causes })
const tier = (code: string, deliveries: number, goods_value: number | null) => ({
  code,
  deliveries,
  rating: deliveries ? 4.5 : 1,
  on_time: deliveries ? 0.85 : 0,
  completion: deliveries ? 0.9 : 0,
  compliance: deliveries ? 0.93 : 0,
  goods_value,
})
const fact = (number: number, more: object = {}) => ({
  delivery_id: `dlv_${number}`,
  zone_id: 'harbour',
  at: at(-60 * number),
  outcome: 'delivered',
  lateness: late({}),
  stars: null,
  contradicted: false,
  ...more,
})
const TIERS = [tier('newcomer', 0, 20_000), tier('proven', 20, 100_000), tier('trusted', 80, null)]
const WORK = {
  driver_id: 'drv_ada',
  as_of: at(0),
  window_days: 90,
  window_deliveries: 100,
  measures: {
    rating: 4.81,
    on_time: 0.942,
    completion: 0.961,
    compliance: 0.978,
    counts: { prior: 5, rated: 12, stars: 56, carried: 48, delivered: 46, late: 3, dropped: 1, contradicted: 0 },
  },
  lateness: late({ driver: 840, shop: 3120, traffic: 1500, plan: 660 }),
  acceptance: { accepted: 51, answered: 83 },
  tier: 'proven',
  currency: 'USD',
  tiers: TIERS.map((one, number) => ({ tier: one, reached: number < 2 })),
  deliveries: [fact(1, { stars: 5 }), fact(2, { lateness: late({ shop: 900, driver: 300 }), stars: 3 }), fact(3, { outcome: 'given_up' })],
}
const weight = (factor: string, at_most_s: number) => ({ factor, at_most_s, explanation: '' })
const HOW = {
  zone_id: 'harbour',
  policy: 'directed',
  answer_s: 120,
  limits: {},
  weights: [
    weight('own_fleet_first', 3600),
    weight('late_for_customer', 3000),
    weight('added_driving', 1600),
    weight('left_unanswered', 900),
    weight('rating', 240),
    weight('time_without_work', 120),
  ],
  measuring: {},
  tiers: TIERS,
  never_counted: [],
}
const CASE = {
  id: 'cas_1',
  ground: 'false_steps',
  level: 'deactivation',
  served_at: at(-60 * 24 * 3),
  effective_on: at(60 * 24 * 12).slice(0, 10),
  until: null,
  stopped_at: null,
  review_by: null,
  lapsed_at: null,
  notice: { days: 14, jurisdiction: 'US-WA-seattle', source: 'SMC 8.40; SHRR 260' },
  policy_id: 'policy-2',
  evidence: [{ kind: 'delivery', id: 'dlv_2jq9gen0f8k61eav5frmftkt', digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', events: 12, steps: 9 }],
  evidence_digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  words: { note: 'Two customers say that nobody came.', stop: null, reasons: 'Both steps were made 4 km from the door.', appeal: null, answer: null },
  may_appeal: true,
  appeal_until: at(60 * 24 * 27),
  appeal: null,
}
const STANDING = {
  standing: { level: 'deactivation', since: CASE.served_at, case_id: 'cas_1', barred_from: CASE.effective_on, until: null },
  barred: false,
  cases: [CASE],
  policies: [{ id: 'policy-2', version: 2, text: 'A person decides, with evidence.', grounds: ['false_steps'], published_at: at(-60 * 24 * 90), digest: '' }],
}

test('driver_work: measures, whose lateness it was, and what weighs how much', async ({ page }) => {
  await answerDriver(page)
  await page.route('**/v1/driver/performance', (call) => call.fulfill({ json: WORK }))
  await page.route('**/v1/driver/disclosure', (call) => call.fulfill({ json: HOW }))
  await page.goto('/driver/#/work')
  await expect(page.getByRole('heading', { name: 'Tier: proven' })).toBeVisible()
  await expect(page.getByText('52 min', { exact: true })).toBeVisible()
  await expect(page.getByText('It counts for nothing.')).toBeVisible()
  await expect(page.getByText('up to 3600 s')).toBeVisible()
  await examine(page, 'driver_work', NARROW)
})

test('driver_standing: a decision with its reasons, evidence, policy and dates, and the appeal', async ({ page }) => {
  await answerDriver(page)
  let appealed: unknown = null
  await page.route('**/v1/driver/standing', (call) =>
    call.fulfill({
      json: appealed
        ? { ...STANDING, cases: [{ ...CASE, may_appeal: false, appeal: { made_at: at(0), answer_by: at(60 * 24 * 14), outcome: null, answered_at: null } }] }
        : STANDING,
    }),
  )
  await page.route('**/v1/driver/cases/cas_1/appeal', (call) => {
    appealed = call.request().postDataJSON()
    return call.fulfill({ json: STANDING })
  })
  await page.goto('/driver/#/standing')
  await expect(page.getByText('14 days of notice, by the law of US-WA-seattle')).toBeVisible()
  await expect(page.getByText('Both steps were made 4 km from the door.')).toBeVisible()
  await page.getByText('Evidence (1)').click()
  await examine(page, 'driver_standing', NARROW)
  await page.getByLabel('Your appeal, in your words').fill('The pin of the map was wrong.')
  await page.getByRole('button', { name: 'Send the appeal' }).click()
  await expect(page.getByText('You appealed on')).toBeVisible()
  expect(appealed).toEqual({ words: 'The pin of the map was wrong.' })
})
