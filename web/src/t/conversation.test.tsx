import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api } from '../parts/client'
import { ServerClock } from '../parts/time'
import { type Message, isOver, joined, uuid } from './conversation'
import type { View } from './following'
import { type SectionProps, zoneOf } from './section'
import { Call } from './sections/call'
import { Messages } from './sections/messages'
import { Proof } from './sections/proof'
import { Tip } from './sections/tip'
import texts from './texts/en.json'

const NOW = '2026-06-05T22:20:00Z'
const VIEW: View = {
  may: { rate: false, tip: true, instruct: false },
  currency: 'USD',
  stars: null,
  tipped: null,
  state: 'en_route_to_dropoff',
  as_of: NOW,
  order_number: '#1042',
  eta: null,
  promised_until: NOW,
  contact: true,
  timeline: [{ state: 'picked_up', at: NOW }],
}
const place = document.createElement('div')
document.body.append(place)

const message = (number: number, changes: Partial<Message> = {}): Message => ({
  message_id: `m${number}`,
  at: new Date(Date.parse(NOW) + number * 1000).toISOString(),
  sender: 'driver',
  text: `text ${number}`,
  read_at: null,
  ...changes,
})

const settle = (): Promise<void> => act(async () => new Promise((done) => setTimeout(done)))

async function show(Section: (props: SectionProps) => preact.JSX.Element | null, changes: Partial<View> = {}) {
  const view = { ...VIEW, ...changes }
  const props = { view, token: 'abc', acted: vi.fn(), clock: ServerClock.setAt(NOW), texts, language: 'en-US' }
  void act(() => render(<Section {...props} />, place))
  await settle()
}

const find = <Kind extends HTMLElement>(selector: string): Kind => {
  const found = place.querySelector<Kind>(selector)
  if (!found) throw new Error(`there is no ${selector}`)
  return found
}
const type = (text: string): Promise<void> =>
  act(() => {
    find<HTMLTextAreaElement>('textarea').value = text
    find('textarea').dispatchEvent(new Event('input', { bubbles: true }))
  })
async function submit(): Promise<void> {
  await act(() => void find('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })))
  await settle()
}
const ask = (messages: Message[]) =>
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { messages, next_after: null, unread: 0 } } as never)
const post = (answer: object) => vi.spyOn(api, 'POST').mockResolvedValue(answer as never)
type Asked = { body: { message_id: string; text: string } }
const asked = (spy: { mock: { calls: unknown[][] } }, end: string): Asked[] =>
  spy.mock.calls.filter((call) => String(call[0]).endsWith(end)).map((call) => call[1] as Asked)
const sent = (spy: { mock: { calls: unknown[][] } }): Asked[] => asked(spy, '/messages')

beforeEach(() => vi.stubGlobal('IntersectionObserver', undefined))
afterEach(() => {
  render(null, place)
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('a UUID is one of version 4, and none comes twice', () => {
  const made = Array.from({ length: 200 }, uuid)
  for (const one of made) expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(made).size).toBe(made.length)
})

it('messages are joined in any order without a double, and the newest copy counts', () => {
  const all = Array.from({ length: 12 }, (_, number) => message(number))
  for (let seed = 1; seed < 60; seed++) {
    const order = all.toSorted((a, b) => ((a.text.length * seed * 7 + Date.parse(a.at) * seed) % 11) - (Date.parse(b.at) * seed) % 11)
    const cut = seed % all.length
    expect(joined(order.slice(0, cut + 1), order.slice(Math.max(0, cut - 2)))).toEqual(all)
  }
  const read = message(3, { read_at: NOW })
  expect(joined(all, [read])[3]).toEqual(read)
})

it('a conversation is over an hour after the hand-over, and never before it', () => {
  const at = Date.parse(NOW)
  expect([isOver(null, at), isOver(NOW, at + 3_599_999), isOver(NOW, at + 3_600_000)]).toEqual([false, false, true])
})

it('what the driver wrote is shown, and marked as read once it was seen', async () => {
  ask([message(1), message(2)])
  const spy = post({})
  await show(Messages, { unread: 2 })
  expect(place.textContent).toContain('text 1')
  expect(asked(spy, '/read').map(({ body }) => body)).toEqual([{ until: message(2).at }])
  expect(place.querySelector('.badge')).toBeNull()
})

it('a message is sent once, and one without an answer again under the same id', async () => {
  ask([])
  const lost = vi.spyOn(api, 'POST').mockRejectedValue(new TypeError('no network'))
  await show(Messages)
  await type('  I come down ')
  await submit()
  expect(find('[role=status]').textContent).toBe('There was no answer. Check your connection and try again.')
  expect(find<HTMLTextAreaElement>('textarea').value).toBe('  I come down ')
  const first = sent(lost)[0]?.body
  const again = post({ data: message(5, { sender: 'customer', text: 'I come down' }) })
  await submit()
  expect(sent(again).at(-1)?.body).toEqual(first)
  expect(first?.text).toBe('I come down')
  expect(find<HTMLTextAreaElement>('textarea').value).toBe('')
  expect(place.textContent).toContain('Sent.')
  await type('I come down')
  await submit()
  expect(sent(again).at(-1)?.body.message_id).not.toBe(first?.message_id)
})

it('a text of spaces is not sent', async () => {
  ask([])
  const spy = post({})
  await show(Messages)
  await type('   ')
  await submit()
  expect(sent(spy)).toEqual([])
})

it('nothing is asked and nothing shown before the goods are on board', async () => {
  const spy = ask([])
  await show(Messages, { contact: false, timeline: [{ state: 'created', at: NOW }] })
  expect([spy.mock.calls.length, place.textContent]).toEqual([0, ''])
})

it('after the contact the conversation is read and not continued', async () => {
  ask([message(1, { read_at: NOW })])
  post({})
  await show(Messages, { contact: false, state: 'delivered' })
  expect(place.textContent).toContain('text 1')
  expect(place.querySelector('form')).toBeNull()
})

it('a number is asked for, shown as a link with its end, and a refusal is said', async () => {
  const refused = post({ error: { code: 'calls_unavailable' } })
  await show(Call)
  await act(() => find('button').click())
  await settle()
  expect(place.textContent).toContain("The call can't be connected just now.")
  refused.mockResolvedValue({ data: { number: '+15550000001', expires_at: '2026-06-05T22:35:00Z' } } as never)
  await act(() => find('button').click())
  await settle()
  expect(find<HTMLAnchorElement>('a').href).toBe('tel:+15550000001')
  expect(document.activeElement).toBe(find('a'))
})

it('pictures of the hand-over have names, and a broken one is said to be', async () => {
  await show(Proof, { proof: [{ kind: 'photo', url: '/v1/track/abc/proof/photo' }] })
  expect(find<HTMLImageElement>('img').alt).toBe('Photo of the hand-over')
  await act(() => void find('img').dispatchEvent(new Event('error')))
  expect(place.textContent).toContain("can't be shown")
  await show(Proof, { proof: [] })
  expect(place.textContent).toBe('')
})

it('times are those of the zone, and those of the phone if its browser does not know the zone', () => {
  expect(zoneOf({ ...VIEW, time_zone: 'America/Chicago' })).toBe('America/Chicago')
  expect([zoneOf({ ...VIEW, time_zone: 'Nowhere/Atlantis' }), zoneOf(VIEW)]).toEqual([undefined, undefined])
})

it('the focus goes to the thanks when the form of a tip goes', async () => {
  await show(Tip)
  find('button').focus()
  await show(Tip, { tipped: { amount: 300, currency: 'USD' } })
  expect(document.activeElement).toBe(find('[role=status]'))
})
