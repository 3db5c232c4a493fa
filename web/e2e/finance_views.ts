/** Answers of the API about payouts and the books. */

import type { Schemas } from '../src/parts/client'
import { ADJUSTMENTS, adjustment } from './console_views'
import { at } from './views'

const usd = (amount: number): Schemas['Money'] => ({ amount, currency: 'USD' })
export const DAY = at(0).slice(0, 10)
const YESTERDAY = at(-24 * 60).slice(0, 10)

export const payout = (number: number, changes: Partial<Schemas['StaffPayout']> = {}): Schemas['StaffPayout'] => ({
  payout_id: `pay_${String(number).padStart(6, '0')}`,
  driver_id: 'cleo',
  period: YESTERDAY,
  speed: 'standard',
  amount: usd(8_240),
  fee: usd(0),
  withheld: usd(0),
  net: usd(8_240),
  state: 'held',
  made_at: at(-600),
  effective_on: null,
  transfer_id: null,
  degraded_by: null,
  code: null,
  reason: null,
  hold_code: 'account_changed',
  held_until: at(3 * 24 * 60).slice(0, 10),
  decided_at: null,
  release_asked_by: null,
  ...changes,
})

export const HELD = [
  payout(1),
  payout(2, { driver_id: 'ben', amount: usd(64_000), net: usd(48_640), withheld: usd(15_360), release_asked_by: 'fay', hold_code: 'staff', held_until: null }),
]
export const CAME_BACK = payout(3, {
  driver_id: 'dov',
  state: 'returned',
  transfer_id: 'tr_7',
  code: 'R03',
  reason: 'No account, unable to locate account',
  hold_code: null,
  held_until: null,
})

export const detail = (one: Schemas['StaffPayout'], changes: Partial<Schemas['PayoutDetail']> = {}): Schemas['PayoutDetail'] => ({
  ...one,
  settles: [{ statement_id: 'sta_1', period: YESTERDAY, amount: one.amount }],
  instructed_at: null,
  sent_at: null,
  corrections: [],
  history: [
    { state: 'pending', at: at(-600), by: 'pay_run', code: null, reason: null },
    { state: 'held', at: at(-599), by: 'pay_run', code: 'account_changed', reason: null },
  ],
  ...changes,
})

export const RUNS: Schemas['PayRunPage'] = {
  runs: [
    {
      run_id: 'run_1',
      period: YESTERDAY,
      status: 'finished',
      opened_at: at(-610),
      effective_on: DAY,
      batches: 3,
      finished_at: at(-590),
      execution_arn: null,
      totals: [
        { state: 'in_transit', count: 41, total: usd(312_480) },
        { state: 'held', count: 2, total: usd(72_240) },
      ],
      file: { sha256: 'ab', count: 41, total: usd(312_480), url: null },
    },
  ],
  next_cursor: null,
}

const row = (account: string, debit: number, credit: number, pending = 0): Schemas['AccountBalance'] => ({
  account,
  debit: usd(debit),
  credit: usd(credit),
  balance: usd(debit - credit),
  pending: usd(pending),
})
export const BALANCE: Schemas['TrialBalance'] = {
  groups: [row('driver:payable', 312_480, 384_720, -4_000), row('merchant:receivable', 511_000, 0), row('platform:fees', 0, 126_280), row('platform:cash', 0, 312_480)],
  accounts: [row('driver:cleo:payable', 0, 8_240), row('driver:dov:receivable', 1_200, 0), row('platform:payouts_in_flight', 312_480, 312_480)],
  next_cursor: null,
  difference: [usd(0)],
}

export const STATEMENT: Schemas['AccountStatement'] = {
  account: 'driver:cleo:payable',
  first: YESTERDAY,
  last: DAY,
  opening: [{ balance: usd(0), pending: usd(0) }],
  lines: [
    { posting_id: 'pst_000001', kind: 'delivery', phase: 'posted', period: YESTERDAY, time: at(-900), amount: usd(-880), pending: usd(0), codes: ['base', 'distance'], items: [], delivery_id: 'd00042', external_id: 'shop-42', note: null },
    { posting_id: 'pst_000002', kind: 'instant_payout', phase: 'pending', period: DAY, time: at(-9), amount: usd(0), pending: usd(400), codes: [], items: ['pay_000009'], delivery_id: null, external_id: null, note: null },
  ],
  closing: [{ balance: usd(-880), pending: usd(400) }],
  next_cursor: null,
}

export const POSTING: Schemas['PostingView'] = {
  posting_id: 'pst_000001',
  cause: 'evt_delivered_42',
  kind: 'delivery',
  phase: 'posted',
  period: YESTERDAY,
  time: at(-900),
  entries: [
    { account: 'merchant:m1:receivable', side: 'debit', amount: usd(1_250), code: 'charge', item: null },
    { account: 'driver:cleo:payable', side: 'credit', amount: usd(880), code: 'base', item: null },
    { account: 'platform:fees', side: 'credit', amount: usd(370), code: 'margin', item: null },
  ],
  releases: [],
  resolves: null,
  resolved_by: null,
  reversed_by: null,
  reversible: true,
  delivery_id: 'd00042',
  external_id: 'shop-42',
  outcome: 'delivered',
  note: null,
  booked_by: null,
}

export const MONTHS: Schemas['Months'] = {
  months: [
    {
      month: '2026-05',
      closed_at: at(-3 * 24 * 60),
      closed_by: 'fay',
      postings: 48_112,
      groups: [{ group: 'driver:payable', debit: usd(9_312_480), credit: usd(9_384_720), balance: usd(-72_240) }],
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ],
}

export const OPEN_ITEMS: Schemas['OpenItems'] = {
  items: [
    { account: 'platform:payouts_in_flight', item: 'pay_000003', amount: usd(-8_240), kind: 'payout', posting_id: 'pst_7', opened_at: at(-9 * 24 * 60), age_s: 9 * 86_400, overdue_at: at(-2 * 24 * 60), overdue: true },
    { account: 'driver:ada:held', item: 'clm_1', amount: usd(-1_250), kind: 'hold', posting_id: 'pst_8', opened_at: at(-300), age_s: 18_000, overdue_at: at(30 * 24 * 60), overdue: false },
  ],
  next_cursor: null,
}

export const REVERSAL = { ...adjustment(7, 'fay', -880, 'Booked twice by the shop'), driver_id: null, reverses: 'pst_000001' }
export const WAITING = { adjustments: [...ADJUSTMENTS, REVERSAL] }
