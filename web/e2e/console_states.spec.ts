import { type Page, type Request, test as base } from '@playwright/test'
import { ADJUSTMENTS, EMERGENCY, MAP, NOTICES, PERSON, REROUTED, ROUTE, ZONE, answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { colours, expect, test } from './pages'
import { at } from './views'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> =>
  examineAt(page, `console-${base.info().title.split(':')[0]}`, SIZES)

const mapped = async (page: Page): Promise<void> => {
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await expect.poll(() => colours(page, '.map'), { timeout: 30_000 }).toBeGreaterThan(1000)
}

test('live: the queue, the map and the drivers', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/')
  await expect(page.getByRole('button', { name: /#1041/ })).toBeVisible()
  await expect(page.getByText('Late · Driver\'s phone is silent')).toBeVisible()
  await mapped(page)
  await examine(page)
})

test('order: everything about an order and why it waits', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/?delivery=d00002')
  await expect(page.getByRole('heading', { name: '#1042' })).toBeFocused()
  await page.getByRole('button', { name: 'Ask the plan why it waits' }).click()
  await expect(page.getByText('suspended, or lacks a valid document')).toBeVisible()
  await mapped(page)
  await examine(page)
})

test('assigning: the cost is seen before anything is done', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/?delivery=d00001')
  await page.getByRole('button', { name: 'Assign …' }).click()
  await page.getByRole('radio', { name: /Cleo Marsh/ }).check()
  await expect(page.getByText('What it costs if Cleo Marsh takes it:')).toBeVisible()
  await expect(page.getByText('+14 min')).toBeVisible()
  await examine(page)
})

test('driver: the route and the messages', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/?driver=ada')
  await expect(page.getByRole('button', { name: 'Move Pickup #1046 up' })).toBeVisible()
  await mapped(page)
  await examine(page)
})

test('changed_meanwhile: a route that changed says how, and the wish is put on the new one', async ({ page }) => {
  const came = { ...ROUTE.plan.stops[0]!, stop_id: 's9', delivery_id: 'd00003' }
  const fresh = { ...ROUTE, revision: 5, plan: { ...ROUTE.plan, stops: [...ROUTE.plan.stops, came] } }
  let changed = false
  await answerConsole(page, {
    '/v1/staff/drivers/ada/route': (request: Request) => {
      if (request.method() === 'GET') return changed ? fresh : ROUTE
      const { revision } = request.postDataJSON() as { revision: number }
      if (changed && revision < 5) return { status: 409, code: 'stale_revision', detail: 'The route is at revision 5.' }
      return { dry_run: true, revision, route: { ...REROUTED, driver_id: 'ada' } }
    },
  })
  await page.goto('/console/harbour/?driver=ada')
  await page.getByRole('button', { name: 'Move Pickup #1046 up' }).click()
  await expect(page.getByText('+14 min')).toBeVisible()
  changed = true
  await page.getByRole('button', { name: 'Save the route' }).click()
  await expect(page.getByText('New: #1043')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save the route' })).toBeEnabled()
  await expect(page.locator('.stop .link')).toHaveText(['Pickup #1046', 'Drop-off #1041', 'Drop-off #1046', 'Drop-off #1043'])
  await examine(page)
})

test('dropped: an order that is dropped on a driver is previewed for them', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/')
  const driver = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Cleo Marsh/ }) })
  await page.getByRole('listitem').filter({ hasText: '#1042' }).dragTo(driver)
  await expect(page.getByText('What it costs if Cleo Marsh takes it:')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Assign to Cleo Marsh' })).toBeEnabled()
})

test('emergency: it stands above everything', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/emergencies': { emergencies: [EMERGENCY] } })
  await page.goto('/console/')
  await expect(page.getByRole('alert')).toHaveText('Emergency: 1 open')
  await expect(page).toHaveTitle('(1) EMERGENCY')
  await expect(page.getByRole('link', { name: 'Call +14105550177' })).toHaveAttribute('href', 'tel:+14105550177')
  await page.getByRole('button', { name: 'Handle …' }).click()
  await examine(page)
})

test('plan: what would be done next', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/')
  await page.getByRole('button', { name: 'Next round …' }).click()
  await expect(page.getByText('#1042: ask Cleo Marsh')).toBeVisible()
  await examine(page)
})

