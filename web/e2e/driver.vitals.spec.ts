/** How quickly the driver's app is there and answers on a slow phone. */

import { NEXT, answerDriver, route } from './driver_views'
import { expect, test } from './pages'
import { type Vitals, bestOf, measure, slowDown } from './vitals'

const LIMITS: Vitals = { lcp: 2500, inp: 200, cls: 0.1 }

test('on a slow phone the app is readable within 2.5 seconds and answers within 200 ms', async ({ context }) => {
  test.setTimeout(240_000)
  const best = await bestOf(context, async () => {
    const page = await context.newPage()
    await answerDriver(page, { route: route([NEXT.coming, NEXT.shop]) })
    const vitals = await measure(page)
    await slowDown(page)
    await page.goto('/driver/')
    await expect(page.getByRole('button', { name: "I'm here" })).toBeVisible({ timeout: 20_000 })
    for (const part of ['Offers', 'Earnings', 'More', 'Route']) await page.getByRole('link', { name: part, exact: true }).tap()
    await expect(page.getByRole('button', { name: "I'm here" })).toBeVisible()
    const seen = await vitals()
    await page.close()
    return seen
  }, LIMITS)

  expect(best.lcp).toBeLessThanOrEqual(LIMITS.lcp)
  expect(best.inp).toBeLessThanOrEqual(LIMITS.inp)
  expect(best.cls).toBeLessThanOrEqual(LIMITS.cls)
})
