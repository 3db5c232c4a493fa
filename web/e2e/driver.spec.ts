import { type Page, test as base } from '@playwright/test'
import { expect, story } from './pages'
import { Phone, type Subscription, Taps } from './phones'

const test = base
const tell = <Told>(step: string): Promise<Told> => story<Told>('driving', step)

interface Place {
  lat: number
  lon: number
}
interface Hired {
  username: string
  temporary: string
  password: string
  place: Place
}
interface Ordered {
  id: string
  place: Place
}
interface Became {
  deliveries: { id: string; state: string; pictures?: string[] }[]
}

const SLOW = { timeout: 45_000 }
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()

/** A photo as a camera makes it: 1600 × 1200 of noise. */
async function photoOf(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const data = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 1600
    canvas.height = 1200
    const ink = canvas.getContext('2d')!
    for (let x = 0; x < 1600; x += 16) {
      for (let y = 0; y < 1200; y += 16) {
        ink.fillStyle = `hsl(${(x * 7 + y * 13) % 360} 60% ${30 + ((x + y) % 50)}%)`
        ink.fillRect(x, y, 16, 16)
      }
    }
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1] ?? ''
  })
  return { name: 'door.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(data, 'base64') }
}

async function scanned(page: Page): Promise<void> {
  for (const code of ['PARCEL-0001', 'PARCEL-0002']) {
    await page.getByLabel('Code on the parcel').fill(code)
    await button(page, 'Add').click()
  }
  await expect(page.getByText('2 of 2 scanned')).toBeVisible()
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('User name or e-mail address').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

async function becomes(states: string[]): Promise<Became> {
  let seen: Became = { deliveries: [] }
  await expect
    .poll(
      async () => {
        seen = await tell<Became>('become')
        return seen.deliveries.map((one) => one.state)
      },
      { timeout: 90_000, intervals: [1000] },
    )
    .toEqual(states)
  return seen
}

test('a driver works a day: first sign-in, a pushed offer, a hand-over without network and with a killed app, ten parcels, a failure', async ({
  baseURL,
}) => {
  test.setTimeout(600_000)
  const hired = await tell<Hired>('hire')
  const phone = await Phone.bought({ place: hired.place, subscription: await tell<Subscription>('subscribe') })
  const taps = new Taps(() => phone.page)
  const foreign: string[] = []
  const watch = (): void =>
    void phone.context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && url.origin !== baseURL) foreign.push(request.url())
    })
  watch()

  await test.step('the first sign-in asks for an own password', async () => {
    const { page } = phone
    await page.goto('/driver/')
    await signIn(page, hired.username, hired.temporary)
    await expect(heading(page, 'Choose your own password')).toBeVisible(SLOW)
    await page.getByLabel('New password', { exact: true }).fill(hired.password)
    await button(page, 'Save and sign in').click()
    await expect(heading(page, 'Your route')).toBeVisible(SLOW)
  })

  await test.step('pushes are turned on, and the duty begins', async () => {
    const { page } = phone
    await page.getByRole('link', { name: 'More' }).click()
    await button(page, 'Turn on').click()
    await expect(page.getByText('Offers ring also when the app is closed.')).toBeVisible(SLOW)
    await page.getByRole('link', { name: 'Route' }).click()
    await button(page, 'Start').click()
    await expect(page.getByText('No stops')).toBeVisible(SLOW)
  })

  const first = await tell<Ordered>('order_all')
  await test.step('a pushed offer is taken', async () => {
    const { page } = phone
    await phone.push(await tell<object>('pushed_offer'))
    await expect(page.locator('.badge')).toHaveText('1', SLOW)
    await page.getByRole('link', { name: /Offers/ }).click()
    await page.getByRole('link', { name: /Look at it/ }).click()
    await expect(page.getByText('Scan of 2, Photo, Signature, PIN')).toBeVisible()
    await button(page, 'Accept').click()
    await expect(page.getByText('It is yours.')).toBeVisible(SLOW)
    await page.getByRole('link', { name: 'Your route' }).click()
    await expect(button(page, 'Set out')).toBeVisible(SLOW)
  })

  await test.step('the parcels are scanned at the pickup', async () => {
    const { page } = phone
    await button(page, 'Set out').click()
    await button(page, "I'm here").click()
    await scanned(page)
    await button(page, 'Picked up').click()
    await expect(button(page, 'Set out')).toBeVisible(SLOW)
    await button(page, 'Set out').click()
    await expect(page.getByText('On the way', { exact: true })).toBeVisible()
  })

  const { pin } = await tell<{ pin: string }>('pin')
  await test.step('half of the hand-over happens without network, and the app is killed in its middle', async () => {
    await phone.go(first.place)
    await expect(phone.page.getByText(/waits? to be sent/)).toHaveCount(0, SLOW)
    const photo = await photoOf(phone.page)
    await phone.offline(true)
    await button(phone.page, "I'm here").click()
    await scanned(phone.page)
    await taps.photo(photo)
    await phone.killed()
    const { page } = phone
    await page.goto('/driver/')
    await expect(page.getByText('You are there')).toBeVisible(SLOW)
    await button(page, 'Hand over').click()
    await expect(page.getByText('The photo is kept.')).toBeVisible()
    await expect(page.getByText('2 of 2 scanned')).toBeVisible()
    await button(page, 'Write the name instead').click()
    await page.getByLabel('Full name').fill('Robin Field')
    await button(page, 'Keep the signature').click()
    await expect(page.getByText('The signature is kept.')).toBeVisible()
    await page.getByLabel('PIN of the customer').fill(pin)
    await button(page, 'Delivered').click()
    await expect(page.getByText(/steps wait to be sent/)).toBeVisible(SLOW)
  })

  await test.step('with a network all of it arrives', async () => {
    const { page } = phone
    watch()
    const answered = page.waitForResponse('**/v1/session/refresh')
    await phone.offline(false)
    // A browser writes its cookies every half a minute, so a killed one may have lost the session, though no step.
    if ((await answered).status() === 401) await signIn(page, hired.username, hired.password)
    const { deliveries } = await becomes(['delivered'])
    expect(deliveries[0]?.pictures).toEqual(['photo', 'signature'])
    await expect(page.getByText(/steps? waits? to be sent/)).toHaveCount(0, SLOW)
  })

  await test.step('a failure with reason and photo takes four taps, and can be undone', async () => {
    const { page } = phone
    const second = await tell<Ordered>('order_plain')
    await page.goto('/driver/#/offers')
    await phone.push(await tell<object>('pushed_offer'))
    await page.getByRole('link', { name: /Look at it/ }).click(SLOW)
    await button(page, 'Accept').click()
    await page.getByRole('link', { name: 'Your route' }).click(SLOW)
    await button(page, 'Set out').click(SLOW)
    await button(page, "I'm here").click()
    await button(page, 'Picked up').click()
    await button(page, 'Set out').click(SLOW)
    await phone.go(second.place)
    await expect(button(page, "I'm here")).toBeVisible(SLOW)
    const photo = await photoOf(page)

    taps.count = 0
    await taps.button("Doesn't work")
    await taps.option('Nobody opens')
    await taps.photo(photo)
    await taps.button('Not delivered')
    expect(taps.count).toBeLessThanOrEqual(4)
    await button(page, 'Undo').click()
    await expect(button(page, /I'm here|Hand over/)).toBeVisible()

    await button(page, "Doesn't work").click()
    await page.getByText('Nobody opens', { exact: true }).click()
    await button(page, 'Not delivered').click()
    await becomes(['delivered', 'returning'])
    await button(page, 'Set out').click(SLOW)
    await button(page, "I'm here").click()
    await button(page, 'Given back').click()
    await becomes(['delivered', 'returned'])
  })

  await test.step('ten parcels at one door take one confirmation', async () => {
    const { page } = phone
    const many = await tell<Ordered>('order_many')
    await page.goto('/driver/#/route')
    await page.reload()
    await expect(page.getByText('Pick up · 10 parcels')).toBeVisible(SLOW)
    if (await button(page, 'I have seen it').isVisible()) await button(page, 'I have seen it').click()
    await button(page, 'Set out').click()
    await button(page, "I'm here").click()
    await button(page, 'Picked up, all 10').click()
    await expect(page.getByText('Deliver · 10 parcels')).toBeVisible(SLOW)
    await button(page, 'Set out').click()
    await phone.go(many.place)
    await button(page, "I'm here").click()
    await expect(button(page, 'Delivered, all 10')).toBeVisible()
    taps.count = 0
    await taps.button('Delivered, all 10')
    expect(taps.count).toBe(1)
    await becomes(['delivered', 'returned', ...Array.from({ length: 10 }, () => 'delivered')])
  })

  await test.step('the duty ends, and the driver signs out', async () => {
    const { page } = phone
    await page.goto('/driver/#/duty')
    await button(page, 'End duty').click()
    await expect(button(page, 'Start')).toBeVisible(SLOW)
    await page.goto('/driver/#/more')
    await button(page, 'Sign out').click()
    await expect(heading(page, 'Sign in')).toBeVisible(SLOW)
  })
  expect(foreign, 'requests to other hosts').toEqual([])
  await phone.thrownAway()
})
