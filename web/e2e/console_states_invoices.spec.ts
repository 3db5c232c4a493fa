import { type Page, type Request, test as base } from '@playwright/test'
import type { Schemas } from '../src/parts/client'
import { answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { expect, test } from './pages'
import { at } from './views'

const SIZES = { desktop: { width: 1024, height: 900 }, phone: { width: 360, height: 800 } }
const DAY_MIN = 24 * 60

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> => examineAt(page, `console-${base.info().title.split(':')[0]}`, SIZES)

const usd = (amount: number): Schemas['Money'] => ({ amount, currency: 'USD' })
const yen = (amount: number): Schemas['Money'] => ({ amount, currency: 'JPY' })

const invoice = (number: number, changes: Partial<Schemas['StaffInvoice']> = {}): Schemas['StaffInvoice'] => ({
  invoice_id: `inv_${number}`,
  number: `US-2026-${String(number).padStart(6, '0')}`,
  kind: 'invoice',
  first: '2026-06-01',
  last: '2026-06-30',
  state: 'issued',
  net: usd(180_000),
  tax: usd(14_850),
  total: usd(194_850),
  applied_credit: usd(0),
  paid: usd(0),
  open: usd(194_850),
  issued_at: at(-2 * DAY_MIN),
  due_on: '2026-07-31',
  minimum: null,
  merchant_id: 'm1',
  merchant_name: 'Corner Bakery',
  payments: [],
  reminders: [],
  flagged: false,
  write_off: null,
  ...changes,
})

const SHORT = invoice(41, { minimum: { month: '2026-06', amount: usd(61_440) } })
const PARTLY = invoice(12, {
  merchant_name: 'Pharmacy & Health Supplies of the Old Harbour, North Quay',
  state: 'overdue',
  paid: usd(90_000),
  open: usd(104_850),
  flagged: true,
  payments: [
    { id: 'pmt_1', reference: 'WIRE-0099887766554433221100-A', amount: usd(90_000), applied: usd(90_000), state: 'settled', at: at(-900), by: 'fay' },
    { id: 'pmt_2', reference: 'CARD-7', amount: usd(104_850), applied: usd(0), state: 'charged_back', at: at(-600), by: 'fay' },
  ],
  write_off: { amount: usd(104_850), proposed_by: 'fay', proposed_at: at(-60), confirmed_by: null, confirmed_at: null },
})
const CREDIT = invoice(3, { kind: 'credit_note', state: 'credited', net: yen(-4200), tax: yen(-420), total: yen(-4620), open: yen(0), due_on: null })

const LISTED: Schemas['StaffInvoices'] = { invoices: [SHORT, PARTLY, CREDIT], account: [{ currency: 'USD', open: usd(299_700), overdue: usd(104_850), credit: usd(0) }], next_cursor: 'more' }

test('invoices: a minimum that was not reached, payments, a write-off that another person confirms', async ({ page }) => {
  const recorded: unknown[] = []
  const answers = {
    '/v1/staff/invoices': (request: Request) =>
      new URL(request.url()).searchParams.get('cursor') ? { invoices: [invoice(99)], account: [], next_cursor: null } : LISTED,
    '/v1/staff/invoices/inv_41/payments': (request: Request) => {
      recorded.push(request.postDataJSON())
      return { ...SHORT, state: 'paid', open: usd(0) }
    },
  }
  await answerConsole(page, answers, ['finance'])
  await page.goto('/console/harbour/invoices')
  await expect(page.getByText('Minimum of 2026-06 not reached: $614.40 added')).toBeVisible()
  await expect(page.getByText('¥4,620')).toBeVisible()
  await page.getByText('Payments: 2').click()
  await expect(page.getByText('$1,048.50, charged back')).toBeVisible()
  await examine(page)

  const card = page.getByRole('listitem').filter({ hasText: SHORT.number })
  await card.getByLabel("Bank's reference").fill('WIRE-1')
  await card.getByLabel('Amount, USD').fill('1948.50')
  await card.getByRole('button', { name: 'Record' }).click()
  await expect.poll(() => recorded).toEqual([{ act: 'paid', reference: 'WIRE-1', amount: usd(194_850) }])

  await page.getByRole('button', { name: 'Next invoices' }).click()
  await expect(page.getByText(invoice(99).number)).toBeVisible()
  await expect(page.getByText(SHORT.number)).toHaveCount(0)
  await page.getByRole('button', { name: 'To the first' }).click()
  await expect(page.getByText(SHORT.number)).toBeVisible()
})
