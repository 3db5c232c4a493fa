import { BROADCAST, EARNED, ME, NEXT, OFFER, SAID, answerDriver, at, route, stop, ten } from './driver_views'
import { examine } from './examine'
import { colours, expect, test } from './pages'
import { Taps } from './phones'

const [LON, LAT] = (process.env['CENTRE'] ?? '0,0').split(',').map(Number) as [number, number]
test.setTimeout(120_000)
test.use({ permissions: ['geolocation'], geolocation: { latitude: LAT, longitude: LON } })

test('driver_signed_out: the app asks who is there', async ({ page }) => {
  await page.goto('/driver/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await examine(page)
})

test('driver_off_duty: the app offers to start', async ({ page }) => {
  await answerDriver(page, { me: { ...ME, duty: null } })
  await page.goto('/driver/')
  await expect(page.getByRole('button', { name: 'Start' })).toBeVisible()
  await examine(page)
})

test('driver_documents: the app says what is missing', async ({ page }) => {
  await answerDriver(page, { me: { ...ME, duty: null, vehicle: { ...ME.vehicle, kind: 'car' } } })
  await page.goto('/driver/#/duty')
  await expect(page.getByText('Missing or expired: driving licence, insurance, vehicle registration.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Start' })).toHaveCount(0)
  await examine(page)
})

test('driver_suspended: the app says where the decision is', async ({ page }) => {
  await answerDriver(page, { me: { ...ME, duty: null, standing: { level: 'suspension', barred_from: '2026-01-01', until: null } } })
  await page.goto('/driver/#/duty')
  await expect(page.getByText('More, Standing has the decision')).toBeVisible()
  await examine(page)
})

test('driver_offers: all that wait, the first to end on top', async ({ page }) => {
  await answerDriver(page, { offers: [OFFER, BROADCAST] })
  await page.goto('/driver/#/offers')
  await expect(page.getByText('$14.80')).toBeVisible()
  await expect(page.getByText('2.7 mi, about 38 min')).toBeVisible()
  await expect(page.getByText('$23.37 an hour')).toBeVisible()
  await examine(page)
})

test('driver_offer: pay by part, way, what is required and the map before the answer', async ({ page }) => {
  await answerDriver(page, { offers: [OFFER] })
  await page.goto('/driver/#/offer/off_1')
  await expect(page.getByText('Photo, PIN')).toBeVisible()
  await expect(page.getByText(/Answer within \d+:\d\d/)).toBeVisible()
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await expect.poll(() => colours(page, '.map')).toBeGreaterThan(1000)
  await examine(page)
})

test('driver_offer_taken: somebody was faster', async ({ page }) => {
  await answerDriver(page, { offers: [BROADCAST] })
  await page.route('**/accept', (call) => call.fulfill({ status: 409, json: { code: 'offer_taken', detail: 'Too late.' } }))
  await page.goto('/driver/#/offer/off_2')
  await page.getByRole('button', { name: 'Accept' }).click()
  await expect(page.getByText('Somebody was faster.')).toBeVisible()
  await examine(page)
})

test('driver_no_offers: what to wait for', async ({ page }) => {
  await answerDriver(page)
  await page.goto('/driver/#/offers')
  await expect(page.getByText('No offers just now')).toBeVisible()
  await examine(page)
})

test('driver_route: the next stop large, the others in order', async ({ page }) => {
  const stops = [NEXT.coming, ...ten(), NEXT.shop, stop({ closes_at: at(5), eta: at(20) })]
  await answerDriver(page, {
    route: route(stops, {
      ended: [
        { delivery_id: 'dlv_e', order_number: '#1020', state: 'delivered', ended_at: at(-3), correctable_until: at(12) },
        { delivery_id: 'dlv_f', order_number: '#1019', state: 'failed', ended_at: at(-40), correctable_until: at(-25) },
      ],
    }),
  })
  await page.goto('/driver/')
  await expect(page.getByRole('button', { name: "I'm here" })).toBeVisible()
  await expect(page.getByText('Deliver · 10 parcels')).toBeVisible()
  await examine(page)
})

