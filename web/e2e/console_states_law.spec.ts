import type { Page } from '@playwright/test'
import { answerConsole, known } from './console_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'
import { at } from './views'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> => examineAt(page, `console-${test.info().title.split(':')[0]}`, SIZES)

const ORDER = known('d00001')
const rule = (name: string, value: string, jurisdiction: string, source: string, status = 'published') => ({
  rule: `goods_alcohol_${name}`,
  value,
  jurisdiction,
  source,
  status,
})
const REGULATED = {
  ...ORDER,
  delivery: {
    ...ORDER.delivery,
    state: 'returning',
    driver_id: 'ada',
    goods: 'alcohol',
    demands: {
      disposition: true,
      refusals: ['intoxicated', 'no_valid_id'],
      rules: [
        rule('minimum_age', '21', 'US', "23 U.S.C. 158 and the states' codes"),
        rule('credentials', 'alcohol_certificate', 'US-TX', '16 TAC 50.32'),
        rule('affirmations', 'not_intoxicated;valid_id_seen;of_age', 'US-TX', '16 TAC 50.33'),
        rule('attended', 'yes', 'US', 'Follows from the check of age in person', 'derived'),
      ],
    },
  },
}
const PROOF = {
  delivery_id: 'd00001',
  driver_id: 'ada',
  captured_at: null,
  device_at: null,
  made_at: null,
  position: null,
  distance_m: null,
  received_by: null,
  voucher: null,
  images: [],
  remarks: [],
  earlier: [],
  scans: [],
  pin_failures: 0,
  pin_matched: false,
  age_document: null,
  id_checked: { document: 'driving_licence', read_by: 'typed', unreadable: 'damaged', age_proven: 21, at: at(-9) },
  affirmed: ['not_intoxicated', 'of_age'],
  relation: 'caregiver',
  name_printed: true,
  temperatures: [{ stop: 'pickup', driver_id: 'ada', celsius: 4.5, at: at(-20), made_at: at(-20) }],
  disposition: { kind: 'returned_to_store', by: 'ada', at: at(-2), person: 'Jo Park' },
}

test('law: the rules of the goods with their sources, what was captured, and what became of the goods', async ({ page }) => {
  await answerConsole(page, {
    '/v1/staff/deliveries/d00001': REGULATED,
    '/v1/staff/deliveries/d00001/proof': PROOF,
  })
  await page.goto('/console/harbour/?delivery=d00001')
  await page.getByText('Alcohol', { exact: true }).click()
  await expect(page.getByText('US-TX · published · 16 TAC 50.32')).toBeVisible()
  await page.getByRole('button', { name: 'Show proof and rating' }).click()
  await expect(page.getByText('Document read: driving licence, typed, 21 or older')).toBeVisible()
  await expect(page.getByText(/Back at the shop at .*, says ada, Jo Park/)).toBeVisible()
  await examine(page)
})

test('law_ending: a return that staff complete says what became of the goods', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/deliveries/d00001': REGULATED })
  await page.goto('/console/harbour/?delivery=d00001')
  await page.getByRole('button', { name: 'Complete by hand …' }).click()
  await page.getByLabel('Destroyed').check()
  await expect(page.getByLabel('Who was the witness')).toBeVisible()
  await examine(page)
})