test('bulk: several orders at once', async ({ page }) => {
  await answerConsole(page, {
    '/v1/staff/deliveries/assign': {
      rows: [
        { delivery_id: 'd00002', status: 'assigned', driver_id: 'cleo', problem: null },
        { delivery_id: 'd00004', status: 'refused', driver_id: null, problem: { code: 'ineligible', detail: "The driver's route is full." } },
      ],
    },
  })
  await page.goto('/console/')
  await page.getByLabel('Choose order #1042').check()
  await page.getByLabel('Choose order #1044').check()
  await page.getByRole('button', { name: 'To one driver …' }).click()
  await page.getByRole('radio', { name: /Cleo Marsh/ }).check()
  await page.getByRole('button', { name: 'Assign 2' }).click()
  await expect(page.getByText('assigned to Cleo Marsh')).toBeVisible()
  await expect(page.getByText("The driver's route is full.")).toBeVisible()
  await examine(page)
})

test('zone: pause, incidents and outline', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/area')
  await mapped(page)
  await page.getByRole('button', { name: 'Report an incident …' }).click()
  await page.locator('.map canvas').click({ position: { x: 300, y: 300 } })
  await expect(page.getByLabel('Latitude of the centre')).not.toHaveValue('')
  await page.getByRole('button', { name: 'Edit the outline …' }).click()
  await expect(page.getByLabel('Latitude of corner 4')).toBeVisible()
  await page.getByRole('button', { name: 'Change wait pay …' }).click()
  await expect(page.getByLabel('Pay for a minute, USD')).toHaveValue('0.00')
  await examine(page)
})

test('paused: the pause is said and can be ended', async ({ page }) => {
  const pause = { orders: true, offers: false, until: at(25), reason: 'Too many orders', by: 'mira', since: at(-5) }
  await answerConsole(page, { '/v1/staff/zones/harbour/map': { ...MAP, paused: pause } })
  await page.goto('/console/')
  await expect(page.getByText('Paused by mira: no new orders. Too many orders')).toBeVisible()
  await examine(page)
})

test('pay: held pay with its doubts', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/pay')
  await expect(page.getByText('the phone was far from the stop')).toBeVisible()
  await examine(page)
})

test('law: the rules in force, and the rows that do not hold', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/law')
  await expect(page.getByText('120 days')).toBeVisible()
  await expect(page.getByText('14 days')).toBeHidden()
  await page.getByLabel("Also rows that don't hold").check()
  await expect(page.getByText('14 days')).toBeVisible()
  await examine(page)
})

test('audit: what staff did', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/harbour/audit')
  await expect(page.getByText('rearranged a route')).toBeVisible()
  await expect(page.getByText('refused (409)')).toBeVisible()
  await examine(page)
})

test('search: a driver by name', async ({ page }) => {
  await answerConsole(page)
  await page.goto('/console/')
  await page.getByLabel('Find an order, driver or plate').fill('cleo')
  await expect(page.locator('.found').getByRole('button', { name: /Cleo Marsh/ })).toBeVisible()
  await examine(page)
  await page.locator('.found').getByRole('button', { name: /Cleo Marsh/ }).click()
  await expect(page.getByRole('heading', { name: 'Cleo Marsh' })).toBeFocused()
})

test('empty: a zone without orders and drivers', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/zones/harbour/map': { ...MAP, drivers: [], deliveries: [], incidents: [] } })
  await page.goto('/console/')
  await expect(page.getByText('No order is open or under way.')).toBeVisible()
  await expect(page.getByText('Nobody is on duty in this zone.')).toBeVisible()
  await examine(page)
})

test('no_zones: nothing has been opened', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/zones': { zones: [] } })
  await page.goto('/console/')
  await expect(page.getByRole('heading', { name: 'There is no such zone' })).toBeVisible()
  await examine(page)
})

test('loading: the page has a shape', async ({ page }) => {
  await answerConsole(page)
  await page.route('**/v1/staff/zones/harbour/map', () => {})
  await page.goto('/console/')
  await expect(page.locator('.bone').first()).toBeVisible()
  await examine(page)
})

