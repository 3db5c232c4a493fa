import { type Page, type Request, test as base } from '@playwright/test'
import { ADJUSTMENTS, adjustment, answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> =>
  examineAt(page, `console-${base.info().title.split(':')[0]}`, SIZES)

interface Asked {
  reference: string
  driver_id: string
  amount: { amount: number; currency: string }
  note: string
}

const fill = async (page: Page, driver: string, amount: string, direction: 'more' | 'less'): Promise<void> => {
  await page.getByRole('button', { name: 'Ask for an adjustment …' }).click()
  await page.getByLabel('Id of the driver').fill(driver)
  await page.getByLabel('Amount in USD').fill(amount)
  await page.getByRole('radio', { name: direction, exact: true }).check()
  await page.getByLabel('Note, which the driver reads').fill('The shop closed early')
}

/** Let the API answer as if amounts above a limit waited; the bodies that it was sent. */
async function answerAsks(page: Page, limit: number, refuse: () => unknown = () => null): Promise<Asked[]> {
  const asked: Asked[] = []
  const answer = (request: Request): unknown => {
    if (request.method() === 'GET') return { adjustments: ADJUSTMENTS }
    const body = request.postDataJSON() as Asked
    asked.push(body)
    const state = Math.abs(body.amount.amount) > limit ? 'pending' : 'booked'
    return refuse() ?? { ...adjustment(9, 'mira', 0, ''), ...body, state }
  }
  await answerConsole(page, { '/v1/staff/ledger/adjustments': answer }, ['finance'])
  await page.goto('/console/harbour/pay')
  return asked
}

test('adjusting: an adjustment is asked for, and the page says if it is booked or waits', async ({ page }) => {
  const asked = await answerAsks(page, 5000)
  await fill(page, 'cleo', '12.50', 'less')
  await expect(page.getByRole('button', { name: 'Send it: -$12.50' })).toBeEnabled()
  await examine(page)
  await page.getByRole('button', { name: 'Send it: -$12.50' }).click()
  await expect(page.getByRole('status')).toHaveText('-$12.50 for Cleo Marsh is booked.')
  await fill(page, 'cleo', '120', 'more')
  await page.getByRole('button', { name: 'Send it: $120.00' }).click()
  await expect(page.getByRole('status')).toHaveText('$120.00 for Cleo Marsh is not booked yet: it waits for a second person.')
  expect(asked).toMatchObject([
    { driver_id: 'cleo', amount: { amount: -1250, currency: 'USD' }, note: 'The shop closed early' },
    { driver_id: 'cleo', amount: { amount: 12_000, currency: 'USD' }, note: 'The shop closed early' },
  ])
  expect(new Set(asked.map(({ reference }) => reference)).size, 'each has its own reference').toBe(2)
})

test('adjusting_again: after a lost answer the same reference is sent, and what is no amount is not sent', async ({ page }) => {
  let fails = true
  const asked = await answerAsks(page, 5000, () => (fails ? { status: 503, code: 'internal' } : null))
  await fill(page, 'cleo', '1,200.00', 'more')
  const send = page.getByRole('button', { name: /^Send it/ })
  await send.click()
  expect(asked).toEqual([])
  await page.getByLabel('Amount in USD').fill('7')
  await send.click()
  await expect(page.getByRole('alert')).toHaveText('No answer came. Look whether it was done before you do it again.')
  fails = false
  await send.click()
  await expect(page.getByRole('status')).toHaveText('$7.00 for Cleo Marsh is booked.')
  expect(asked[0]).toEqual(asked[1])
})

test('adjusting_nobody: a driver who does not exist is refused in words', async ({ page }) => {
  await answerAsks(page, 5000, () => ({ status: 404, code: 'no_such_driver', detail: 'There is no driver nobody.' }))
  await fill(page, 'nobody', '7', 'more')
  await page.getByRole('button', { name: 'Send it: $7.00' }).click()
  await expect(page.getByRole('alert')).toHaveText('There is no driver with this id.')
})
