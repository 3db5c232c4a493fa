/** Answers of the API for each state of a delivery, in the middle of what the map shows. */

import type { Page } from '@playwright/test'
import type { Schemas } from '../src/parts/client'

type View = Schemas['TrackingView']
type State = Schemas['State']

const [LON, LAT] = (process.env['CENTRE'] ?? '0,0').split(',').map(Number) as [number, number]

export const TOKEN = 'a'.repeat(52)
const NOON = Date.parse('2026-06-05T22:20:00Z')
export const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString()

const STEPS: State[] = [
  'created',
  'assigned',
  'en_route_to_pickup',
  'arrived_at_pickup',
  'picked_up',
  'en_route_to_dropoff',
  'arrived_at_dropoff',
  'delivered',
]

const steps = (until: State): View['timeline'] =>
  STEPS.slice(0, STEPS.indexOf(until) + 1).map((state, index) => ({ state, at: at(-34 + 5 * index) }))

const MAY: View['may'] = { rate: false, tip: false, instruct: false }

const BASE: View = {
  may: { ...MAY, instruct: true },
  currency: 'USD',
  stars: null,
  tipped: null,
  state: 'created',
  as_of: at(0),
  order_number: '#1042',
  eta: null,
  promised_until: at(35),
  merchant: {
    name: 'Corner Bakery',
    colour: null,
    logo_url: null,
    support_phone: '+14105550100',
    support_email: 'help@bakery.example',
  },
  pin: '4821',
  timeline: steps('created'),
}

const DRIVER: Partial<View> = { driver_name: 'Ada', vehicle: 'bicycle', eta: at(14) }

const NEAR: Partial<View> = {
  ...DRIVER,
  may: MAY,
  eta: at(14),
  eta_earliest: at(10),
  eta_latest: at(21),
  position: { lat: LAT + 0.0017, lon: LON - 0.0071 },
  position_at: at(-0.4),
  destination: { lat: LAT + 0.0078, lon: LON + 0.0001 },
}

const CLOSED: Partial<View> = { may: MAY, pin: null, eta: null }

const view = (state: State, changes: Partial<View>): View => ({ ...BASE, timeline: steps(state), ...changes, state })

const ended = (state: State, changes: Partial<View> = {}): View =>
  view(state, { ...CLOSED, timeline: [...steps('arrived_at_dropoff'), { state, at: at(-1) }], ...changes })

export const VIEWS: Record<string, View> = {
  waiting: view('created', { pin: null }),
  assigned: view('assigned', DRIVER),
  at_the_shop: view('arrived_at_pickup', DRIVER),
  coming: view('en_route_to_dropoff', NEAR),
  coming_late: view('en_route_to_dropoff', {
    ...NEAR,
    eta: at(50),
    eta_earliest: at(44),
    eta_latest: at(61),
    merchant: { ...BASE.merchant!, name: 'Noodle Wharf', colour: '#e8590c' },
  }),
  at_the_door: view('arrived_at_dropoff', { ...NEAR, eta: at(0), eta_earliest: null, eta_latest: null }),
  delivered: ended('delivered', { may: { ...MAY, rate: true, tip: true } }),
  thanked: ended('delivered', {
    may: { ...MAY, rate: true },
    stars: 4,
    tipped: { amount: 350, currency: 'USD' },
  }),
  messages: view('arrived_at_dropoff', { ...NEAR, eta: at(0), eta_earliest: null, eta_latest: null, contact: true, calls: true, unread: 1 }),
  with_proof: ended('delivered', {
    proof: (['photo', 'signature'] as const).map((kind) => ({ kind, url: `/v1/track/${TOKEN}/proof/${kind}` })),
    merchant: { ...BASE.merchant!, logo_url: '/logos/mer_1-0a7d4f.png' },
  }),
  left_at_door: ended('delivered', { left_at_door: true }),
  failed: ended('failed', { failure: 'goods_lost' }),
  going_back: ended('returning', { failure: 'customer_absent' }),
  returned: ended('returned', { failure: 'wrong_address' }),
  cancelled: ended('cancelled', { timeline: [...steps('created'), { state: 'cancelled', at: at(-1) }] }),
  expired: ended('expired', { timeline: [...steps('created'), { state: 'expired', at: at(-1) }] }),
}

const TALK: Schemas['MessagePage'] = {
  messages: [
    ['customer', 'The bell is broken, please knock.', -9, -8],
    ['driver', 'I will. Is it the blue door?', -8, -8],
    ['customer', 'Yes, second floor.', -7, -6],
    ['driver', 'I am here.', -1, null],
  ].map(([sender, text, minutes, read], index) => ({
    message_id: `00000000-0000-4000-8000-00000000000${index}`,
    at: at(Number(minutes)),
    sender: sender as 'driver' | 'customer',
    text: String(text),
    read_at: read === null ? null : at(Number(read)),
  })),
  next_after: null,
  unread: 1,
}

/** In place of photos and logos. */
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="800" height="600" fill="#7a8b6f"/></svg>'

/** Let the API answer the page with a view, or refuse. */
export async function answer(page: Page, body: View | { code: string }, status = 200): Promise<void> {
  await page.unrouteAll()
  const type = status === 200 ? 'application/json' : 'application/problem+json'
  await page.route('**/v1/track/*', (route) => route.fulfill({ status, contentType: type, body: JSON.stringify(body) }))
  const talk = 'contact' in body && body.contact ? TALK : { messages: [], next_after: null, unread: 0 }
  await page.route('**/v1/track/*/messages*', (route) => route.fulfill({ json: talk }))
  await page.route('**/v1/track/*/messages/read', (route) => route.fulfill({ status: 204 }))
  for (const address of ['**/v1/track/*/proof/*', '**/logos/*']) {
    await page.route(address, (route) => route.fulfill({ contentType: 'image/svg+xml', body: PICTURE }))
  }
}
