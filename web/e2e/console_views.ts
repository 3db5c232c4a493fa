/** Answers of the API for the console, in the middle of what the map shows. */

import type { Page, Request, Route } from '@playwright/test'
import type { Adjustment, Emergency, Law, Message, Notice, Notices, ZoneMap } from '../src/console/api/types'
import type { Right } from '../src/parts/session/session'
import { at } from './views'

const [LON, LAT] = (process.env['CENTRE'] ?? '0,0').split(',').map(Number) as [number, number]

const point = (north: number, east: number) => ({ lat: LAT + north / 111_200, lon: LON + east / 84_000 })
const square = (half: number) => [point(-half, -half), point(-half, half), point(half, half), point(half, -half)]

/** The rights of each role, as the API tells them. */
export const RIGHTS: Record<string, Right[]> = {
  dispatcher: ['change_operations', 'contact_people', 'manage_drivers', 'read_operations', 'read_proof'],
  support: ['contact_people', 'decide_applications', 'decide_claims', 'decide_conduct', 'manage_drivers', 'read_merchants', 'read_operations', 'read_proof', 'review_documents', 'serve_merchants'],
  finance: ['change_money', 'decide_claims', 'read_merchants', 'read_money', 'read_operations', 'read_proof'],
  administrator: [
    'change_money',
    'change_operations',
    'contact_people',
    'decide_applications',
    'decide_claims',
    'decide_conduct',
    'manage_drivers',
    'manage_network',
    'read_audit',
    'read_merchants',
    'read_money',
    'read_operations',
    'read_proof',
    'review_documents',
    'serve_merchants',
  ],
}
export const PERSON = { username: 'mira', groups: ['administrator'] }
const as = (groups: string[]) => ({ ...PERSON, groups, rights: groups.flatMap((group) => RIGHTS[group] ?? []) })

export const ZONE = {
  id: 'harbour',
  cells: 40,
  settings: { name: 'Harbour', area: square(2400), dispatch: {}, travel: {}, rates: { currency: 'USD' }, promise_minutes: 60 },
  pause: null,
}

type Order = ZoneMap['deliveries'][number]
type Driver = ZoneMap['drivers'][number]

const order = (number: number, changes: Partial<Order> = {}): Order => ({
  delivery_id: `d${String(number).padStart(5, '0')}`,
  order_number: `#${1040 + number}`,
  merchant_id: 'm1',
  merchant: 'Corner Bakery',
  state: 'en_route_to_dropoff',
  priority: 'normal',
  pickup: point(300 * Math.sin(number), 400 * Math.cos(number)),
  dropoff: point(1500 * Math.sin(number * 2.4), 1700 * Math.cos(number * 1.7)),
  driver_id: 'ada',
  eta: at(12 + number),
  promised_until: at(35),
  late_s: 0,
  urgency: 10,
  reasons: [],
  waits: null,
  ...changes,
})

const driver = (driver_id: string, name: string, changes: Partial<Driver> = {}): Driver => ({
  driver_id,
  name,
  vehicle: 'bicycle',
  position: point(600, -500),
  position_at: at(-0.4),
  heading: 'dropoff',
  delivery_id: 'd00001',
  stops: 3,
  late_s: 0,
  suspended: false,
  ...changes,
})

export const MAP: ZoneMap = {
  zone_id: 'harbour',
  as_of: at(0),
  drivers: [
    driver('ada', 'Ada Lund', { late_s: 720 }),
    driver('ben', 'Ben Okoro', { position: point(-800, 900), stops: 2, vehicle: 'car' }),
    driver('cleo', 'Cleo Marsh', { position: point(200, 300), heading: null, delivery_id: null, stops: 0 }),
    driver('dov', 'Dov Levi', { position: point(-400, -1300), stops: 1, suspended: true }),
  ],
  deliveries: [
    order(1, { late_s: 720, urgency: 86, reasons: ['late', 'driver_silent'], eta: at(47) }),
    order(2, {
      state: 'created',
      driver_id: null,
      eta: null,
      urgency: 71,
      reasons: ['no_driver', 'search_ends_soon', 'declined'],
      waits: 'nobody_can_take_it',
      priority: 'urgent',
      merchant: 'Noodle Wharf',
    }),
    order(3, { late_s: 60, urgency: 44, reasons: ['will_be_late'], driver_id: 'ben', state: 'picked_up' }),
    order(4, { state: 'offered', driver_id: null, eta: null, urgency: 30, reasons: ['no_driver'], waits: 'offer_stands' }),
    order(5, { driver_id: 'ben', state: 'assigned' }),
    order(6, { driver_id: 'ada', state: 'arrived_at_pickup', merchant: 'A shop with quite a long name, by the old harbour' }),
  ],
  incidents: [
    {
      id: 'i1',
      centre: point(900, 700),
      radius_m: 350,
      begins_at: at(-20),
      ends_at: at(70),
      slowdown: 1,
      closed: true,
      note: 'Water main burst',
      reported_by: 'mira',
      reported_at: at(-20),
    },
  ],
  paused: null,
}

