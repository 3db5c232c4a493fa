/** A driver's shift with all tools of the app, on the running platform. */

import { createHmac } from 'node:crypto'
import { rmSync } from 'node:fs'
import { type Page, test } from '@playwright/test'
import { film } from './camera'
import { expect, story } from './pages'
import { Phone } from './phones'

const tell = <Told>(step: string): Promise<Told> => story<Told>('equipped', step)

interface Place {
  lat: number
  lon: number
}
interface Begun {
  username: string
  former: string
  password: string
  place: Place
}

const SLOW = { timeout: 45_000 }
const CODES = ['PARCEL-0001', 'PARCEL-0002']
const SCREENS = '../build/e2e/screens'
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()

/** The six digits of an authenticator app (RFC 6238). */
function totp(secret: string): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const digest = createHmac('sha1', Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))).update(counter).digest()
  const code = digest.readUInt32BE(digest[19]! & 15) & 0x7fffffff
  return String(code % 1_000_000).padStart(6, '0')
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('User name or e-mail address').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

async function signOut(page: Page): Promise<void> {
  await page.goto('/driver/#/more')
  await button(page, 'Sign out').click()
  await expect(heading(page, 'Sign in')).toBeVisible(SLOW)
}

/** Scan both parcels with the camera. */
async function scanned(page: Page): Promise<void> {
  await button(page, 'Use the camera').click()
  await expect(page.getByText('2 of 2 scanned')).toBeVisible(SLOW)
  for (const code of CODES) await expect(page.getByText(code, { exact: true })).toBeVisible()
}