test('driver_route_area: until the pickup the route shows an area, and nothing to call or write to', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.shop, NEXT.area]) })
  await page.goto('/driver/')
  await expect(page.getByText('In the area on the map').first()).toBeVisible()
  await examine(page)
  await page.getByText('In the area on the map').first().click()
  await expect(page.getByText('Kim', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Call' })).toHaveCount(0)
})

test('driver_route_map: the stops on a map', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.coming, NEXT.shop, stop()]) })
  await page.goto('/driver/')
  await page.getByRole('button', { name: 'Map' }).click()
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await expect.poll(() => colours(page, '.map')).toBeGreaterThan(1000)
  await examine(page)
})

test('driver_plan_changed: what others changed has to be confirmed', async ({ page }) => {
  const pending = [
    { revision: 3, at: at(-1), reason: 'delivery_cancelled', by: 'merchant', added: [], removed: ['x'], changed: [], reordered: true },
  ] as const
  const asked = await answerDriver(page, { route: route([NEXT.coming], { pending: pending as never }) })
  await page.goto('/driver/')
  await expect(page.getByText('stops taken away: 1, another order')).toBeVisible()
  await examine(page)
  await page.getByRole('button', { name: 'I have seen it' }).click()
  await expect.poll(() => asked.map((one) => one.path)).toContain('/v1/driver/route/confirm')
})

test('driver_stop: all that is known of a stop', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.shop]) })
  await page.goto(`/driver/#/stop/${encodeURIComponent(NEXT.shop.stop_id)}`)
  await expect(page.getByText('Ring at the back door.')).toBeVisible()
  await examine(page)
})

test('driver_everything: scan, photo, signature, age and PIN', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.all]) })
  await page.goto(`/driver/#/do/${encodeURIComponent(NEXT.all.stop_id)}`)
  await page.getByLabel('Code on the parcel').fill('PARCEL-1')
  await page.getByRole('button', { name: 'Add' }).click()
  await expect(page.getByText('1 of 2 scanned')).toBeVisible()
  await page.getByRole('button', { name: 'Delivered' }).click()
  await expect(page.getByText('Still missing: Scan of 1, Photo, Signature, PIN, Proof of age 21+')).toBeVisible()
  await page.getByText('Condition, note, who took it').click()
  await examine(page)
})

test('driver_regulated: a document, affirmations, the relation, the name and the temperature', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.regulated]) })
  await page.goto(`/driver/#/do/${encodeURIComponent(NEXT.regulated.stop_id)}`)
  await page.getByLabel('Driving licence').check()
  await page.getByRole('button', { name: "It can't be read" }).click()
  await page.getByLabel('The barcode is damaged').check()
  await page.getByLabel('Birth date on the document').fill('2020-01-01')
  await expect(page.getByText('The document shows less than 21 years.')).toBeVisible()
  await page.getByLabel('the person is old enough').check()
  await page.getByLabel('Temperature of the goods').fill('9,5')
  await expect(page.getByText('That is outside the range.')).toBeVisible()
  await page.getByRole('button', { name: 'Delivered' }).click()
  const missing = 'Reading of a document, 21+, Affirmations, Full name, Relation, Temperature'
  await expect(page.getByText(`Still missing: ${missing}`)).toBeVisible()
  await examine(page)
})

test('driver_recorded: what became of goods that come back is said before the step', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.recorded]) })
  await page.goto(`/driver/#/do/${encodeURIComponent(NEXT.recorded.stop_id)}`)
  await page.getByLabel('They were destroyed').check()
  await page.getByRole('button', { name: 'Given back' }).click()
  await expect(page.getByText('Still missing: What became of the goods')).toBeVisible()
  await examine(page)
})

test('driver_law_reasons: the reasons that the law of the goods adds come first', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.regulated]) })
  await page.goto(`/driver/#/fail/${encodeURIComponent(NEXT.regulated.stop_id)}`)
  await expect(page.getByRole('radio').first()).toHaveAccessibleName('Drunk or drugged')
  await page.getByLabel('Wrong temperature').check()
  await expect(page.getByLabel('Temperature of the goods')).toBeVisible()
  await examine(page)
})