const cost = (driving_s: number, late_s: number) => ({ driving_s, waiting_s: 60, late_s, total_s: driving_s + late_s })

const stop = (stop_id: string, delivery_id: string, kind: 'pickup' | 'dropoff', minutes: number, late_s = 0) => ({
  stop_id,
  kind,
  delivery_id,
  point: point(500 * Math.sin(minutes), 800 * Math.cos(minutes)),
  opens_at: at(-10),
  closes_at: at(35),
  eta: at(minutes),
  late_s,
  started: false,
  pinned: false,
})

const STOPS = [
  stop('s1', 'd00001', 'dropoff', 47, 720),
  stop('s2', 'd00006', 'pickup', 52),
  stop('s3', 'd00006', 'dropoff', 64),
]

export const ROUTE = {
  driver_id: 'ada',
  zone_id: 'harbour',
  revision: 4,
  confirmed_revision: 3,
  unconfirmed_since: at(-3),
  pending: [{ revision: 4, at: at(-3), reason: 'deliveries_assigned', by: 'dispatch' }],
  plan: { stops: STOPS, cost: cost(1800, 720) },
}

export const REROUTED = {
  driver_id: 'cleo',
  before: { stops: [], cost: cost(0, 0) },
  after: { stops: STOPS.slice(0, 2), cost: cost(840, 120) },
  later: [{ stop_id: 's3', delivery_id: 'd00006', late_before_s: 0, late_after_s: 120 }],
}

const money = (amount: number) => ({ amount, currency: 'USD' })

export const known = (id: string) => {
  const row = MAP.deliveries.find((one) => one.delivery_id === id) ?? order(99, { delivery_id: id })
  const waits = row.driver_id === null
  return {
    version: 7,
    stars: null,
    delivery: {
      ...row,
      id,
      external_id: `shop-${id}`,
      zone_id: 'harbour',
      pickup_window: { opens_at: at(-15), closes_at: at(10) },
      dropoff_window: { opens_at: at(-15), closes_at: at(35) },
      price: { charge: [], pay: [{ code: 'base', amount: money(580) }], tip: money(300) },
      requirements: { photo: true },
      timeline: [
        { state: 'created', at: at(-31), actor: 'merchant' },
        { state: 'offered', at: at(-29), actor: 'dispatch' },
        ...(waits ? [] : [{ state: 'assigned', at: at(-28), actor: row.driver_id ?? '' }]),
      ],
    },
    last_offer: {
      offer_id: 'o1',
      state: waits ? 'declined' : 'accepted',
      asked: [{ driver_id: 'ben', score: 512, acceptance: 0.82, parts: { route_growth: 430, refusal: 22, rating: 60 } }],
      runners_up: [{ driver_id: 'cleo', score: 733, acceptance: 0.6, parts: { route_growth: 790, fairness: -57 } }],
      declines: waits ? [{ driver_id: 'ben', reason: 'pay_too_low', at: at(-27) }] : [],
    },
    stops: [{ kind: 'pickup', arrived_at: at(-12), done_at: at(-8), seen_arriving_at: at(-12), seen_leaving_at: at(-8), differs: false }],
    routes: [],
  }
}

export const PLAN = {
  zone_id: 'harbour',
  offers: [
    {
      delivery_ids: ['d00002'],
      policy: 'directed',
      dedicated: false,
      asked: [{ driver_id: 'cleo', score: 410, acceptance: 0.9, parts: {} }],
      runners_up: [],
    },
  ],
  deliveries: [
    {
      delivery_id: 'd00002',
      driver_id: 'cleo',
      waits: null,
      options: [{ driver_id: 'cleo', cost_s: 410, parts: { delivery_time: 300, pay: 110 } }],
      difference_s: 200,
      ineligible: [
        { driver_id: 'dov', reason: 'may_not_drive' },
        { driver_id: 'ben', reason: 'declined_it' },
      ],
      cannot: { may_not_drive: 1, declined_it: 1 },
    },
  ],
  idle: [],
  search_steps: 12,
  search_complete: true,
}

