import { colours, expect, expectAccessible, test } from './pages'
import { TOKEN, VIEWS, answer } from './views'

const SCREENS = '../build/e2e/screens'

for (const [name, view] of Object.entries(VIEWS)) {
  test(`${name} is shown, accessible and without another host`, async ({ page }, info) => {
    await answer(page, view)
    await page.goto(`/t/${TOKEN}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    if (view.position) await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
    await expectAccessible(page)
    if (view.position) expect(await colours(page, '.map')).toBeGreaterThan(1000)
    await page.screenshot({ path: `${SCREENS}/${name}-${info.project.name}.png`, fullPage: true })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
    expect(wide, 'the page scrolls sideways').toBe(false)
  })
}

const REFUSALS = {
  wrong_link: [401, 'bad_link', 'This link is not right'],
  expired_link: [410, 'link_expired', 'This link has ended'],
  unknown: [404, 'delivery_not_found', 'There is no such delivery'],
  busy: [429, 'too_many_requests', 'One moment, please'],
  trouble: [500, 'internal', "We can't show your delivery just now"],
} as const

for (const [name, [status, code, title]] of Object.entries(REFUSALS)) {
  test(`${name} says what to do`, async ({ page }, info) => {
    await answer(page, { code }, status)
    await page.goto(`/t/${TOKEN}`)
    await expect(page.getByRole('heading', { name: title })).toBeVisible()
    await expectAccessible(page)
    await page.screenshot({ path: `${SCREENS}/${name}-${info.project.name}.png`, fullPage: true })
  })
}

test('the page has a shape while the first answer is on its way', async ({ page }, info) => {
  await page.route('**/v1/track/*', () => {})
  await page.goto(`/t/${TOKEN}`)
  await expect(page.getByText('Looking for your delivery')).toBeAttached()
  await expectAccessible(page)
  await page.screenshot({ path: `${SCREENS}/loading-${info.project.name}.png`, fullPage: true })
})

test('whoever is offline sees how old the page is', async ({ page, context }, info) => {
  await answer(page, VIEWS['coming']!)
  await page.goto(`/t/${TOKEN}`)
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await context.setOffline(true)
  await expect(page.getByText(/You are offline. This is from \d+ seconds? ago/)).toBeVisible()
  await expectAccessible(page)
  await page.screenshot({ path: `${SCREENS}/offline-${info.project.name}.png`, fullPage: true })
  await context.setOffline(false)
  await expect(page.getByText('You are offline')).toBeHidden()
})

test('without the map the page lacks nothing else', async ({ page }, info) => {
  await page.route('**/assets/map-*', (route) => route.abort())
  await page.route('**/v1/track/*', (route) => route.fulfill({ json: VIEWS['coming'] }))
  await page.goto(`/t/${TOKEN}`)
  await expect(page.getByText("The map can't be shown")).toBeVisible()
  await expect(page.getByRole('heading', { name: 'On the way to you' })).toBeVisible()
  await expect(page.getByText('most likely between')).toBeVisible()
  await expect(page.getByText('4821')).toBeVisible()
  await expectAccessible(page)
  await page.screenshot({ path: `${SCREENS}/without_map-${info.project.name}.png`, fullPage: true })
})
