import { expect, test } from '@playwright/test'
import { type Asked, NEXT, answerDriver, route } from './driver_views'
import { colours } from './pages'
import { Phone } from './phones'

let phone: Phone
let asked: Asked[][]
const steps = (): string[] =>
  asked.flat().filter(({ method, path }) => method !== 'GET' && path.includes('/deliveries/')).map(({ path }) => path)

test.beforeEach(async () => {
  asked = []
  phone = await Phone.bought({
    prepare: async (page) => {
      asked.push(await answerDriver(page, { route: route([NEXT.coming, NEXT.shop]) }))
    },
  })
  await phone.page.goto('/driver/')
  await expect(phone.page.getByRole('button', { name: "I'm here" })).toBeVisible()
  await phone.hasKept(['/driver/index.html', '/scan/worker.js', '/scan/zxing_reader.wasm', '/icon.svg'])
})
test.afterEach(() => phone.thrownAway())

test('the app opens without network, with the route it had', async () => {
  await phone.offline(true)
  const began = Date.now()
  await phone.page.reload()
  await expect(phone.page.getByRole('button', { name: "I'm here" })).toBeVisible()
  test.info().annotations.push({ type: 'opened offline', description: `${Date.now() - began} ms` })
})

test('the map is drawn without network, also after the app was opened anew', async () => {
  const { page } = phone
  await phone.hasKept(['/ground/ground.json'])
  await phone.offline(true)
  await page.reload()
  await page.getByRole('button', { name: 'Map' }).click()
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await expect.poll(() => colours(page, '.map'), { timeout: 30_000 }).toBeGreaterThan(1000)
})

test('a step that was shown as done outlives the browser, and is sent once', async () => {
  await phone.offline(true)
  await phone.page.getByRole('button', { name: "I'm here" }).click()
  await expect(phone.page.getByRole('button', { name: "I'm here" })).toHaveCount(0)
  await phone.killed()
  await phone.page.goto('/driver/')
  await expect(phone.page.getByRole('heading').first()).toBeVisible()
  await expect(phone.page.getByRole('button', { name: "I'm here" })).toHaveCount(0)
  expect(steps()).toEqual([])

  const tab = await phone.page.context().newPage()
  asked.push(await answerDriver(tab, { route: route([NEXT.coming, NEXT.shop]) }))
  await phone.cutOff(tab)
  await tab.goto('/driver/')
  await phone.offline(false)
  await expect.poll(steps).toEqual([`/v1/driver/deliveries/${NEXT.coming.delivery_id}/arrive`])
})

test('a full phone says so, and keeps what it has', async () => {
  test.setTimeout(300_000)
  await phone.offline(true)
  await phone.full(true)
  await phone.page.getByRole('button', { name: "I'm here" }).click()
  await expect(phone.page.getByText(/no room/)).toBeVisible()
  await phone.full(false)
  await phone.page.reload()
  await phone.page.getByRole('button', { name: "I'm here" }).click()
  await expect(phone.page.getByRole('button', { name: "I'm here" })).toHaveCount(0)
  await phone.offline(false)
  await expect.poll(steps).toHaveLength(1)
})

test('a push is shown in words, and one that is gone takes its place', async () => {
  const offer = { kind: 'offer', id: 'o1', expires_at: '2026-06-05T22:20:00Z', pay_total: { amount: 840, currency: 'USD' } }
  await phone.push({ ...offer, deliveries: 2 })
  await expect.poll(() => phone.notices()).toMatchObject([{ title: 'New offer: $8.40' }])
  await phone.push({ kind: 'offer_gone', id: 'o1', state: 'accepted' })
  await expect.poll(() => phone.notices()).toMatchObject([{ title: 'The offer is gone' }])
})
