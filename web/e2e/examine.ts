/** Pictures of a state in build/e2e/screens, and what every state is held to. */

import { type Page, test as base } from '@playwright/test'
import { expect, expectAccessible } from './pages'

export const SIZES = { phone: { width: 412, height: 839 }, desktop: { width: 1280, height: 800 } }

/** With SCREENS=all each size by day and by night, for somebody who looks at the pictures. */
const ALL = process.env['SCREENS'] === 'all'

type Sizes = Record<string, { width: number; height: number }>

/** Check a state at the first size in daylight and at the others in the dark, and keep a picture of each. */
export async function examine(page: Page, name = base.info().title.split(':')[0], sizes: Sizes = SIZES): Promise<void> {
  const [usual] = Object.keys(sizes)
  for (const light of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: light })
    for (const [size, viewport] of Object.entries(sizes)) {
      const isChecked = (light === 'light') === (size === usual)
      if (!isChecked && !ALL) continue
      await page.setViewportSize(viewport)
      if (isChecked) await expectAccessible(page)
      const [is, fits] = await page.evaluate(() => [document.body.scrollWidth, innerWidth])
      expect(is, 'the page scrolls sideways').toBeLessThanOrEqual(fits ?? 0)
      const height = await page.evaluate(heightOf)
      await page.setViewportSize({ ...viewport, height: Math.max(viewport.height, height) })
      await page.screenshot({ path: `../build/e2e/screens/${name}-${size}-${light}.png`, fullPage: true })
    }
  }
  if (usual) await page.setViewportSize(sizes[usual]!)
}

/** The height at which all is seen, also of a page whose screen scrolls by itself. */
function heightOf(): number {
  const screen = document.querySelector('.screen')
  return screen ? innerHeight + screen.scrollHeight - screen.clientHeight : 0
}