test('driver_fail: a reason and a photo', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.door]) })
  await page.goto(`/driver/#/fail/${encodeURIComponent(NEXT.door.stop_id)}`)
  await page.getByLabel('Nobody opens').check()
  await expect(page.getByText('The customer wants it left at the door.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Left at the door' })).toBeVisible()
  await examine(page)
})

test('driver_back: goods that go back to the shop', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.back]) })
  await page.goto('/driver/')
  await page.getByRole('button', { name: "I'm here" }).click()
  await expect(page.getByRole('button', { name: 'Given back' })).toBeVisible()
  await examine(page)
})

test('driver_earnings: a day, every part with its reason', async ({ page }) => {
  await answerDriver(page, { earnings: EARNED })
  await page.goto('/driver/#/earnings')
  await expect(page.getByText('$51.60').first()).toBeVisible()
  await page.locator('summary').first().click()
  await examine(page)
})

test('driver_earnings_empty: nothing yet', async ({ page }) => {
  await answerDriver(page, { earnings: { ...EARNED, totals: [], lines: [], payouts: [] } })
  await page.goto('/driver/#/earnings')
  await expect(page.getByText('Nothing earned in this time')).toBeVisible()
  await examine(page)
})

test('driver_more: account, language, room', async ({ page }) => {
  await answerDriver(page)
  await page.goto('/driver/#/more')
  await expect(page.getByText('Signed in as drv_ada')).toBeVisible()
  await examine(page)
})

test('driver_empty_route: no stops', async ({ page }) => {
  await answerDriver(page)
  await page.goto('/driver/')
  await expect(page.getByText('No stops')).toBeVisible()
  await examine(page)
})

test('driver_loading: the app has a shape while the first answer is on its way', async ({ page }) => {
  await answerDriver(page)
  await page.route('**/v1/driver/**', () => {})
  await page.goto('/driver/')
  await expect(page.getByText('Getting your route')).toBeAttached()
  await examine(page)
})

test('driver_failing: the API does not answer', async ({ page }) => {
  await answerDriver(page)
  await page.route('**/v1/driver/**', (call) => call.fulfill({ status: 500, json: { code: 'internal' } }))
  await page.goto('/driver/')
  await expect(page.getByText("We can't show this just now.")).toBeVisible()
  await examine(page)
})

test('driver_offline: steps are made without a network and wait', async ({ page, context }) => {
  await answerDriver(page, { route: route([NEXT.coming, NEXT.shop]) })
  await page.goto('/driver/')
  await expect(page.getByRole('button', { name: "I'm here" })).toBeVisible()
  await context.setOffline(true)
  await page.route('**/v1/**', (call) => call.abort())
  await page.getByRole('button', { name: "I'm here" }).click()
  await expect(page.getByRole('heading', { name: 'Hand over' })).toBeVisible()
  await page.getByRole('link', { name: 'Back' }).click()
  await expect(page.getByText('You are there')).toBeVisible()
  await expect(page.getByText(/1 step waits to be sent/)).toBeVisible()
  await examine(page)
  await page.getByRole('link', { name: 'Show' }).click()
  await expect(page.getByText('Arrived')).toBeVisible()
  await examine(page, 'driver_waiting')
})

test('driver_refused: a step that was not accepted, why, and what to do', async ({ page }) => {
  await answerDriver(page, { route: route([NEXT.coming]) })
  await page.route('**/arrive', (call) =>
    call.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'not_at_stop', detail: 'You are 900 m from the stop.' }),
    }),
  )
  await page.goto('/driver/')
  await page.getByRole('button', { name: "I'm here" }).click()
  await expect(page.getByRole('heading', { name: 'Hand over' })).toBeVisible()
  await page.goto('/driver/#/waiting')
  await expect(page.getByText('The phone is too far from the stop.')).toBeVisible()
  await examine(page)
  await page.getByRole('button', { name: 'I have read it' }).click()
  await expect(page.getByText('Everything was sent.')).toBeVisible()
})

const PHOTO = {
  name: 'door.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAK0lEQVR42u3NMQ0AAAgDsOlECSIQjQw4mvRvavpExGKxWCwWi8VisVj8N17xjWj78ljSFQAAAABJRU5ErkJggg==',
    'base64',
  ),
}

