import { EARNED, QUOTE, answerDriver, at } from './driver_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'

const SIZES = { phone: { width: 360, height: 800 }, large: { width: 412, height: 839 } }
const examine = (page: Parameters<typeof examineAt>[0]): Promise<void> => examineAt(page, undefined, SIZES)

const [PAID] = EARNED.payouts
const usd = (amount: number) => ({ amount, currency: 'USD' })
const DAY = at(0).slice(0, 10)

test('driver_payouts: what arrives is said before, and an order is confirmed and sent with its key until it is answered', async ({ page }) => {
  await answerDriver(page)
  const sent: { key: string | undefined; body: unknown }[] = []
  await page.route('**/v1/driver/instant-pay', (call) => {
    if (call.request().method() === 'GET') return call.fulfill({ json: QUOTE })
    sent.push({ key: call.request().headers()['idempotency-key'], body: call.request().postDataJSON() })
    if (sent.length === 1) return call.abort()
    return call.fulfill({ status: 201, json: { ...PAID, speed: 'instant', amount: usd(4000), fee: usd(60), net: usd(3940), state: 'in_transit' } })
  })
  await page.goto('/driver/#/payouts')
  await page.getByLabel('Amount in USD').fill('999')
  await expect(page.getByText('Write an amount from $5.00 to $51.60.')).toBeVisible()
  await page.getByLabel('Amount in USD').fill('40')
  await expect(page.getByText('$39.40')).toBeVisible()
  await examine(page)
  await page.getByRole('button', { name: 'Pay me now …' }).click()
  await page.getByRole('button', { name: 'Yes, pay $39.40 now' }).dblclick()
  await expect(page.getByText('No answer came.')).toBeVisible()
  await page.reload()
  await page.getByRole('button', { name: 'Ask again ($40.00)' }).click()
  await expect(page.getByText('$39.40 is on its way to your account.')).toBeVisible()
  expect(sent).toHaveLength(2)
  expect(sent[0]).toEqual(sent[1])
})

test('driver_payouts_same: the same amount within a day is asked about', async ({ page }) => {
  await answerDriver(page)
  const sent: unknown[] = []
  await page.route('**/v1/driver/instant-pay', (call) => {
    if (call.request().method() === 'GET') return call.fulfill({ json: QUOTE })
    sent.push(call.request().postDataJSON())
    if (sent.length === 1) return call.fulfill({ status: 409, json: { code: 'same_amount_again', detail: 'Again?' } })
    return call.fulfill({ status: 202, json: { ...PAID, speed: 'instant', amount: usd(5160), state: 'instructed' } })
  })
  await page.goto('/driver/#/payouts')
  await page.getByRole('button', { name: 'Pay me now …' }).click()
  await page.getByRole('button', { name: 'Yes, pay $50.83 now' }).click()
  await page.getByRole('button', { name: 'Yes, order $51.60 once more' }).click()
  await expect(page.getByText('$51.60 is reserved. The bank has not answered yet.')).toBeVisible()
  expect(sent).toMatchObject([{ again: false }, { again: true }])
})

test('driver_payouts_held: why nothing is paid at once, and what to do about one that came back', async ({ page }) => {
  await answerDriver(page, {
    pay: { ...QUOTE, available: usd(0), fee: usd(0), arrives: usd(0), obstacle: 'on_hold', schedule: { cadence: 'weekly', next_payday: DAY } },
    earnings: {
      ...EARNED,
      payouts: [
        { ...PAID!, payout_id: 'pay_2', state: 'returned', code: 'R03', reason: 'No account', made_at: at(-2000) },
        { ...PAID!, payout_id: 'pay_3', state: 'held', hold_code: 'account_changed', held_until: DAY, made_at: at(-500), withheld: usd(955), net: usd(3025) },
      ],
    },
  })
  await page.goto('/driver/#/payouts')
  await expect(page.getByText('Your payouts are on hold')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Pay me now …' })).toHaveCount(0)
  await expect(page.getByText('The first payout to it waits until')).toBeVisible()
  await expect(page.getByText('Your bank sent the money back.')).toBeVisible()
  await expect(page.getByText('Reason of the bank: R03 No account')).toBeVisible()
  await examine(page)
})

test('driver_payouts_schedule: daily or weekly is one tap', async ({ page }) => {
  const asked = await answerDriver(page)
  await page.goto('/driver/#/earnings')
  await page.getByRole('link', { name: 'Paid now, payouts, daily or weekly' }).click()
  await page.getByRole('button', { name: 'Every week' }).click()
  await expect.poll(() => asked.filter(({ method }) => method === 'PUT')).toMatchObject([
    { path: '/v1/driver/pay-schedule', body: { cadence: 'weekly' } },
  ])
})