test('failing: the page says that nothing can be shown, and tries again', async ({ page }) => {
  let fails = true
  await answerConsole(page, { '/v1/staff/zones': () => (fails ? 500 : { zones: [ZONE] }) })
  await page.goto('/console/')
  await expect(page.getByRole('heading', { name: "The console can't be shown just now" })).toBeVisible()
  await examine(page)
  fails = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('button', { name: /#1041/ })).toBeVisible()
})

test('stale: the map fails and the page says how old it is', async ({ page }) => {
  let fails = false
  await answerConsole(page, { '/v1/staff/zones/harbour/map': () => (fails ? 503 : MAP) })
  await page.goto('/console/')
  await expect(page.getByRole('button', { name: /#1041/ })).toBeVisible()
  fails = true
  await expect(page.getByText(/The API does not answer. This is from/)).toBeVisible({ timeout: 15_000 })
  await examine(page)
})

test('offline: the page says so and keeps what it knows', async ({ page, context }) => {
  await answerConsole(page)
  await page.goto('/console/')
  await expect(page.getByRole('button', { name: /#1041/ })).toBeVisible()
  await context.setOffline(true)
  await expect(page.getByText(/You are offline. This is from/)).toBeVisible()
  await examine(page)
})

test('no_right: a driver is told that this is for staff', async ({ page }) => {
  await answerConsole(page, {}, ['drivers'])
  await page.goto('/console/')
  await expect(page.getByText(PERSON.username)).toBeVisible()
  await expect(page.getByRole('button', { name: /#1041/ })).toHaveCount(0)
  await examine(page)
})

test('support: messages and emergencies, and no act on orders or money', async ({ page }) => {
  await answerConsole(page, { '/v1/staff/emergencies': { emergencies: [EMERGENCY] } }, ['support'])
  await page.goto('/console/harbour/?delivery=d00002')
  await expect(page.getByRole('alert')).toHaveText('Emergency: 1 open')
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Actions' })).toHaveCount(0)
  await expect(page.getByRole('checkbox')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Audit trail', exact: true })).toHaveCount(0)
  await examine(page)
  await page.getByRole('button', { name: 'Finance', exact: true }).click()
  await expect(page.getByRole('navigation', { name: 'In this part' }).getByRole('button')).toHaveText(['Prices', 'Claims'])
  await page.goto('/console/harbour/?driver=ada')
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible()
  await expect(page.locator('.stop').first()).toBeVisible()
  await expect(page.locator('.stop-acts')).toHaveCount(0)
})

test('finance: pay is decided on, and nobody is messaged or moved', async ({ page }) => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await answerConsole(page, {}, ['finance'])
  await page.goto('/console/harbour/pay')
  await expect(page.getByRole('button', { name: 'Approve and book' })).toHaveCount(2)
  await examine(page)
  await page.getByRole('button', { name: 'Live', exact: true }).click()
  await page.getByRole('button', { name: /#1041/ }).click()
  await expect(page.getByRole('heading', { name: 'Actions' })).toHaveCount(0)
  expect(asked.filter((path) => /emergencies|messages|audit/.test(path))).toEqual([])
})

test('second_person: one may withdraw an own adjustment and approve only those of others', async ({ page }) => {
  const decided: string[] = []
  const decide = (request: Request): object => {
    decided.push(new URL(request.url()).pathname)
    return { ...ADJUSTMENTS[0], state: 'booked' }
  }
  await answerConsole(page, { '/v1/staff/ledger/adjustments/adj_1/approve': decide }, ['finance'])
  await page.goto('/console/harbour/pay')
  const own = page.getByRole('listitem').filter({ hasText: 'Goods lost on the way' })
  await expect(own.getByText('You asked for it, so somebody else must approve it.')).toBeVisible()
  await expect(own.getByRole('button', { name: 'Approve and book' })).toBeDisabled()
  await expect(own.getByRole('button', { name: 'Withdraw' })).toBeEnabled()
  await page.getByRole('listitem').filter({ hasText: 'half a day lost' }).getByRole('button', { name: 'Approve and book' }).click()
  await expect.poll(() => decided).toEqual(['/v1/staff/ledger/adjustments/adj_1/approve'])
})

test('sign_in: whoever is not signed in is asked to', async ({ page }) => {
  await page.goto('/console/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await examine(page)
})

test('without_map: the lists lack nothing', async ({ page }) => {
  await answerConsole(page)
  await page.route('**/assets/chart-*', (route) => route.abort())
  await page.goto('/console/')
  await expect(page.getByText("The map can't be shown.")).toBeVisible()
  await expect(page.getByRole('button', { name: /#1041/ })).toBeVisible()
  await examine(page)
})

const ENTRY = { actor: 'ada', reason: null, said_at: at(-9), made_at: at(-9), distance_m: 12.4, doubt: null, pictures: [], sha256: 'e'.repeat(64) }

const VERIFICATION = {
  delivery_id: 'd00003',
  intact: true,
  verified_at: at(0),
  sha256: 'e'.repeat(64),
  entries: [
    { ...ENTRY, number: 0, step: 'picked_up', at: at(-9) },
    { ...ENTRY, number: 1, step: 'delivered', at: at(-1), distance_m: 310, doubt: 'off_track' },
  ],
  pictures: 1,
  erased: false,
  objects_gone: 0,
  faults: [],
}

const PROOF = { delivery_id: 'd00003', captured_at: at(-1), distance_m: 310, pin_matched: false, pin_failures: 1, scans: [], images: [], earlier: [], affirmed: [], temperatures: [], id_checked: null, disposition: null }

test('verified: a proof that was changed afterwards is seen by one button', async ({ page }) => {
  let tampered = false
  const faults = [{ kind: 'entry_changed', entry: 1, detail: `Its SHA-256 is ${'a'.repeat(64)}; the proof lists ${'e'.repeat(64)}.` }]
  await answerConsole(page, {
    '/v1/staff/deliveries/d00003/proof': PROOF,
    '/v1/staff/deliveries/d00003/proof/verify': () => (tampered ? { ...VERIFICATION, intact: false, faults } : VERIFICATION),
  })
  await page.goto('/console/harbour/?delivery=d00003')
  await page.getByRole('button', { name: 'Show proof and rating' }).click()
  const verify = page.getByRole('button', { name: 'Verify that nobody changed it' })
  await verify.click()
  await expect(page.getByText('Nobody changed it. Entries: 2, pictures: 1.')).toBeVisible()
  await expect(page.getByText('310 m from the stop, the positions before lie off the way')).toBeVisible()
  tampered = true
  await verify.click()
  await expect(page.getByText('It was changed after it was captured.')).toBeVisible()
  await expect(page.getByText('An entry was changed')).toBeVisible()
  await expect(page.getByText('(entry 2)')).toBeVisible()
  await examine(page)
})

const OF_D3 = '/v1/staff/deliveries/d00003/notices'

test('notices: what the customer was told is seen, and mails are sent again once a reason is given', async ({ page }) => {
  const asked: unknown[] = []
  let now: object = NOTICES
  await answerConsole(page, {
    [OF_D3]: () => now,
    [`${OF_D3}/lift`]: (request: Request) => {
      asked.push(request.postDataJSON())
      const lifted = { by: 'mira', reason: 'address_confirmed', at: at(0) }
      now = { ...NOTICES, addresses: [NOTICES.addresses?.[0], { channel: 'email', because: null, since: null, lifted }] }
      return now
    },
  })
  await page.goto('/console/harbour/?delivery=d00003')
  await page.getByRole('button', { name: 'Show messages' }).click()
  await expect(page.getByText('e-mail, bounced: the mailbox did not take it')).toBeVisible()
  await expect(page.getByText(/SMS, waits until .*, the end of the quiet hours/)).toBeVisible()
  await expect(page.getByText('Only their START brings SMS back.')).toBeVisible()
  const lift = page.getByRole('button', { name: 'Write to the address again' })
  await expect(lift).toHaveCount(1)
  await lift.scrollIntoViewIfNeeded()
  await examine(page)
  await lift.click()
  expect(asked, 'nothing is sent without a reason').toEqual([])
  await page.getByRole('radio', { name: 'The customer confirms the address' }).check()
  await lift.click()
  await expect(page.getByRole('status').getByText(/Sent again by e-mail since .*, by mira: The customer confirms/)).toBeVisible()
  await expect(lift).toHaveCount(0)
  expect(asked).toEqual([{ channel: 'email', reason: 'address_confirmed' }])
})

test('not_told: nothing was sent, it could not be asked for, and finance may read but not lift', async ({ page }) => {
  let answer: unknown = 503
  await answerConsole(page, { [OF_D3]: () => answer }, ['finance'])
  await page.goto('/console/harbour/?delivery=d00003')
  await page.getByRole('button', { name: 'Show messages' }).click()
  await expect(page.getByRole('alert')).toHaveText('That did not work.')
  answer = { notices: [], addresses: [] }
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByText('The customer was sent nothing in the last 30 days.')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  answer = NOTICES
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByText(/No e-mail is sent since .*: one bounced for good./)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Write to the address again' })).toHaveCount(0)
})

test('only_start: a customer who replied STOP meanwhile is not written to again', async ({ page }) => {
  const refused = { status: 409, code: 'only_start_lifts_stop', detail: 'The holder of this number replied STOP.' }
  await answerConsole(page, { [OF_D3]: NOTICES, [`${OF_D3}/lift`]: refused })
  await page.goto('/console/harbour/?delivery=d00003')
  await page.getByRole('button', { name: 'Show messages' }).click()
  await page.getByRole('radio', { name: 'The mailbox works again' }).check()
  await page.getByRole('button', { name: 'Write to the address again' }).click()
  await expect(page.getByRole('alert')).toHaveText('The customer replied STOP. Only their START brings SMS back.')
})
