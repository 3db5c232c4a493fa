import { type Page, type Request, test as base } from '@playwright/test'
import { type Answers, answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { CLAIM, PAYEES, SURGE, TABLES, YEAR } from './finance_more_views'
import { expect, test } from './pages'

const SIZES = { desktop: { width: 1024, height: 900 }, phone: { width: 360, height: 800 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> => examineAt(page, `console-${base.info().title.split(':')[0]}`, SIZES)

async function open(page: Page, view: string, answers: Answers, groups = ['finance']): Promise<void> {
  await answerConsole(page, answers, groups)
  await page.goto(`/console/harbour/${view}`)
}

test('tax: forms beside the books, withheld tax by month, payees with their letters', async ({ page }) => {
  await open(page, 'tax', { '/v1/staff/tax/years/2025': YEAR, '/v1/staff/tax/years/2026': YEAR, '/v1/staff/tax/drivers': PAYEES })
  await expect(page.getByRole('heading', { name: 'Ben Okoro' })).toBeVisible()
  await expect(page.getByText(/2025-12: \$153.60 withheld, \$53.60 left/)).toBeVisible()
  await examine(page)
})

test('claims: what both sides say, what was found, and the decision', async ({ page }) => {
  const ofState = (request: Request): unknown => ({
    claims: new URL(request.url()).searchParams.get('state') === 'to_decide' ? [CLAIM] : [],
  })
  await open(page, 'claims', { '/v1/staff/claims': ofState })
  await expect(page.getByText('The cake was upside down.')).toBeVisible()
  await examine(page)
})

test('prices: the surge of the zone and the price tables', async ({ page }) => {
  await open(page, 'prices', { '/v1/staff/price-tables': TABLES, '/v1/staff/zones/harbour/surge': SURGE })
  await expect(page.getByText('Harbour, summer').first()).toBeVisible()
  await examine(page)
})
