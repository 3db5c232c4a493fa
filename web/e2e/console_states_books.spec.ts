import { type Page, type Request, test as base } from '@playwright/test'
import { type Answers, answerConsole } from './console_views'
import { examine as examineAt } from './examine'
import { BALANCE, CAME_BACK, DAY, HELD, MONTHS, OPEN_ITEMS, POSTING, REVERSAL, RUNS, STATEMENT, WAITING, detail, payout } from './finance_views'
import { expect, test } from './pages'

const SIZES = { desktop: { width: 1024, height: 900 }, phone: { width: 360, height: 800 } }

test.use({ viewport: SIZES.desktop, hasTouch: false })

const examine = (page: Page): Promise<void> => examineAt(page, `console-${base.info().title.split(':')[0]}`, SIZES)

const queryOf = (request: Request): Record<string, string> => Object.fromEntries(new URL(request.url()).searchParams)

/** The payouts that the API would list for a query. */
const listed = (request: Request): unknown => {
  const { state, driver_id: driver } = queryOf(request)
  const all = [...HELD, CAME_BACK, payout(4, { state: 'paid', hold_code: null, held_until: null, effective_on: DAY })]
  const isFirst = queryOf(request)['period'] === undefined || queryOf(request)['period'] === DAY
  const fits = all.filter((one) => isFirst && (!state || one.state === state) && (!driver || one.driver_id === driver))
  return { payouts: fits, next_cursor: null }
}

async function open(page: Page, view: string, changes: Answers = {}): Promise<void> {
  await answerConsole(
    page,
    {
      '/v1/staff/payouts': listed,
      '/v1/staff/payouts/pay_000001': detail(HELD[0]!),
      '/v1/staff/pay-runs': RUNS,
      '/v1/staff/ledger/trial-balance': BALANCE,
      '/v1/staff/ledger/accounts/driver%3Acleo%3Apayable/statement': STATEMENT,
      '/v1/staff/ledger/accounts/driver:cleo:payable/statement': STATEMENT,
      '/v1/staff/ledger/postings/pst_000001': POSTING,
      '/v1/staff/ledger/months': MONTHS,
      '/v1/staff/ledger/open-items': OPEN_ITEMS,
      '/v1/staff/ledger/adjustments': WAITING,
      ...changes,
    },
    ['finance'],
  )
  await page.goto(`/console/harbour/${view}`)
}

test('payouts: held ones say why and until when; history opens, and a release takes a reason', async ({ page }) => {
  const asked: unknown[] = []
  await open(page, 'payouts', {
    '/v1/staff/payouts/pay_000001/decisions': (request: Request) => {
      asked.push(request.postDataJSON())
      return detail(HELD[0]!, { state: 'pending', hold_code: null, held_until: null })
    },
  })
  await expect(page.getByText('the bank account changed')).toBeVisible()
  await expect(page.getByText('$486.40 arrives: fee $0.00, tax withheld $153.60')).toBeVisible()
  await page.getByText('History and decisions').first().click()
  await expect(page.getByRole('combobox', { name: 'Decision' })).toHaveValue('release')
  await examine(page)
  await page.getByLabel('Reason, for the history').fill('Called the driver back')
  await page.getByRole('button', { name: 'Decide' }).click()
  await expect(page.getByText('Done: Waits to be sent.')).toBeVisible()
  expect(asked).toEqual([{ decision: 'release', note: 'Called the driver back', until: null }])
})

test('payouts_filter: a state of any day needs a day or a driver when the API needs it', async ({ page }) => {
  await open(page, 'payouts')
  await page.getByLabel('State').selectOption('returned')
  await expect(page.getByRole('button', { name: 'Show', exact: true })).toBeDisabled()
  await page.getByLabel('Id of the driver').fill('dov')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page.getByText('No account, unable to locate account')).toBeVisible()
})