export const EMERGENCY: Emergency = {
  emergency_id: 'e1',
  raised_at: at(-1),
  state: 'open',
  handled_at: null,
  driver_id: 'ben',
  driver_name: 'Ben Okoro',
  zone_id: 'harbour',
  position: point(-800, 900),
  note: 'A car hit me',
  handled_by: null,
  handling_note: null,
  driver_phone: '+14105550177',
}

export const MESSAGES: Message[] = [
  { message_id: 'm1', at: at(-9), sender: 'driver', text: 'The gate is locked, who has the code?', read_at: null },
  { message_id: 'm2', at: at(-8), sender: 'staff', text: '4711, then left.', read_at: at(-7) },
]

const HELD = {
  held: [
    {
      delivery_id: 'd00042',
      driver_id: 'ada',
      state: 'delivered',
      since: at(-90),
      doubts: { delivered: 'far_from_stop' },
      pay: money(880),
      charge: money(1250),
      decision: null,
    },
  ],
}

const AUDIT = {
  entries: [
    {
      entry_id: 'a2',
      at: at(-2),
      by: 'mira',
      action: 'POST /v1/staff/deliveries/{delivery_id}/assign',
      subjects: ['d00001', 'cleo'],
      outcome: 200,
      request: { driver_id: 'cleo', dry_run: false },
    },
    { entry_id: 'a1', at: at(-6), by: 'jon', action: 'PUT /v1/staff/drivers/{driver_id}/route', subjects: ['ada'], outcome: 409, request: { revision: 3 } },
  ],
  next_after: null,
}

/** The answers by path, from which a test may differ; a status stands for a refusal. */
export type Answers = Record<string, unknown>

export const adjustment = (number: number, asked_by: string, amount: number, note: string): Adjustment => ({
  adjustment_id: `adj_${number}`,
  reference: `ticket-${4700 + number}`,
  driver_id: 'cleo',
  amount: { amount, currency: 'USD' },
  note,
  reverses: null,
  state: 'pending',
  asked_by,
  asked_at: at(-90),
  expires_at: at(7 * 24 * 60 - 90),
  decided_by: null,
  decided_at: null,
  posting_id: null,
  period: null,
  time: null,
})
export const ADJUSTMENTS = [
  adjustment(1, 'fay', 12_000, 'The shop closed early; half a day lost'),
  adjustment(2, 'mira', -7_550, 'Goods lost on the way'),
]

const notice = (type: string, channel: Notice['channel'], state: Notice['state'], minutes: number | null): Notice => ({
  event_id: `evt_${type}`,
  type,
  channel,
  state,
  at: minutes === null ? null : at(minutes),
})
/** What a customer was told whose mails bounce since then, and who replied STOP. */
export const NOTICES: Notices = {
  notices: [
    notice('delivery.en_route_to_dropoff', 'sms', 'sent', -14),
    notice('delivery.en_route_to_dropoff', 'email', 'bounced', -14),
    { ...notice('delivery.eta_changed', 'sms', 'waiting', null), waits_until: at(50) },
    notice('delivery.approaching', 'sms', 'opted_out', -3),
    notice('delivery.approaching', 'email', 'suppressed', -3),
  ],
  addresses: [
    { channel: 'sms', because: 'stop', since: at(-9), lifted: null },
    { channel: 'email', because: 'bounce', since: at(-13), lifted: null },
  ],
}

const rule = (changes: Partial<Law['rules'][number]>): Law['rules'][number] => ({
  rule: 'offer_window',
  text: 'A driver has at least this long to answer an offer.',
  figure: '60',
  unit: 'seconds',
  place: 'pickup',
  jurisdiction: 'US-CO',
  begins: '2025-01-01',
  ends: null,
  status: 'published',
  source: 'C.R.S. 8-4-126 (HB24-1129)',
  note: '',
  holds: true,
  ...changes,
})
const NOTICE = {
  rule: 'deactivation_notice_days',
  text: 'A deactivation takes effect this long after its notice at the earliest.',
  unit: 'days',
  place: 'home',
} as const
/** The law of a zone that names two cities besides its own place. */
export const LAW: Law = {
  zone_id: 'harbour',
  on: null,
  jurisdictions: [
    { code: 'US', name: 'United States' },
    { code: 'US-CO', name: 'Colorado' },
    { code: 'US-CO-denver', name: null },
    { code: 'US-NY-new-york-city', name: 'New York City' },
    { code: 'US-WA-seattle', name: 'Seattle' },
  ],
  rules: [
    rule({}),
    rule({ ...NOTICE, figure: '14', jurisdiction: 'US-WA-seattle', source: 'SMC 8.40; SHRR 260', note: 'In most cases.', holds: false }),
    rule({ ...NOTICE, figure: '120', jurisdiction: 'US-NY-new-york-city', status: 'pending', source: 'NYC Council Int. 1332-A' }),
    rule({
      rule: 'offer_per_mile',
      text: 'An offer pays at least this for each engaged mile besides.',
      figure: '0.80 USD',
      unit: 'per_mile',
      place: 'both',
      jurisdiction: 'US-WA-seattle',
      begins: '2026-01-01',
      status: 'derived',
      source: 'SMC 8.37',
      note: 'IRS rate of 0.725 x 1.1; every published year fits.',
    }),
  ],
}

