import type { Page } from '@playwright/test'
import { expect, expectAccessible, story, test } from './pages'
import { signIn } from './sign_in'

test.use({ viewport: { width: 1440, height: 900 }, hasTouch: false })

const LONG = { timeout: 30_000 }
const SCREENS = '../build/e2e/screens'

interface Point {
  lat: number
  lon: number
}

interface Begun {
  zone: string
  centre: Point
  username: string
  password: string
}

interface Order {
  id: string
  number: string
}

const tell = <Told>(step: string): Promise<Told> => story<Told>('by-hand', step)
const outline = async (): Promise<Point[]> => (await tell<{ settings: { area: Point[] } }>('zone')).settings.area
const orders = (): Promise<Record<string, { state: string; driver: string | null }>> => tell('orders')

/** Places of the window where the map shows points; its middle is the middle of the outline, which fills it. */
async function places(page: Page, area: readonly Point[]): Promise<(point: Point) => [number, number]> {
  const box = await page.locator('.map canvas').first().boundingBox()
  if (!box) throw new Error('there is no map')
  const lats = area.map(({ lat }) => lat)
  const lons = area.map(({ lon }) => lon)
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)]
  const half = Math.min(box.width, box.height) / 2 - 64
  return ({ lat, lon }) => [
    box.x + box.width / 2 + ((lon - (west + east) / 2) / ((east - west) / 2)) * half,
    box.y + box.height / 2 - ((lat - (south + north) / 2) / ((north - south) / 2)) * half,
  ]
}

async function drag(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 5 })
  await page.mouse.move(...to, { steps: 5 })
  await page.mouse.up()
}

const queued = (page: Page, { number }: Order) => page.locator('.queue').getByRole('button', { name: new RegExp(number) })