test('a driver uses every tool: rivals, camera, correction, call, emergency, second factor, forgotten password, update', async () => {
  test.setTimeout(400_000)
  const begun = await tell<Begun>('begin')
  const seen = await film(CODES)
  const phone = await Phone.bought({ place: begun.place, film: seen })
  const { page } = phone
  try {
    await test.step('the app says that an offer is gone while it is shown, and why', async () => {
      await page.goto('/driver/')
      await signIn(page, begun.username, begun.former)
      await button(page, 'Start').click(SLOW)
      await expect(page.getByText('No stops')).toBeVisible(SLOW)
      await page.getByRole('link', { name: /Offers/ }).click()
      await tell('offer')
      await page.reload() // a look comes by itself only after 15 seconds
      await expect(page.getByRole('link', { name: /Look at it/ })).toBeVisible(SLOW)
      await tell('rival_takes_it')
      await expect(page.getByText('Somebody was faster. There will be more.')).toBeVisible(SLOW)
      await expect(page.getByRole('link', { name: /Look at it/ })).toHaveCount(0)
      await page.screenshot({ path: `${SCREENS}/driver_offer_gone-phone-light.png` })

      await tell('offer')
      await page.reload()
      await page.getByRole('link', { name: /Look at it/ }).click(SLOW)
      await expect(button(page, 'Accept')).toBeVisible()
      await tell('call_off')
      await expect(page.getByText('The offer was withdrawn')).toBeVisible(SLOW)
    })

    await test.step('the parcels are scanned with the camera', async () => {
      const { place } = await tell<{ place: Place }>('assign')
      await page.goto('/driver/#/route')
      await page.reload()
      await button(page, 'Set out').click(SLOW)
      await button(page, "I'm here").click()
      await scanned(page)
      await button(page, 'Picked up').click()
      await button(page, 'Set out').click(SLOW)
      await phone.go(place)
    })

    await test.step('driver and customer get the same number, which hides both', async () => {
      await expect(page.getByText(/waits? to be sent/)).toHaveCount(0, SLOW)
      await page.getByRole('link', { name: 'Help' }).click()
      await button(page, 'Call').click()
      const number = await tell<string>('customer_calls')
      await expect(page.getByRole('link', { name: `Call ${number}` })).toHaveAttribute('href', `tel:${number}`)
    })

    await test.step('an emergency reaches staff, and the driver sees both that and its end', async () => {
      await button(page, 'Emergency').click()
      await expect(page.getByText(/Dispatch was told at/)).toBeVisible(SLOW)
      expect(await tell<object[]>('emergencies')).toHaveLength(1)
      await tell('handle')
      await page.reload()
      await expect(page.getByText('Dispatch', { exact: true })).toBeVisible(SLOW)
      await expect(page.getByText(/Dispatch was told at/)).toHaveCount(0, SLOW)
    })

    await test.step('a hand-over that was pressed too early is taken back, and made again', async () => {
      const pin = await tell<string>('pin')
      const handOver = async (): Promise<void> => {
        await page.getByLabel('PIN of the customer').fill(pin)
        await button(page, 'Delivered').click()
      }
      await page.getByRole('link', { name: 'Route' }).click()
      await button(page, "I'm here").click()
      await scanned(page)
      await handOver()
      await expect(page.getByText('Done in this duty')).toBeVisible(SLOW)
      await expect.poll(() => tell('state'), SLOW).toBe('delivered')
      await page.getByRole('link', { name: 'Correct' }).first().click(SLOW)
      await page.getByText('Pressed by mistake').click()
      await button(page, 'Take it back').click()
      await expect.poll(() => tell('state'), SLOW).toBe('arrived_at_dropoff')
      await button(page, 'Hand over').click(SLOW)
      await scanned(page)
      await handOver()
      await expect.poll(() => tell('state'), SLOW).toBe('delivered')
    })

    await test.step('a new version waits for the driver, and is there after one tap', async () => {
      const kept = (): Promise<string[]> => page.evaluate(() => caches.keys())
      const version = await tell<string>('newer')
      await page.goto('/driver/#/route')
      await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
      await expect(page.getByText('A new version is ready.')).toBeVisible(SLOW)
      const loaded = page.waitForEvent('load')
      await button(page, 'Use it now').click()
      await loaded
      await expect(heading(page, 'Your route')).toBeVisible(SLOW)
      await expect(page.getByText('A new version is ready.')).toHaveCount(0)
      expect(await kept()).toContain(`driver-shell-${version}`)
    })

    const secret = await test.step('the second factor is turned on, and asked for at the next sign-in', async () => {
      await page.goto('/driver/#/duty')
      await button(page, 'End duty').click(SLOW)
      await expect(button(page, 'Start')).toBeVisible(SLOW)
      await page.goto('/driver/#/more')
      await button(page, 'Set it up').click()
      const shown = (await page.locator('.secret').textContent(SLOW)) ?? ''
      await page.getByLabel('6-digit code').fill(totp(shown))
      await page.locator('form').getByRole('button', { name: 'Turn on' }).click()
      await expect(page.getByText('The second factor is on.')).toBeVisible(SLOW)
      await signOut(page)
      await signIn(page, begun.username, begun.former)
      await expect(heading(page, 'Code from your app')).toBeVisible(SLOW)
      await page.getByLabel('Six digits').fill(totp(shown) === '000000' ? '000001' : '000000')
      await button(page, 'Sign in').click()
      await expect(page.getByText('The code is wrong or too old.')).toBeVisible(SLOW)
      await page.getByLabel('Six digits').fill(totp(shown))
      await button(page, 'Sign in').click()
      await expect(heading(page, 'Your route')).toBeVisible(SLOW)
      return shown
    })

    await test.step('a forgotten password is replaced by a mailed code', async () => {
      await signOut(page)
      await button(page, 'I forgot my password').click()
      await page.getByLabel('User name or e-mail address').fill(begun.username)
      await button(page, 'Mail me a code').click()
      await page.getByLabel('Code from the e-mail').fill('654321')
      await page.getByLabel('New password', { exact: true }).fill(begun.password)
      await button(page, 'Save the new password').click()
      await expect(page.getByText('Your new password is saved.')).toBeVisible(SLOW)
      await signIn(page, begun.username, begun.former)
      await expect(page.getByText('User name or password is wrong.')).toBeVisible(SLOW)
      await signIn(page, begun.username, begun.password)
      await page.getByLabel('Six digits').fill(totp(secret))
      await button(page, 'Sign in').click()
      await expect(heading(page, 'Your route')).toBeVisible(SLOW)
    })
  } finally {
    await tell('older')
    await phone.thrownAway()
    rmSync(seen, { force: true })
  }
})
