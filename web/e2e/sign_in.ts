import type { Page } from '@playwright/test'
import { expect, expectAccessible } from './pages'
import { totp } from './totp'

const LONG = { timeout: 30_000 }

/** Sign in a member of staff by hand, who sets up a second factor on the way. */
export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.locator('input[name=username]').fill(username)
  await page.locator('input[name=password]').fill(password)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Set up your second factor' })).toBeVisible(LONG)
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible(LONG)
  await expectAccessible(page)
  await page.getByLabel('Six digits').fill(totp(await page.locator('code').innerText()))
  await page.keyboard.press('Enter')
}