const ANSWERS: Answers = {
  '/v1/staff/zones': { zones: [ZONE, { ...ZONE, id: 'hills', settings: { ...ZONE.settings, name: 'Hills' } }] },
  '/v1/staff/zones/harbour/map': MAP,
  '/v1/staff/zones/harbour/plan': PLAN,
  '/v1/staff/zones/harbour/held-pay': HELD,
  '/v1/staff/ledger/adjustments': { adjustments: ADJUSTMENTS },
  '/v1/staff/emergencies': { emergencies: [] },
  '/v1/staff/messages/unread': { drivers: [{ driver_id: 'cleo', count: 2, since: at(-9) }] },
  '/v1/staff/audit': AUDIT,
  '/v1/staff/law': LAW,
  '/v1/staff/search': { deliveries: [], drivers: [{ driver_id: 'cleo', name: 'Cleo Marsh', zone_id: 'harbour', on_duty: true }] },
}

const PATTERNS: [RegExp, (id: string, method: string) => unknown][] = [
  [/^\/v1\/staff\/deliveries\/([^/]+)$/, known],
  [/^\/v1\/staff\/deliveries\/([^/]+)\/offers$/, (id) => ({ offers: [{ ...known(id).last_offer, made_at: at(-29), policy: 'directed' }] })],
  [/^\/v1\/staff\/deliveries\/([^/]+)\/assign$/, (id) => ({ ...known(id), routes: [REROUTED] })],
  [/^\/v1\/staff\/drivers\/([^/]+)\/route$/, (id, method) => (method === 'PUT' ? { dry_run: true, revision: 4, route: { ...REROUTED, driver_id: id } } : id === 'ada' ? ROUTE : { ...ROUTE, driver_id: id, unconfirmed_since: null, pending: [] })],
  [/^\/v1\/staff\/drivers\/([^/]+)\/messages(?:\/read)?$/, () => ({ messages: MESSAGES, next_after: null, unread: 1 })],
  [
    /^\/v1\/staff\/drivers\/([^/]+)$/,
    (id) => ({
      id,
      kind: 'crowd',
      merchant_id: null,
      home_zone_id: 'harbour',
      vehicle: { kind: 'bicycle', max_weight_g: 15_000, max_volume_l: 60 },
      documents: [],
      skills: [],
      rating: 4.83,
      standing: id === 'dov' ? { level: 'suspension', barred_from: '2026-01-01' } : { level: 'good' },
      closed: false,
      created_at: at(-90_000),
      duty: { zone_id: 'harbour', since: at(-120) },
    }),
  ],
]

const session = (groups: string[]) => ({ ...as(groups), access_token: 'token', expires_in: 3600, challenge: null })

const isProblem = (body: unknown): body is { status: number; code: string } =>
  typeof (body as { status?: unknown })?.status === 'number'

function fulfil(route: Route, body: unknown): Promise<void> {
  const refused = typeof body === 'number' ? { status: body, code: 'internal', detail: 'That did not work.' } : body
  if (isProblem(refused)) {
    return route.fulfill({ status: refused.status, contentType: 'application/problem+json', body: JSON.stringify(refused) })
  }
  return route.fulfill({ json: body })
}

/** Sign somebody in, and let the API answer the console. */
export async function answerConsole(page: Page, changes: Answers = {}, groups = PERSON.groups): Promise<void> {
  await page.addInitScript((person) => localStorage.setItem('session.person', JSON.stringify(person)), as(groups))
  await page.route('**/v1/**', (route) => {
    const { pathname } = new URL(route.request().url())
    if (pathname.startsWith('/v1/session')) return fulfil(route, session(groups))
    const answers = { ...ANSWERS, ...changes }
    const answer = answers[pathname]
    if (answer !== undefined) {
      const made = typeof answer === 'function' ? (answer as (request: Request) => unknown)(route.request()) : answer
      return fulfil(route, made)
    }
    for (const [pattern, make] of PATTERNS) {
      const [, id] = pattern.exec(pathname) ?? []
      if (id) return fulfil(route, make(id, route.request().method()))
    }
    return fulfil(route, 404)
  })
}
