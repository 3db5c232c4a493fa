/** The customer's page in WebKitGTK. */

import { mkdirSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { story } from './pages'
import { WebKit, hasWebKit } from './webkit'

const CENTRE = (process.env['CENTRE'] ?? '0,0').split(',').map(Number)
const MAP = '//*[contains(@class, "map-shown")]'

/** Let the next answers lie in the middle of the map, because the story happens where no streets are drawn. */
const MOVE = `const ask = window.fetch, [lon, lat] = given
  window.fetch = async (request) => {
    const answer = await ask(request)
    const view = await answer.clone().json()
    if (!view.position) return answer
    const moved = { position: { lat: lat + 0.0017, lon: lon - 0.0071 }, destination: { lat: lat + 0.0078, lon } }
    return new Response(JSON.stringify({ ...view, ...moved }), answer)
  }`

test.skip(!hasWebKit, 'WebKitGTK is not on this machine')

test('in WebKit a customer follows a delivery from the open link to the outcome, rates and tips', async () => {
  test.setTimeout(240_000)
  const browser = await WebKit.open()
  try {
    const step = (name: string) => story<{ tracking_url: string }>('followed-in-webkit', name)
    const { tracking_url: link } = await step('order')
    await browser.size(460, 900)
    await browser.go(link)
    await browser.sees('We have your order')
    await browser.type('//textarea', 'Second door on the left')
    await browser.click('//button[.="Send to the driver"]')
    await browser.sees('Saved. The driver sees this at your door.')

    for (const name of ['take', 'fetch', 'set_out', 'come_near']) await step(name)
    await browser.reload()
    await browser.sees('On the way to you')
    await browser.until('the map is shown', () => browser.run('return !!document.querySelector(".map-shown")'))
    await browser.run(MOVE, ...CENTRE)
    await browser.until('the map has drawn streets', async () => (await browser.colours(MAP)) > 1000)
    mkdirSync('../build/e2e/screens', { recursive: true })
    await browser.screenshot('../build/e2e/screens/coming-webkit.png')

    await step('arrive')
    await step('deliver')
    await browser.sees('Delivered')
    expect(await browser.run('return document.body.innerText.includes("Ada")')).toBe(false)
    await browser.click('(//*[contains(@class, "star")][self::label])[4]')
    await browser.click('//button[.="Send the rating"]')
    await browser.sees('Thank you. You gave 4 stars.')
    await browser.click('//label[contains(., "$3.00")]')
    await browser.click('//button[.="Give $3.00"]')
    await browser.sees('Thank you. You gave the driver $3.00.')
  } finally {
    await browser.close()
  }
})