test('driver_three_taps: delivered with a photo', async ({ page }) => {
  const asked = await answerDriver(page, { route: route([NEXT.coming]) })
  const taps = new Taps(() => page)
  await page.goto('/driver/')
  await expect(page.getByRole('button', { name: "I'm here" })).toBeVisible()
  await taps.button("I'm here")
  await taps.photo(PHOTO)
  await examine(page)
  await taps.button('Delivered')
  expect(taps.count).toBe(3)
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await examine(page, 'driver_undo')
  // The route that is answered here knows nothing of the arrival, so that step may come once more.
  const paths = (): string[] => [...new Set(asked.map((one) => one.path.split('/').slice(5).join('/')).filter(Boolean))]
  await expect.poll(paths, { timeout: 20_000 }).toEqual(['arrive', 'proofs/photo', 'deliver'])
  expect(asked.every((one) => one.path.includes('positions') || one.headers['action-digest'])).toBe(true)
})

test('driver_ten: ten parcels at one door are one photo and one confirmation', async ({ page }) => {
  const asked = await answerDriver(page, { route: route(ten()) })
  const taps = new Taps(() => page)
  await page.goto('/driver/')
  await page.getByRole('button', { name: "I'm here" }).click()
  await taps.photo(PHOTO)
  taps.count = 0
  await taps.button('Delivered, all 10')
  expect(taps.count).toBe(1)
  const done = (): number => asked.filter((one) => one.path.endsWith('/deliver')).length
  await expect.poll(done, { timeout: 30_000 }).toBe(10)
  expect(asked.filter((one) => one.path.endsWith('/proofs/photo'))).toHaveLength(10)
})

test('driver_help: dispatch, customers and the emergency', async ({ page }) => {
  const asked = await answerDriver(page, { route: route([NEXT.coming]) })
  await page.goto('/driver/')
  await expect(page.getByRole('button', { name: "I'm here" })).toBeVisible()
  await page.getByRole('link', { name: 'Help' }).click()
  await expect(page.getByText('Kim Lee')).toBeVisible()
  await examine(page)
  await page.getByRole('button', { name: 'Emergency' }).click()
  await expect.poll(() => asked.map((one) => one.path)).toContain('/v1/driver/emergencies')
})

test('driver_emergency_offline: it is kept, and the driver is told that it has not arrived', async ({ page, context }) => {
  await answerDriver(page)
  await page.goto('/driver/#/help')
  await expect(page.getByText('Customers on your route')).toBeVisible()
  await context.setOffline(true)
  await page.route('**/v1/**', (call) => call.abort())
  await page.getByRole('button', { name: 'Emergency' }).click()
  await expect(page.getByText('Not sent yet: there is no network.')).toBeVisible()
  await examine(page)
})

test('driver_messages: what was said, and what waits', async ({ page }) => {
  await answerDriver(page, { messages: SAID })
  await page.route('**/v1/driver/messages', (call) =>
    call.request().method() === 'POST' ? call.abort() : call.fallback(),
  )
  await page.goto('/driver/#/messages')
  await expect(page.getByText('Is the shop open?')).toBeVisible()
  await page.getByRole('button', { name: "I'm running late" }).click()
  await expect(page.getByText('waits to be sent').first()).toBeVisible()
  await examine(page)
})

test.describe('a phone in Mexico', () => {
  test.use({ locale: 'es-MX' })

  test('driver_spanish: the app speaks the language of the phone', async ({ page }) => {
    await answerDriver(page, { route: route([NEXT.coming]), offers: [OFFER] })
    await page.goto('/driver/')
    await expect(page.getByRole('button', { name: 'Estoy aquí' })).toBeVisible()
    await examine(page)
  })
})

test.describe('a phone in Austria', () => {
  test.use({ locale: 'de-AT' })

  test('driver_german: words that are long fit', async ({ page }) => {
    await answerDriver(page, { offers: [OFFER] })
    await page.goto('/driver/#/offer/off_1')
    await expect(page.getByText('4,3 km, etwa 38 Min.')).toBeVisible()
    await examine(page)
  })
})