test('a dispatcher shapes the zone, offers, moves and ends orders by hand, and decides on pay', async ({ page }) => {
  test.setTimeout(300_000)
  const { zone, centre, username, password } = await tell<Begun>('begin')

  await test.step('sign in', async () => {
    await page.goto(`/console/${zone}/area`)
    await signIn(page, username, password)
    await expect(page.locator('.map-shown')).toBeVisible(LONG)
  })

  await test.step('the zone is paused and works again', async () => {
    await page.getByLabel('No driver is asked').check()
    await page.getByLabel('For how long').selectOption('until somebody ends it')
    await page.getByLabel('Reason, for other staff').fill('Flood in the harbour')
    await page.getByRole('button', { name: 'Pause the zone' }).click()
    await expect(page.locator('.notices').getByText(`Paused by ${username}: no orders, no offers. Flood in the harbour`)).toBeVisible(LONG)
    expect(await tell('zone')).toMatchObject({ pause: { orders: true, offers: true, until: null } })
    await page.getByRole('button', { name: 'End the pause' }).click()
    await expect(page.getByRole('button', { name: 'Pause the zone' })).toBeVisible(LONG)
    await expect(page.locator('.notices')).toHaveText('')
    expect(await tell('zone')).toMatchObject({ pause: null })
  })

  await test.step('a corner of the outline is dragged', async () => {
    const before = await outline()
    await page.getByRole('button', { name: 'Edit the outline …' }).click()
    await expect(page.getByLabel('Latitude of corner 4')).toBeVisible()
    const at = await places(page, before)
    const [x, y] = at(before[0]!)
    const field = page.getByLabel('Latitude of corner 1')
    const was = await field.inputValue()
    // The drawing on the map is loaded when the form opens.
    await expect(async () => {
      await drag(page, [x, y], [x + 30, y - 40])
      await expect(field).not.toHaveValue(was, { timeout: 1000 })
    }).toPass(LONG)
    await page.screenshot({ path: `${SCREENS}/console-outline_dragged.png` })
    await page.getByRole('button', { name: 'Save the outline' }).click()
    await expect(page.getByText('The outline is saved.')).toBeVisible(LONG)
    const after = await outline()
    expect(after[0]).not.toEqual(before[0])
    expect(after.slice(1)).toEqual(before.slice(1))
  })

  await test.step('a corner is moved by keyboard', async () => {
    const before = await outline()
    const wanted = Number((before[0]!.lat - 0.001).toFixed(6))
    await page.getByLabel('Latitude of corner 1').focus()
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type(String(wanted))
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await outline())[0]!.lat, LONG).toBeCloseTo(wanted, 6)
  })

  await test.step('an outline is drawn anew, and discarded', async () => {
    const before = await outline()
    for (const number of [4, 3]) await page.getByRole('button', { name: `Remove corner ${number}` }).click()
    const [x, y] = (await places(page, before))(centre)
    const clicks: [number, number][] = [[x - 90, y - 80], [x + 90, y - 80], [x + 90, y + 80], [x - 90, y + 80], [x - 90, y - 80]]
    for (const place of clicks) await page.mouse.click(...place)
    await expect(page.getByText('Corners (4)')).toBeVisible(LONG)
    await page.screenshot({ path: `${SCREENS}/console-outline_drawn.png` })
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect(page.getByLabel('Latitude of corner 1')).toHaveValue(String(Number(before[0]!.lat.toFixed(6))))
    await page.getByRole('button', { name: 'Edit the outline …' }).click()
  })

  await test.step('an incident is reported by keyboard and ended', async () => {
    await page.getByRole('button', { name: 'Report an incident …' }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('Latitude of the centre')).toBeVisible()
    await page.keyboard.press('Tab')
    for (const typed of [centre.lat, centre.lon, 400]) {
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.type(String(typed))
      await page.keyboard.press('Tab')
    }
    await page.getByLabel('What happened').focus()
    await page.keyboard.type('Marathon')
    await page.keyboard.press('Enter')
    const known = page.locator('.incident').filter({ hasText: 'Marathon' })
    await expect(known.getByText('400 m around')).toBeVisible(LONG)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'End it: Marathon' }).click()
    await expect(known).toHaveCount(0, LONG)
    await page.getByRole('button', { name: 'Live', exact: true }).click()
  })

  const offered = await tell<Order>('order')
  await test.step('an order is offered to an area that is drawn on the map', async () => {
    await queued(page, offered).click(LONG)
    await page.getByRole('button', { name: 'Offer to an area …' }).click()
    await page.getByLabel('Polygon').check()
    await expect(page.locator('.map-shown')).toBeVisible(LONG)
    const box = await page.locator('.map canvas').first().boundingBox()
    if (!box) throw new Error('there is no map')
    for (const [right, down] of [[0.25, 0.2], [0.75, 0.2], [0.75, 0.8], [0.25, 0.8]] as const)
      await page.mouse.click(box.x + box.width * right, box.y + box.height * down)
    await expect(page.getByText('Corners (4)')).toBeVisible()
    await page.screenshot({ path: `${SCREENS}/console-area_drawn.png` })
    await page.getByRole('button', { name: 'Offer it there' }).click()
    await expect(page.getByText(/^3 asked: .*Ada Lund/)).toBeVisible(LONG)
    await tell('accept')
    await expect(page.getByRole('region', { name: 'Facts' }).getByRole('button', { name: 'Ada Lund' })).toBeVisible(LONG)
  })

  await test.step('an order moves from one driver to another', async () => {
    await page.getByRole('region', { name: 'Facts' }).getByRole('button', { name: 'Ada Lund' }).click()
    await page.getByRole('button', { name: 'Move orders to other drivers …' }).click()
    await page.getByRole('checkbox', { name: offered.number, exact: true }).check()
    await page.getByLabel('to whoever it costs least').uncheck()
    await page.getByRole('radio', { name: /Cleo Marsh/ }).check()
    await expect(page.locator('.preview').getByText(`${offered.number} goes to Cleo Marsh`)).toBeVisible(LONG)
    await page.screenshot({ path: `${SCREENS}/console-transfer.png` })
    await page.getByRole('button', { name: 'Move them' }).click()
    await expect(page.locator('.done').getByText(`${offered.number} goes to Cleo Marsh`)).toBeVisible(LONG)
    expect((await orders())[offered.number]).toMatchObject({ driver: 'Cleo Marsh' })
  })

  await test.step('orders are cancelled, completed and failed by hand', async () => {
    const acts = [
      { order: await tell<Order>('order'), open: 'Cancel …', reason: 'Shop is closed', go: 'Cancel the order', done: 'The order is cancelled.', state: 'cancelled' },
      { order: await tell<Order>('carry'), open: 'Complete by hand …', reason: "The driver's app failed", go: 'Complete it', done: 'The order is completed.', state: 'delivered' },
      { order: await tell<Order>('stand_at_shop'), open: 'Fail by hand …', reason: 'Goods were not found', go: 'Let it fail', done: 'The order has failed.', state: 'failed' },
    ]
    for (const { order, open, reason, go, done, state } of acts) {
      await queued(page, order).click(LONG)
      await page.getByRole('button', { name: open }).click()
      await page.getByRole('radio', { name: reason }).check()
      await page.getByRole('button', { name: go }).click()
      await expect(page.getByText(done)).toBeVisible(LONG)
      await expect(queued(page, order)).toHaveCount(0, LONG)
      expect((await orders())[order.number]).toMatchObject({ state })
    }
  })

  await test.step('the pictures of a delivered order are seen', async () => {
    const { number } = await tell<Order>('hand_over')
    await page.getByLabel('Find an order, driver or plate').fill(number)
    await page.locator('.found').getByRole('button', { name: new RegExp(number) }).click(LONG)
    await expect(page.getByRole('heading', { name: number })).toBeVisible(LONG)
    await page.getByRole('button', { name: 'Show proof and rating' }).click(LONG)
    for (const name of ['Photo of the hand-over', 'Signature']) {
      const picture = page.getByRole('img', { name })
      await expect(picture).toBeVisible(LONG)
      await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(0)
    }
    await page.screenshot({ path: `${SCREENS}/console-proof.png` })
    await expectAccessible(page)
  })

  await test.step('held pay is released, and refused', async () => {
    const [released, refused] = await tell<[Order, Order]>('hold')
    await page.getByRole('button', { name: 'Finance', exact: true }).click()
    const card = ({ id }: Order) => page.locator('.card').filter({ hasText: id.slice(-6) })
    await expect(card(released).getByText('Hand-over: the phone was far from the stop')).toBeVisible(LONG)
    await page.screenshot({ path: `${SCREENS}/console-pay_held.png` })
    await card(released).getByRole('combobox').selectOption('The customer confirms it')
    await expect(card(released).getByRole('button', { name: 'Refuse the pay' })).toBeDisabled()
    await card(released).getByRole('button', { name: 'Release the pay' }).click()
    await expect(card(released)).toHaveCount(0, LONG)
    await card(refused).getByRole('combobox').selectOption('The driver was elsewhere')
    await card(refused).getByRole('button', { name: 'Refuse the pay' }).click()
    await expect(card(refused)).toHaveCount(0, LONG)
  })

  await test.step('a driver is taken off duty and suspended', async () => {
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('region', { name: /Drivers on duty/ }).getByRole('button', { name: /Cleo Marsh/ }).click(LONG)
    await page.getByRole('button', { name: 'Take off duty …' }).click()
    await page.getByRole('button', { name: 'Do it' }).click()
    await expect(page.getByText('Off duty', { exact: true })).toBeVisible(LONG)
    expect((await orders())[offered.number]).toMatchObject({ state: 'created', driver: null })
    await page.getByRole('button', { name: 'Conduct: measures, cases …' }).click()
    await page.getByLabel('Ground').selectOption('Impairment')
    await page.getByLabel(/^Evidence: ids/).fill('report-1')
    await page.getByLabel(/^What happened/).fill('Smelled of drink at the shop.')
    await page.getByRole('button', { name: 'Open the case', exact: true }).click()
    await page.locator('summary', { hasText: 'Suspend at once' }).click(LONG)
    await page.getByLabel(/^The danger/).fill('May not drive now.')
    await page.getByRole('button', { name: 'Suspend at once' }).click()
    await expect(page.getByText('Standing now: Suspension')).toBeVisible(LONG)
    expect(await tell('drivers')).toMatchObject({ 'Cleo Marsh': { on_duty: false, suspended: true } })
    await page.screenshot({ path: `${SCREENS}/console-driver_suspended.png` })
  })

  await test.step('the case is dismissed, and the driver may work again', async () => {
    await page.getByLabel(/^Reasons/).fill('It was mouthwash.')
    await page.getByRole('button', { name: 'Dismiss the case' }).click()
    await expect(page.getByText('Standing now: Good')).toBeVisible(LONG)
    expect(await tell('drivers')).toMatchObject({ 'Cleo Marsh': { on_duty: false, suspended: false } })
  })
})
