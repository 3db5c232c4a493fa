/** Answers of the API for the driver's app, in the middle of what the map shows. */

import type { Page, Route as Call } from '@playwright/test'
import type { Schemas } from '../src/parts/client'
import type { Driver, Earnings, Message, Offer, Route, Stop } from '../src/driver/model'

const [LON, LAT] = (process.env['CENTRE'] ?? '0,0').split(',').map(Number) as [number, number]
const NOW = Date.now()
export const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString()
const place = (east: number, north: number) => ({ lat: LAT + north / 111_195, lon: LON + east / 86_000 })
const usd = (amount: number) => ({ amount, currency: 'USD' })

export const ME: Driver = {
  id: 'drv_ada',
  kind: 'crowd',
  merchant_id: null,
  home_zone_id: 'harbour',
  vehicle: { kind: 'bicycle', max_weight_g: 20_000, max_volume_l: 60 },
  documents: [{ kind: 'identity', valid_until: '2031-05-01' }],
  skills: [],
  credentials: [],
  rating: 4.8,
  onboarding: false,
  shifts: [],
  standing: { level: 'good', since: null, case_id: null, barred_from: null, until: null },
  closed: false,
  created_at: at(-100_000),
  duty: { zone_id: 'harbour', since: at(-95) },
  time_zone: 'UTC',
}

const SHOP = { name: 'Corner Bakery', company: null, phone: '+14105550100', address: '1 Market Square', notes: 'Ring at the back door.' }
const KIM = {
  name: 'Kim Lee',
  company: null,
  phone: null,
  address: '9 Lake View, apartment 4',
  notes: 'Second door on the left. The bell does not work, please knock.',
}

let count = 0
export function stop(changes: Partial<Stop> = {}): Stop {
  const number = ++count
  const kind = changes.kind ?? 'dropoff'
  const id = changes.delivery_id ?? `dlv_${number}`
  return {
    stop_id: `${id}#${kind}`,
    kind,
    delivery_id: id,
    order_number: `#10${40 + number}`,
    delivery_state: 'picked_up',
    point: place(300 + 90 * number, 200 - 70 * number),
    opens_at: at(-30),
    closes_at: at(35),
    eta: at(14),
    started: false,
    contact: KIM,
    requirements: {},
    undeliverable: 'return',
    reasons: ['customer_absent', 'customer_refused', 'goods_damaged', 'no_access', 'no_valid_id', 'temperature_out_of_range', 'underage', 'wrong_address'],
    needs_disposition: false,
    is_transfer: false,
    is_area: false,
    ...changes,
  }
}

export const route = (stops: Stop[], changes: Partial<Route> = {}): Route => ({
  driver_id: ME.id,
  version: 3,
  revision: 3,
  confirmed_revision: 3,
  unconfirmed_since: null,
  pending: [],
  ended: [],
  stops,
  ...changes,
})

const delivery = (number: number, changes: Partial<Offer['deliveries'][number]> = {}): Offer['deliveries'][number] => ({
  delivery_id: `dlv_o${number}`,
  pickup: place(-400, 250),
  dropoff: place(350 + 200 * number, -150 * number),
  pickup_window: { opens_at: at(5), closes_at: at(25) },
  dropoff_window: { opens_at: at(15), closes_at: at(55) },
  parcel: { weight_g: 2500, volume_l: 12 },
  requirements: {},
  priority: 'normal',
  undeliverable: 'return',
  ...changes,
})

export const OFFER: Offer = {
  offer_id: 'off_1',
  policy: 'directed',
  expires_at: at(9),
  pay_total: usd(1180),
  extra_parts: [{ code: 'peak_bonus', amount: { amount: 250, currency: 'USD' } }],
  pay_parts: [
    { code: 'base', amount: usd(500) },
    { code: 'distance', amount: usd(420) },
    { code: 'time', amount: usd(260) },
  ],
  tip: usd(300),
  deliveries: [delivery(1, { requirements: { photo: true, pin: true } }), delivery(2, { priority: 'urgent' })],
  trip: { distance_m: 4300, duration_s: 2280 },
  pay_per_hour: usd(2337),
}

export const BROADCAST: Offer = {
  ...OFFER,
  offer_id: 'off_2',
  policy: 'broadcast',
  expires_at: at(12),
  tip: usd(0),
  pay_total: usd(640),
  deliveries: [delivery(3)],
  trip: { distance_m: 1450, duration_s: 900 },
  pay_per_hour: null,
}

export const EARNED: Earnings = {
  period: at(0).slice(0, 10),
  driver_id: ME.id,
  totals: [
    {
      currency: 'USD',
      sums: { trips: usd(4310), tips: usd(850), extra: usd(0), corrections: usd(0), instant: usd(0), carried: usd(0) },
      total: usd(5160),
    },
  ],
  lines: [
    {
      delivery_id: 'dlv_7',
      kind: 'delivery',
      outcome: 'delivered',
      time: at(-40),
      parts: OFFER.pay_parts,
      tip: usd(300),
      total: usd(1480),
      note: null,
    },
    { delivery_id: 'dlv_6', kind: 'tip', outcome: null, time: at(-30), parts: [], tip: usd(550), total: usd(550), note: null },
  ],
  payouts: [
    {
      payout_id: 'pay_1',
      driver_id: ME.id,
      period: at(0).slice(0, 10),
      speed: 'standard',
      amount: usd(3980),
      fee: usd(0),
      withheld: usd(0),
      net: usd(3980),
      state: 'paid',
      made_at: at(-910),
      effective_on: at(0).slice(0, 10),
      transfer_id: 't1',
      degraded_by: null,
      code: null,
      reason: null,
      hold_code: null,
      held_until: null,
      decided_at: at(-900),
    },
  ],
}

