import { examine } from './examine'
import { colours, expect, test } from './pages'
import { TOKEN, VIEWS, answer, at } from './views'

for (const [name, view] of Object.entries(VIEWS)) {
  test(`${name}: the page shows it`, async ({ page }) => {
    await answer(page, view)
    await page.goto(`/t/${TOKEN}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    if (view.position) {
      await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
      await expect.poll(() => colours(page, '.map')).toBeGreaterThan(1000)
    }
    await examine(page)
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
  test(`${name}: the page says what to do`, async ({ page }) => {
    await answer(page, { code }, status)
    await page.goto(`/t/${TOKEN}`)
    await expect(page.getByRole('heading', { name: title })).toBeVisible()
    await examine(page)
  })
}

test('loading: the page has a shape while the first answer is on its way', async ({ page }) => {
  await page.route('**/v1/track/*', () => {})
  await page.goto(`/t/${TOKEN}`)
  await expect(page.getByText('Looking for your delivery')).toBeAttached()
  await examine(page)
})

test('offline: the page says how old it is', async ({ page, context }) => {
  await answer(page, VIEWS['coming']!)
  await page.goto(`/t/${TOKEN}`)
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await context.setOffline(true)
  await expect(page.getByText(/You are offline. This is from \d+ seconds? ago/)).toBeVisible()
  await examine(page)
  await context.setOffline(false)
  await expect(page.getByText('You are offline')).toBeHidden()
})

test('without_map: the page lacks nothing else', async ({ page }) => {
  await page.route('**/assets/map-*', (route) => route.abort())
  await page.route('**/v1/track/*', (route) => route.fulfill({ json: VIEWS['coming'] }))
  await page.goto(`/t/${TOKEN}`)
  await expect(page.getByText("The map can't be shown")).toBeVisible()
  await expect(page.getByRole('heading', { name: 'On the way to you' })).toBeVisible()
  await expect(page.getByText('most likely between')).toBeVisible()
  await expect(page.getByText('4821')).toBeVisible()
  await examine(page)
})

test('refused: the page says why a tip was refused, and keeps the form', async ({ page }) => {
  await answer(page, VIEWS['delivered']!)
  const problem = { code: 'too_late_to_tip', detail: 'It is too late for a tip.' }
  await page.route('**/v1/track/*/tip', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  )
  await page.goto(`/t/${TOKEN}`)
  await page.getByLabel('$3.00').check()
  await page.getByRole('button', { name: 'Give $3.00' }).click()
  await expect(page.getByText('The delivery was more than seven days ago. A tip can no longer be given.')).toBeVisible()
  await page.getByLabel('Own amount').check()
  await page.getByLabel('Amount in USD').fill('a lot')
  await page.getByRole('button', { name: 'Give a tip' }).click()
  await expect(page.getByRole('alert')).toHaveText('From $0.01 to $100.00')
  await examine(page)
})

test('talk: a message is sent, one that was refused stays, and a number is given', async ({ page }) => {
  await answer(page, VIEWS['messages']!)
  const detail = 'Customer and driver can reach each other from the pickup until an hour after the stop.'
  await page.route('**/v1/track/*/messages', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 409, contentType: 'application/problem+json', json: { code: 'no_contact_now', detail } })
      : route.fallback(),
  )
  await page.route('**/v1/track/*/call', (route) =>
    route.fulfill({ status: 201, json: { number: '+15550000001', expires_at: at(15) } }),
  )
  await page.goto(`/t/${TOKEN}`)
  await expect(page.getByText('I am here.')).toBeVisible()
  await page.getByLabel('Your message').fill('Coming down')
  await page.getByRole('button', { name: 'Send the message' }).click()
  await expect(page.getByText('from the pickup until an hour after the delivery')).toBeVisible()
  await expect(page.getByLabel('Your message')).toHaveValue('Coming down')
  await page.getByRole('button', { name: 'Call the driver' }).click()
  await expect(page.getByRole('link', { name: 'Call +15550000001' })).toBeFocused()
  await examine(page)
})

test('thanks: the focus stays when a form goes after a tip', async ({ page }) => {
  await answer(page, VIEWS['delivered']!)
  const given = { ...VIEWS['delivered']!, tipped: { amount: 300, currency: 'USD' }, may: VIEWS['coming']!.may }
  await page.route('**/v1/track/*/tip', (route) => route.fulfill({ json: given }))
  await page.goto(`/t/${TOKEN}`)
  await page.getByLabel('$3.00').check()
  await page.getByRole('button', { name: 'Give $3.00' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText('Thank you. You gave the driver $3.00.')).toBeFocused()
})

test('stars: a rating is chosen by touch and by keyboard', async ({ page }) => {
  await answer(page, VIEWS['delivered']!)
  await page.goto(`/t/${TOKEN}`)
  await page.locator('.star').nth(1).tap()
  await expect(page.getByLabel('2 stars')).toBeChecked()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByLabel('3 stars')).toBeChecked()
  await expect(page.locator('.star.lit')).toHaveCount(3)
  await expect(page.locator('.star').nth(2)).toHaveCSS('outline-style', 'solid')
})

test.describe('a browser in Austria', () => {
  test.use({ locale: 'de-AT' })

  test('german: the page speaks the language of the browser', async ({ page }) => {
    await answer(page, VIEWS['coming']!)
    await page.goto(`/t/${TOKEN}`)
    await expect(page.getByRole('heading', { name: 'Unterwegs zu Ihnen' })).toBeVisible()
    await expect(page.getByText('wahrscheinlich zwischen 18:30 und 18:41')).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    await examine(page)
  })
})
