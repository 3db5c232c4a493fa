import type { Page } from '@playwright/test'
import { answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'
import { at } from './views'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 320, height: 844 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> => examineAt(page, `console-${test.info().title.split(':')[0]}`, SIZES)

const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const GOOD = { level: 'good', since: null, case_id: null, barred_from: null, until: null }
const NO_WORDS = { note: null, stop: null, reasons: null, appeal: null, answer: null }
const aCase = (id: string, ground: string, more: object = {}) => ({
  id,
  sequence: 1,
  driver_id: 'ada',
  zone_id: 'loop',
  time_zone: 'UTC',
  ground,
  opened_at: at(-3000),
  opened_by: 'sam',
  evidence: [{ kind: 'delivery', id: 'dlv_1', digest: DIGEST, events: 9, steps: 7 }],
  evidence_digest: DIGEST,
  before: GOOD,
  stop: null,
  decision: null,
  dismissal: null,
  appeal: null,
  texts: [],
  ...more,
})
const shown = (one: object, waits_for: string, words: object = {}) => ({
  case: one,
  waits_for,
  due_at: at(6000),
  intact: true,
  words: { ...NO_WORDS, ...words },
  standing: GOOD,
})
const TERM = { days: 14, jurisdiction: 'US-WA-seattle', source: 'SMC 8.40; SHRR 260' }
const DECISION = {
  level: 'deactivation',
  previous: 'suspension',
  served_at: at(-3000),
  by: 'ruth',
  effective_on: at(20_000).slice(0, 10),
  until: null,
  policy_id: 'policy-2',
  policy_digest: DIGEST,
  terms: { notice: TERM, policy: TERM, answer: TERM, appeal_days: 30, jurisdictions: [] },
  appeal_until: at(30_000),
  effective_at: null,
  ended_at: null,
}
const APPEAL = { made_at: at(-500), answer_by: at(19_000), outcome: null, answered_at: null, answered_by: null, overdue_at: null }
const WAITING: Record<string, object[]> = {
  review: [shown(aCase('cas_1', 'impairment', { stop: { at: at(-60), by: 'dora', review_by: at(6000), lapsed_at: null } }), 'review', { note: 'Smelled of drink.', stop: 'May not drive now.' })],
  appeal: [shown(aCase('cas_2', 'theft', { decision: DECISION, appeal: APPEAL }), 'appeal', { reasons: 'A bag never arrived.', appeal: 'The shop found the bag.' })],
  proposal: [shown(aCase('cas_3', 'own_lateness', { opened_by: 'system' }), 'proposal')],
  decision: [],
}

test('conduct: what waits for people, and a decision with its reasons', async ({ page }) => {
  let decided: unknown = null
  await answerConsole(page, {
    '/v1/staff/cases': (request: { url: () => string }) => ({ cases: WAITING[new URL(request.url()).searchParams.get('waits_for') ?? ''] ?? [] }),
    '/v1/staff/policies': { policies: [{ id: 'policy-2', version: 2, text: 'A person decides, with evidence.', grounds: ['theft'], published_at: at(-90_000), digest: DIGEST }] },
    '/v1/staff/cases/cas_3/decide': (request: { postDataJSON: () => unknown }) => {
      decided = request.postDataJSON()
      return shown(aCase('cas_3', 'own_lateness'), 'decision')
    },
  })
  await page.goto('/console/')
  await page.getByRole('button', { name: 'Drivers', exact: true }).click()
  await page.getByRole('button', { name: 'Conduct', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Emergency suspensions to review' })).toBeVisible()
  await expect(page.getByText('The shop found the bag.')).toBeVisible()
  await examine(page)
  const card = page.getByRole('region', { name: 'Proposals of the system' })
  await card.getByLabel('Level').selectOption('Probation')
  await card.getByLabel(/^Days/).fill('30')
  await card.getByLabel(/^Reasons/).fill('Nine of thirty were late while idle.')
  await card.getByRole('button', { name: 'Decide and serve the notice' }).click()
  await expect.poll(() => decided).toEqual({ level: 'probation', days: 30, reasons: 'Nine of thirty were late while idle.' })
})
