/** What all tests of pages share: they fail on a request to a foreign host, on a script's error and on axe's findings. */

import AxeBuilder from '@axe-core/playwright'
import { type Page, test as base, expect } from '@playwright/test'

export { expect }

export const test = base.extend<{ wellBehaved: void }>({
  wellBehaved: [
    async ({ context, baseURL }, use) => {
      const foreign: string[] = []
      const errors: string[] = []
      context.on('request', (request) => {
        const url = new URL(request.url())
        if (url.protocol.startsWith('http') && url.origin !== baseURL) foreign.push(request.url())
      })
      context.on('weberror', (error) => errors.push(error.error().message))
      context.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) errors.push(message.text())
      })
      await use()
      expect(foreign, 'requests to other hosts').toEqual([])
      expect(errors, 'errors of scripts').toEqual([])
    },
    { auto: true },
  ],
})

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

export async function expectAccessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(WCAG).analyze()
  const said = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`)
  expect(said, 'what axe finds').toEqual([])
}

/** How many colours a part of the page has: a blank map has few hundreds, a drawn one thousands. */
export async function colours(page: Page, selector: string): Promise<number> {
  const picture = (await page.locator(selector).screenshot()).toString('base64')
  return page.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.width
    canvas.height = image.height
    const ink = canvas.getContext('2d')
    if (!ink) return 0
    ink.drawImage(image, 0, 0)
    return new Set(new Uint32Array(ink.getImageData(0, 0, image.width, image.height).data.buffer)).size
  }, picture)
}

const STORY = process.env['STORY'] ?? ''

/** Run a step of a story of local/e2e on the platform; a test that is tried again plays it from the beginning. */
export async function story<Told = unknown>(name: string, step: string): Promise<Told> {
  const { repeatEachIndex, retry } = base.info()
  const answer = await fetch(`${STORY}/${name}/${repeatEachIndex}-${retry}/${step}`, { method: 'POST' })
  const told = (await answer.json()) as Told & { error?: string }
  if (!answer.ok) throw new Error(`${name}/${step}: ${told.error}`)
  return told
}
