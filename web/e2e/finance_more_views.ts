/** Answers of the API about tax, claims and prices. */

import type { Schemas } from '../src/parts/client'
import { at } from './views'

const usd = (amount: number): Schemas['Money'] => ({ amount, currency: 'USD' })
const dayOf = (minutes: number): string => at(minutes).slice(0, 10)
const DAY_MIN = 24 * 60

export const YEAR: Schemas['YearView'] = {
  year: 2025,
  due_on: '2026-02-02',
  task: null,
  made_at: at(-40),
  reviewed_by: null,
  furnished_at: null,
  filed_at: null,
  mapping_verified_by: null,
  totals: {
    states: { draft: 2, not_due: 7 },
    corrections: {},
    compensation: usd(1_284_050),
    withheld: usd(15_360),
    tips: usd(204_000),
    fees: usd(0),
    books: usd(1_283_050),
    difference: usd(1_000),
    by_mail: 1,
    nameless: 1,
    never_settled: 0,
  },
  months: [{ month: '2025-12', withheld: usd(15_360), deposited: usd(10_000), offset: usd(0), left: usd(5_360), due_on: '2026-01-15' }],
  files: [],
  forms: [
    { driver_id: 'cleo', name: 'Cleo Marsh', state: 'draft', compensation: usd(812_400), withheld: usd(0), tips: usd(104_000), payments: 211, last_four: '4711', delivery: 'electronic', revision: 1, correction: null, copy_link: null },
    { driver_id: 'ben', name: null, state: 'draft', compensation: usd(471_650), withheld: usd(15_360), tips: usd(100_000), payments: 118, last_four: null, delivery: 'mail', revision: 2, correction: 'type_1', copy_link: null },
  ],
  next_after: 'ben',
}

export const PAYEES: Schemas['PayeePage'] = {
  payees: [
    {
      driver_id: 'ben',
      name: 'Ben Okoro',
      list: 'notice_due',
      form_state: 'mismatched',
      last_four: '4712',
      certified_at: at(-200 * DAY_MIN),
      match_code: 3,
      matched_at: at(-90 * DAY_MIN),
      withheld_for: 'notice',
      electronic: false,
      exempt: false,
      notices: [
        {
          notice: { id: 'ntc_1', kind: 'first', received_on: dayOf(-9 * DAY_MIN), send_by: dayOf(6 * DAY_MIN), withhold_from: dayOf(21 * DAY_MIN), listed_by: 'fay', sent_on: null, certified_on: null, proof: null, stops_on: null },
          letter: '/console/letter.pdf',
        },
      ],
    },
  ],
  next_after: null,
}

export const CLAIM: Schemas['StaffClaim'] = {
  claim_id: 'clm_000001',
  reference: 'shop-claim-1',
  kind: 'damaged',
  state: 'to_decide',
  outcome: null,
  merchant_id: 'm1',
  delivery_id: 'd00042',
  external_id: 'shop-42',
  zone_id: 'harbour',
  driver_id: 'cleo',
  opened_by: 'merchant',
  opened_at: at(-600),
  asked: usd(4_200),
  evidence: [{ kind: 'proof', id: 'prf_1' }],
  stage: 'delivered',
  weight: 'open',
  findings: ['photo_taken', 'near_dropoff', 'goods_intact'],
  charge: usd(1_250),
  tip: usd(300),
  pay: usd(880),
  bears: 'platform',
  decides: 'person',
  lapses: 'refused',
  most_from_driver: usd(880),
  suggested: { goods: usd(4_200), charge: usd(1_250), tip: usd(0), from_driver: usd(0), to_driver: usd(0) },
  answer_by: at(-60),
  answered_at: at(-120),
  decide_by: at(3 * DAY_MIN),
  held: usd(880),
  proposed: null,
  award: null,
  decided_by: null,
  confirmed_by: null,
  decided_at: null,
  words: { opening: 'The cake was upside down.', answer: 'I carried it level; the box was closed.', reasons: null },
}

export const TABLES: Schemas['TableList'] = {
  tables: [
    {
      table_id: 'ptb_1',
      name: 'Harbour, summer',
      currency: 'USD',
      zone_ids: ['harbour'],
      merchant_id: null,
      starts_on: dayOf(10 * DAY_MIN),
      ends_on: null,
      state: 'draft',
      rows: 12,
      surge: true,
      monthly_minimum: null,
      made_by: 'fay',
      made_at: at(-300),
      decisions: [],
    },
    {
      table_id: 'ptb_0',
      name: 'Harbour',
      currency: 'USD',
      zone_ids: ['harbour'],
      merchant_id: null,
      starts_on: dayOf(-90 * DAY_MIN),
      ends_on: null,
      state: 'approved',
      rows: 12,
      surge: false,
      monthly_minimum: null,
      made_by: 'fay',
      made_at: at(-100 * DAY_MIN),
      decisions: [{ verdict: 'approve', reason: 'As agreed', by: 'jon', at: at(-95 * DAY_MIN) }],
    },
  ],
  next_cursor: null,
}

export const SURGE: Schemas['SurgeView'] = {
  zone_id: 'harbour',
  percent: 120,
  newest: { id: 'srg_1', percent: 120, announced_at: at(-12), holds_from: at(-7), until: at(20), by: null },
  override: null,
  rules: null,
  measures: Array.from({ length: 8 }, (_, index) => ({
    at: at(-80 + 10 * index),
    orders: 10 + 2 * index,
    drivers: 9,
    pressure: 1 + index / 5,
    smoothed: 1 + index / 6,
    percent: 100 + (index > 3 ? 20 : 0),
  })),
}