export const NEXT = {
  shop: stop({ kind: 'pickup', delivery_state: 'assigned', contact: SHOP, point: place(-400, 250) }),
  // A customer before the pickup: the first name and an area.
  area: stop({
    delivery_state: 'assigned',
    is_area: true,
    contact: { name: 'Kim', company: null, phone: null, address: null, notes: '' },
  }),
  coming: stop({ delivery_state: 'en_route_to_dropoff', started: true, requirements: { photo: true } }),
  all: stop({
    delivery_state: 'arrived_at_dropoff',
    started: true,
    requirements: { photo: true, signature: true, pin: true, minimum_age: 21, barcode: true },
    parcels_to_scan: 2,
  }),
  door: stop({
    delivery_state: 'arrived_at_dropoff',
    started: true,
    undeliverable: 'leave_at_door',
    requirements: { photo: true },
  }),
  back: stop({ kind: 'return', delivery_state: 'returning', started: true, contact: SHOP }),
  regulated: stop({
    delivery_state: 'arrived_at_dropoff',
    started: true,
    requirements: {
      minimum_age: 21,
      id_check: true,
      affirmations: ['not_intoxicated', 'of_age', 'valid_id_seen'],
      printed_name: true,
      recipient_relation: true,
      temperature: { least_c: 2, most_c: 8 },
    },
    reasons: ['customer_absent', 'intoxicated', 'no_valid_id', 'recipient_not_addressee', 'temperature_out_of_range', 'underage'],
    needs_disposition: true,
  }),
  recorded: stop({
    kind: 'return',
    delivery_state: 'returning',
    started: true,
    contact: SHOP,
    requirements: { custody_scan: true },
    parcels_to_scan: 1,
    needs_disposition: true,
  }),
}

export const ten = (): Stop[] =>
  Array.from({ length: 10 }, () =>
    stop({ delivery_state: 'en_route_to_dropoff', point: place(350, 0), requirements: { photo: true } }),
  )

export const SAID: Message[] = [
  { message_id: 'm1', at: at(-9), sender: 'staff', text: 'Is the shop open?', read_at: at(-8) },
  { message_id: 'm2', at: at(-7), sender: 'driver', text: 'Yes, the order comes in five minutes.', read_at: null },
]

/** Money that a driver may have at once. */
export const QUOTE: Schemas['PayQuote'] = {
  at_hand: usd(5160),
  available: usd(5160),
  fee: usd(77),
  arrives: usd(5083),
  obstacle: null,
  least: usd(500),
  terms: { basis_points: 150, least: usd(50), most: usd(1000) },
  orders_left: 3,
  schedule: { cadence: 'daily', next_payday: at(0).slice(0, 10) },
}

export interface Answers {
  messages?: Message[]
  me?: Driver
  offers?: Offer[]
  route?: Route
  earnings?: Earnings
  pay?: Schemas['PayQuote']
}

/** A request of the app to the API. */
export interface Asked {
  method: string
  path: string
  body: unknown
  headers: Record<string, string>
}

const SESSION: Schemas['SessionView'] = {
  username: ME.id,
  groups: ['drivers'],
  rights: [],
  access_token: 'token',
  expires_in: 3600,
  challenge: null,
}

/** Sign the driver in and let the API answer; returns the requests that come. */
export async function answerDriver(page: Page, answers: Answers = {}): Promise<Asked[]> {
  const asked: Asked[] = []
  await page.addInitScript(
    ([person]) => localStorage.setItem('session.person', person ?? ''),
    [JSON.stringify({ username: ME.id, groups: ['drivers'], rights: [] })],
  )
  const given: Record<string, unknown> = {
    me: answers.me ?? ME,
    offers: { offers: answers.offers ?? [], gone: [] },
    route: answers.route ?? route([]),
    earnings: answers.earnings ?? EARNED,
    'instant-pay': answers.pay ?? QUOTE,
    emergencies: { emergencies: [] },
    messages: { messages: answers.messages ?? [], next_after: null, unread: 0 },
    push: { public_key: '', subscriptions: [] },
  }
  const reply = async (call: Call): Promise<void> => {
    const request = call.request()
    const { pathname: path } = new URL(request.url())
    if (path === '/v1/session/refresh') return call.fulfill({ json: SESSION })
    if (request.method() === 'GET') {
      const name = path.split('/').at(-1) ?? ''
      return name in given ? call.fulfill({ json: given[name] }) : call.fulfill({ status: 404, json: { code: 'none' } })
    }
    const body = (() => {
      try {
        return request.postDataJSON() as unknown
      } catch {
        return null // a picture
      }
    })()
    asked.push({ method: request.method(), path, body, headers: request.headers() })
    return call.fulfill({ json: { accepted: 1, dropped: {} } })
  }
  await page.route('**/v1/**', reply)
  return asked
}
