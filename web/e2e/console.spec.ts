import type { Page } from '@playwright/test'
import { expect, expectAccessible, story, test } from './pages'
import { signIn } from './sign_in'

test.use({ viewport: { width: 1440, height: 900 }, hasTouch: false })

const LONG = { timeout: 30_000 }

interface Begun {
  zone: string
  username: string
  password: string
  late: string
  other: string
}

/** Reach a button by the keyboard's means alone: focus and Enter. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).focus()
  await page.keyboard.press('Enter')
}

test('a dispatcher rescues orders, rearranges a route and answers an emergency', async ({ page }) => {
  test.setTimeout(300_000)
  const { zone, username, password, late, other } = await story<Begun>('dispatched', 'begin')

  await test.step('sign in', async () => {
    await page.goto(`/console/${zone}/`)
    await signIn(page, username, password)
    await expect(page.getByRole('button', { name: new RegExp(late) })).toBeVisible(LONG)
    await expect(page.getByText('Only dispatchers act in this story')).toBeVisible(LONG)
  })

  await test.step('a late order goes to another driver, with its cost seen before', async () => {
    await expect(page.getByRole('listitem').filter({ hasText: late }).getByText(/min late$/)).toBeVisible(LONG)
    await page.getByRole('button', { name: new RegExp(late) }).click()
    await page.getByRole('button', { name: 'Assign …' }).click()
    await page.getByRole('radio', { name: /Ben Okoro/ }).check()
    await expect(page.getByText('What it costs if Ben Okoro takes it:')).toBeVisible(LONG)
    await page.getByRole('button', { name: 'Assign to Ben Okoro' }).click()
    await expect(page.getByText('Ben Okoro has it.')).toBeVisible(LONG)
    await expectAccessible(page)
  })

  await test.step('a route is rearranged by keyboard alone', async () => {
    await page.getByRole('listitem').filter({ hasText: 'Ben Okoro' }).first().waitFor(LONG)
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('region', { name: /Drivers on duty/ }).getByRole('button', { name: /Ben Okoro/ }).focus()
    await page.keyboard.press('Enter')
    await expect(page.locator('.stop')).toHaveCount(4, LONG)
    const before = await story<string[]>('dispatched', 'route')
    const first = await page.locator('.stop .link').first().innerText()
    const mine = first.includes(late) ? late : other
    const theirs = mine === late ? other : late
    // The other order's pickup goes to the front.
    while (!(await page.locator('.stop .link').first().innerText()).includes(`Pickup ${theirs}`)) {
      await press(page, `Move Pickup ${theirs} up`)
    }
    await expect(page.getByRole('button', { name: 'Save the route' })).toBeEnabled(LONG)
    await press(page, 'Save the route')
    await expect(page.getByText('The route is saved.')).toBeVisible(LONG)
    expect(await story<string[]>('dispatched', 'route')).not.toEqual(before)
  })

  await test.step('an incident is drawn', async () => {
    await page.getByRole('button', { name: 'Zone', exact: true }).click()
    await expect(page.locator('.map-shown')).toBeVisible(LONG)
    await page.getByRole('button', { name: 'Report an incident …' }).click()
    await page.locator('.map canvas').click({ position: { x: 320, y: 300 } })
    await expect(page.getByLabel('Latitude of the centre')).not.toHaveValue('')
    await page.getByLabel('What happened').fill('Water main burst')
    await page.getByRole('button', { name: 'Report it' }).click()
    await expect(page.locator('.incident').filter({ hasText: 'Water main burst' })).toBeVisible(LONG)
    await page.getByRole('button', { name: 'Live', exact: true }).click()
  })

  await test.step("a driver's emergency is loud until it is handled", async () => {
    await story('dispatched', 'press')
    await expect(page.getByRole('alert')).toHaveText('Emergency: 1 open', LONG)
    await expect(page).toHaveTitle('(1) EMERGENCY')
    await expect(page.getByText('A car hit me')).toBeVisible()
    await page.getByRole('button', { name: 'Handle …' }).click()
    await page.getByLabel('What was done').fill('Called back, an ambulance is there')
    await page.getByRole('button', { name: 'It is handled' }).click()
    await expect(page.getByText('A car hit me')).toHaveCount(0, LONG)
    await expect(page).toHaveTitle('Console')
  })

  await test.step('a message is read and answered', async () => {
    await story('dispatched', 'write')
    await page.getByRole('button', { name: '1 unread' }).click(LONG)
    await expect(page.getByText('The gate is locked').last()).toBeVisible(LONG)
    await page.getByLabel('Message to the driver').fill('The code is 4711')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.locator('.said-by-staff').getByText('The code is 4711').last()).toBeVisible(LONG)
    expect(await story<string[]>('dispatched', 'messages')).toContain('The code is 4711')
  })

  await test.step('several orders are assigned at once', async () => {
    const orders = [await story<{ order_number: string }>('dispatched', 'order'), await story<{ order_number: string }>('dispatched', 'order')]
    for (const { order_number } of orders) await page.getByLabel(`Choose order ${order_number}`).check(LONG)
    await page.getByRole('button', { name: 'To one driver …' }).click()
    await page.getByRole('group', { name: 'Chosen orders' }).getByRole('radio', { name: /Ada Lund/ }).check()
    await page.getByRole('button', { name: 'Assign 2' }).click()
    await expect(page.getByText('assigned to Ada Lund')).toHaveCount(2, LONG)
  })

  await test.step('the audit trail has all of it', async () => {
    await page.getByRole('button', { name: 'Audit trail', exact: true }).click()
    for (const act of ['assigned several orders', 'wrote to a driver', 'handled an emergency', 'reported an incident', 'rearranged a route', 'assigned an order']) {
      await expect(page.locator('.entry').filter({ hasText: `${username} ${act}` }).first()).toBeVisible(LONG)
    }
    await expectAccessible(page)
  })

  await test.step('sign out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.locator('input[name=password]')).toBeVisible(LONG)
  })
})
