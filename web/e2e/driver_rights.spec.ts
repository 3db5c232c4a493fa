import { ME, answerDriver, at } from './driver_views'
import { examine } from './examine'
import { expect, test } from './pages'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const BEST = {
  at: at(-4),
  outcome: 'others_better',
  rule: null,
  place: 3,
  compared: 7,
  behind_s: 184.2,
  parts: { route_growth: 620, pickup_wait: 140, rating: 12, fairness: -60 },
  orders: 1,
  pay: usd(940),
  pickup: { lat: 0, lon: 0 },
}
const EXCLUDED = { ...BEST, at: at(-9), outcome: 'excluded', rule: 'too_heavy', place: null, behind_s: null, parts: {} }
const SILENT = { ...EXCLUDED, at: at(-30), outcome: 'unavailable', rule: 'position_too_old', pay: null, pickup: null }

test('driver_why: each decision of the last day, with the rule in plain words', async ({ page }) => {
  await answerDriver(page)
  await page.route('**/v1/driver/decisions*', (call) =>
    call.fulfill({ json: { decisions: [BEST, EXCLUDED, SILENT], next_before: null } }),
  )
  await page.goto('/driver/#/offers')
  await page.getByRole('link', { name: 'Why did I (not) get an offer?' }).click()
  await page.getByText('Others cost less time').click()
  await expect(page.getByText('You were number 3 of 7 who were compared.')).toBeVisible()
  await page.getByText('Not for you').click()
  await expect(page.getByText('It was too heavy for your vehicle.')).toBeVisible()
  await examine(page)
})

test('driver_data: an export to fetch, a correction that was decided and one that waits', async ({ page }) => {
  await answerDriver(page)
  const ready = {
    export_id: 'exp_1',
    state: 'ready',
    asked_at: at(-9),
    ready_at: at(-8),
    until: at(9000),
    size: 24_300,
    sections: ['person'],
    link: 'https://files.example/my-data.zip',
  }
  const asked = {
    correction_id: 'cor_1',
    field: 'name',
    wanted: 'Ada Lund-Lee',
    reason: 'I married.',
    asked_at: at(-9000),
    due_at: at(30_000),
    state: 'open',
    decided_at: null,
    words: null,
  }
  const decided = { ...asked, correction_id: 'cor_2', field: 'rating', state: 'refused', decided_at: at(-60), words: 'The star was for the hand-over.' }
  await page.route('**/v1/driver/data-export', (call) => call.fulfill({ json: { export: ready } }))
  await page.route('**/v1/driver/corrections', (call) => call.fulfill({ json: { corrections: [asked, decided] } }))
  await page.goto('/driver/#/data')
  await expect(page.getByRole('link', { name: 'Save the file' })).toBeVisible()
  await expect(page.getByText('The star was for the hand-over.')).toBeVisible()
  await examine(page)
})

test('driver_shifts: a dedicated driver sees their shifts', async ({ page }) => {
  const shifts = [{ zone_id: 'harbour', on_at: at(-60), off_at: at(240) }]
  await answerDriver(page, { me: { ...ME, kind: 'dedicated', shifts } })
  await page.goto('/driver/#/duty')
  await expect(page.getByRole('heading', { name: 'Your shifts' })).toBeVisible()
  await examine(page)
})
