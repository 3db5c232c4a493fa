/** Time in which the customer's page is shown and answers on a slow phone. */

import { expect, test } from './pages'
import { TOKEN, VIEWS, answer } from './views'
import { type Vitals, bestOf, measure, slowDown } from './vitals'

const LIMITS: Vitals = { lcp: 2500, inp: 200, cls: 0.1 }

test('on a slow phone the page is readable within 2.5 seconds and answers within 200 ms', async ({ context }) => {
  test.setTimeout(180_000)
  const best = await bestOf(context, async () => {
    const page = await context.newPage()
    await answer(page, VIEWS['delivered']!)
    const vitals = await measure(page)
    await slowDown(page)
    await page.goto(`/t/${TOKEN}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    for (const star of [1, 3, 4, 2]) await page.locator('.star').nth(star).tap()
    await page.getByLabel('Own amount').check()
    await page.getByLabel('$3.00').check()
    const seen = await vitals()
    await page.close()
    return seen
  }, LIMITS)

  expect(best.lcp).toBeLessThanOrEqual(LIMITS.lcp)
  expect(best.inp).toBeLessThanOrEqual(LIMITS.inp)
  expect(best.cls).toBeLessThanOrEqual(LIMITS.cls)
})