test('payouts_returns: each line of a bank file says what followed, also of a file in two pieces', async ({ page }) => {
  const starts: string[] = []
  const line = (number: number, outcome: string, code: string) => ({ line: number, code, outcome, payout_id: outcome === 'unmatched' ? null : 'pay_000003', detail: outcome === 'unmatched' ? 'No payout has this trace number.' : null })
  await open(page, 'payouts', {
    '/v1/staff/payouts/bank-returns': (request: Request) => {
      starts.push(`${queryOf(request)['start']} ${request.headers()['content-type']} ${request.postData()}`)
      return starts.length === 1
        ? { lines: [line(1, 'returned', 'R03')], counts: { returned: 1 }, next_start: 1 }
        : { lines: [line(2, 'unmatched', 'R01')], counts: { unmatched: 1 }, next_start: null }
    },
  })
  await page.getByLabel('File').setInputFiles({ name: 'returns.ach', mimeType: 'text/plain', buffer: Buffer.from('101 ...') })
  await page.getByRole('button', { name: 'Upload' }).click()
  await expect(page.getByText('Lines that need somebody: 1')).toBeVisible()
  expect(starts).toEqual(['0 text/plain 101 ...', '1 text/plain 101 ...'])
  await examine(page)
})

test('ledger: from the trial balance to an account, to a posting, to its reversal', async ({ page }) => {
  const asked: unknown[] = []
  await open(page, 'ledger', {
    '/v1/staff/ledger/postings/pst_000001/reversal': (request: Request) => {
      asked.push(request.postDataJSON())
      return { ...REVERSAL, state: 'pending' }
    },
  })
  await expect(page.getByText('Debits and credits are equal.')).toBeVisible()
  await page.getByRole('button', { name: 'driver:cleo:payable' }).click()
  await expect(page.getByText('Closing balance: -$8.80 ($4.00 pending)')).toBeVisible()
  await page.getByRole('button', { name: '…000001' }).click()
  await expect(page.getByText('evt_delivered_42')).toBeVisible()
  await examine(page)
  await page.getByLabel('Reason').fill('Booked twice by the shop')
  await page.getByRole('button', { name: 'Reverse the posting' }).click()
  await expect(page.getByText('The reversal waits for a second person, under Exceptions.')).toBeVisible()
  expect(asked).toMatchObject([{ note: 'Booked twice by the shop' }])
})

test('ledger_month: a month is closed only after it was confirmed', async ({ page }) => {
  let closed = 0
  await open(page, 'ledger', {
    '/v1/staff/ledger/months/2026-04/close': () => {
      closed++
      return { ...MONTHS.months[0], month: '2026-04' }
    },
  })
  await page.getByLabel('Month', { exact: true }).fill('2026-04')
  await page.getByRole('button', { name: 'Close the month …' }).click()
  expect(closed).toBe(0)
  await page.getByRole('button', { name: 'Yes, close 2026-04' }).click()
  await expect(page.getByText('2026-04 is closed.')).toBeVisible()
  expect(closed).toBe(1)
})

test('ledger_export: a file is asked for until it is ready', async ({ page }) => {
  let looks = 0
  const file = { export_id: 'exp_1', first: DAY, last: DAY, format: 'hledger', asked_by: 'mira', asked_at: `${DAY}T10:00:00Z`, ready_at: null, postings: 12, size: 900, file_name: 'journal.hledger', url: null, state: 'requested' }
  await open(page, 'ledger', {
    '/v1/staff/ledger/exports': file,
    '/v1/staff/ledger/exports/exp_1': () => (++looks < 2 ? file : { ...file, state: 'ready', url: '/console/journal.hledger' }),
  })
  await page.getByLabel('Format').selectOption('hledger')
  await page.getByRole('button', { name: 'Make the file' }).click()
  await expect(page.getByText('journal.hledger is being made.')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Save journal.hledger' })).toBeVisible()
})

test('exceptions: what waits for a second person, failed payouts, late items and debts', async ({ page }) => {
  await open(page, 'exceptions')
  await expect(page.getByRole('heading', { name: 'Release of $640.00 for Ben Okoro' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Reversal of posting …000001: -$8.80' })).toBeVisible()
  await expect(page.getByText('No account, unable to locate account')).toBeVisible()
  await expect(page.getByText(/late since/)).toBeVisible()
  await expect(page.getByText('Dov Levi: $12.00')).toBeVisible()
  await examine(page)
})

test('exceptions_release: the second person gives a reason', async ({ page }) => {
  const asked: unknown[] = []
  await open(page, 'exceptions', {
    '/v1/staff/payouts/pay_000002/decisions': (request: Request) => {
      asked.push(request.postDataJSON())
      return detail(HELD[1]!, { state: 'pending' })
    },
  })
  await page.getByLabel('Reason, for the history').fill('Checked the invoice')
  await page.getByRole('button', { name: /^Release it too/ }).click()
  await expect(page.getByText('Released: Waits to be sent.')).toBeVisible()
  expect(asked).toEqual([{ decision: 'release', note: 'Checked the invoice', until: null }])
})
