/** Every message to customers and finance as a small phone shows it, by day and by night. The files are those of local/tools/mails. */

import { readdirSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './pages'

const FOLDER = process.env['MAILS'] ?? ''
const PHONE = { width: 360, height: 740 }
const FINGER = 44 // CSS pixels

const FILES = FOLDER ? readdirSync(FOLDER).filter((name) => name.endsWith('.html')) : []

/** The kinds share one layout: axe reads those of a language that have all its parts. */
const READ_BY_AXE = /out_for_delivery|failed|sms|en-finance-flash/

for (const language of ['en', 'es', 'de']) {
  test(`messages in ${language}: they can be read on a phone`, async ({ page }) => {
    test.setTimeout(180_000)
    await page.setViewportSize(PHONE)
    const files = FILES.filter((name) => name.startsWith(`${language}-`))
    expect(files.length).toBeGreaterThanOrEqual(9)
    for (const file of files) await look(page, file)
  })
}

async function look(page: Page, file: string): Promise<void> {
  const name = file.replace('.html', '')
  await page.goto(`file://${FOLDER}/${file}`)
  for (const light of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: light })
    if (READ_BY_AXE.test(name)) await expectAccessible(page)
    await page.screenshot({ path: `../build/e2e/mails/${name}-${light}.png`, fullPage: true })
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width, `${name} scrolls sideways`).toBeLessThanOrEqual(PHONE.width)
  if (name.endsWith('sms') || name.includes('-finance-')) return
  const button = page.locator('a.button')
  await expect(button).toHaveAttribute('href', /^https:\/\/.+\/t\//)
  expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(FINGER)
  if (/out_for_delivery|nearly_there/.test(name)) await expect(page.getByText('4821').first()).toBeVisible()
}
