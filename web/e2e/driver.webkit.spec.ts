/** A driver's delivery in WebKitGTK, the engine that is nearest to Safari: no pushes and no camera, all else as ever. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { story } from './pages'
import { WebKit, hasWebKit } from './webkit'

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
interface Became {
  deliveries: { state: string; pictures?: string[] }[]
}

const SCREENS = '../build/e2e/screens'
const PHOTO = join(import.meta.dirname, '../public/driver-512.png')
/** Buttons take no tap in the first half second of their screen. */
const named = (name: string): string => `//button[normalize-space(.)="${name}"][not(@aria-disabled="true")]`
const tell = <Told>(step: string): Promise<Told> => story<Told>('driving-in-webkit', step)

/** WebKitGTK answers no question for the position, so the page is given one. It is gone with the page. */
const STAND = `const [{ lat, lon }] = given
  const fix = () => ({ coords: { latitude: lat, longitude: lon, accuracy: 6, speed: null }, timestamp: Date.now() })
  navigator.geolocation.getCurrentPosition = (then) => then(fix())
  navigator.geolocation.watchPosition = (then) => (then(fix()), 1)`

test.skip(!hasWebKit, 'WebKitGTK is not on this machine')

test('in WebKit a driver signs in, finds an offer by looking, proves a hand-over in every way, and sees the pay', async () => {
  test.setTimeout(480_000)
  const hired = await tell<Hired>('hire')
  const browser = await WebKit.open()
  const open = async (screen: string, place: Place): Promise<void> => {
    await browser.go(`${process.env['PAGES']}/driver/#/${screen}`)
    await browser.reload()
    await browser.run(STAND, place)
  }
  const press = (...names: string[]): Promise<void> =>
    names.reduce((before, name) => before.then(() => browser.click(named(name))), Promise.resolve())
  const scan = async (): Promise<void> => {
    for (const [number, code] of ['PARCEL-0001', 'PARCEL-0002'].entries()) {
      await browser.type('//label[contains(., "Code on the parcel")]/input', code)
      await press('Add')
      await browser.sees(`${number + 1} of 2 scanned`)
    }
  }
  try {
    await browser.size(460, 900)
    await open('route', hired.place)
    await browser.type('//input[@name="username"]', hired.username)
    await browser.type('//input[@name="password"]', hired.temporary)
    await press('Sign in')
    await browser.sees('Choose your own password')
    await browser.type('//input[@name="password"]', hired.password)
    await press('Save and sign in', 'Start')
    await browser.sees('No stops')

    const { place } = await tell<{ place: Place }>('order_all')
    await browser.click('//nav//a[contains(., "Offers")]')
    await browser.click('//a[contains(., "Look at it")]')
    await browser.sees('Scan of 2, Photo, Signature, PIN')
    await browser.until('the map is shown', () => browser.run('return !!document.querySelector(".map-shown")'))
    mkdirSync(SCREENS, { recursive: true })
    await browser.screenshot(`${SCREENS}/driver_offer-webkit.png`)
    await press('Accept')
    await browser.sees('It is yours.')

    await open('route', hired.place)
    await press('Set out', "I'm here")
    await scan()
    await press('Picked up', 'Set out')
    await browser.sees('On the way')
    const { pin } = await tell<{ pin: string }>('pin')

    await open('route', place)
    await press("I'm here")
    await scan()
    await browser.type('//input[@type="file"]', PHOTO)
    await browser.sees('The photo is kept.')
    // The pad comes after its place; a line that is drawn before is lost.
    await browser.until('the signature is drawn', async () => {
      await browser.draw('//canvas[contains(@class, "signature")]', [[-80, 0], [-30, -40], [20, 40], [80, -10]])
      return browser.run(`return [...document.querySelectorAll('button')].some(
        (one) => one.textContent.includes('Keep the signature') && one.getAttribute('aria-disabled') !== 'true')`)
    })
    await press('Keep the signature')
    await browser.sees('The signature is kept.')
    await browser.type('//input[contains(@class, "pin-input")]', pin)
    await browser.screenshot(`${SCREENS}/driver_hand_over-webkit.png`)
    await press('Delivered')
    await browser.sees('Done in this duty')
    const become = (): Promise<Became> => tell<Became>('become')
    await expect.poll(async () => (await become()).deliveries[0]?.state, { timeout: 45_000 }).toBe('delivered')
    expect((await become()).deliveries[0]?.pictures).toEqual(['photo', 'signature'])

    await browser.until('the pay is on the screen', async () => {
      await open('earnings', place)
      return browser.run('return /Delivery[^]*delivered/.test(document.body.innerText)')
    })
    await browser.screenshot(`${SCREENS}/driver_earnings-webkit.png`)
    await open('duty', place)
    await press('End duty')
    await browser.sees('You are off duty')
  } catch (error) {
    await browser.screenshot('../build/e2e/results/driver-webkit.png')
    throw error
  } finally {
    await browser.close()
  }
})
