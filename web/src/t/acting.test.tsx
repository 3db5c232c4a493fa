import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { api } from '../parts/client'
import { ServerClock } from '../parts/time'
import { money } from '../parts/money'
import { codeOf, minorUnits, refusalSaid } from './acting'
import type { View } from './following'
import type { SectionProps } from './section'
import { Instructions } from './sections/instructions'
import { Rating } from './sections/rating'
import { Tip } from './sections/tip'
import { LOADERS } from './texts'
import texts from './texts/en.json'

const NOW = '2026-06-05T22:20:00Z'
const VIEW: View = {
  may: { rate: true, tip: true, instruct: true },
  currency: 'USD',
  stars: null,
  tipped: null,
  state: 'delivered',
  as_of: NOW,
  order_number: '#1042',
  eta: null,
  promised_until: NOW,
  timeline: [],
}
const NOTHING = { rate: false, tip: false, instruct: false }

const place = document.createElement('div')
document.body.append(place)

type Section = (props: SectionProps) => preact.JSX.Element | null

function show(Section: Section, changes: Partial<View> = {}): { acted: ReturnType<typeof vi.fn> } {
  const acted = vi.fn()
  const view = { ...VIEW, ...changes }
  const props = { view, token: 'abc', acted, clock: ServerClock.setAt(NOW), texts, language: 'en-US' }
  void act(() => render(<Section {...props} />, place))
  return { acted }
}

const find = <Kind extends HTMLElement>(selector: string, index = 0): Kind => {
  const found = place.querySelectorAll<Kind>(selector)[index]
  if (!found) throw new Error(`there is no ${selector}`)
  return found
}
const choose = (index: number): Promise<void> =>
  act(() => {
    find<HTMLInputElement>('input[type=radio]', index).checked = true
    find('input[type=radio]', index).dispatchEvent(new Event('change', { bubbles: true }))
  })
const type = (selector: string, text: string): Promise<void> =>
  act(() => {
    find<HTMLInputElement>(selector).value = text
    find(selector).dispatchEvent(new Event('input', { bubbles: true }))
  })
const submit = (): Promise<void> =>
  act(async () => {
    find('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
    await new Promise((done) => setTimeout(done))
  })
const told = (): string | null => find('[role=status]').textContent

function answers(method: 'POST' | 'PUT', answer: object | Promise<object>) {
  return vi.spyOn(api, method).mockReturnValue(Promise.resolve(answer) as never)
}
const body = (spy: ReturnType<typeof answers>): unknown => (spy.mock.calls[0]?.[1] as { body: unknown } | undefined)?.body

afterEach(() => {
  render(null, place)
  vi.restoreAllMocks()
})

it('a typed amount is read with a comma or a point, in the minor units of its currency', () => {
  expect([minorUnits('3.5', 'USD'), minorUnits(' 3,50 ', 'EUR'), minorUnits('350', 'JPY')]).toEqual([350, 350, 350])
  expect([minorUnits('1.250', 'KWD'), minorUnits('2', 'HUF')]).toEqual([1250, 200])
})

it.each(['', '0', '-1', '1.234', '1.', '1 000', '100.01', '1e3', 'two'])('%o is no tip in dollars', (typed) => {
  expect(minorUnits(typed, 'USD')).toBeNull()
})

it('an amount is written by language, with the decimals of ISO 4217', () => {
  expect(money(350, 'USD', 'en-US')).toBe('$3.50')
  expect(money(350, 'JPY', 'en-US')).toBe('¥350')
  expect(money(350, 'EUR', 'de')).toMatch(/^3,50\s€$/)
  expect(money(350, 'HUF', 'en-US')).toMatch(/3\.50$/)
})

it('a code is that of a problem, and of nothing else', () => {
  expect(codeOf({ code: 'too_late_to_tip' })).toBe('too_late_to_tip')
  expect([codeOf('<html>'), codeOf({ code: [] }), codeOf(undefined)]).toEqual(['', '', ''])
})

it('a refusal is said in the language of the page, also one that this version does not know', async () => {
  const { default: spanish } = await LOADERS['es']!()
  expect(refusalSaid(spanish, 'tipped_already')).toBe('Ya has dado una propina. Solo puede haber una por entrega.')
  expect(refusalSaid(spanish, 'a_new_one')).toBe('No ha funcionado. Inténtalo en un minuto o pregunta a la tienda.')
})

it('a rating is sent with its comment, and the answer is shown', async () => {
  const actions = { may: VIEW.may, currency: 'USD', stars: 4, tipped: null }
  const post = answers('POST', { data: actions })
  const { acted } = show(Rating)
  await choose(3)
  await type('textarea', '  kind  ')
  await submit()
  expect(body(post)).toEqual({ stars: 4, comment: 'kind' })
  expect(acted).toHaveBeenCalledWith(actions)
})

it('a rating without a comment has none, and one that was given is shown and may be changed', async () => {
  const post = answers('POST', { data: { ...VIEW, stars: 2 } })
  show(Rating, { stars: 2 })
  expect(told()).toBe('Thank you. You gave 2 stars.')
  expect(find('button').textContent).toBe('Change the rating')
  await submit()
  expect(body(post)).toEqual({ stars: 2 })
})

it('a rating that may no longer be changed is only shown', () => {
  show(Rating, { stars: 1, may: NOTHING })
  expect(told()).toBe('Thank you. You gave 1 star.')
  expect(place.querySelector('form')).toBeNull()
})

it('a double tap gives one tip', async () => {
  const post = answers('POST', new Promise<object>(() => {}))
  show(Tip)
  await choose(1)
  await submit()
  await submit()
  expect(post).toHaveBeenCalledTimes(1)
  expect(body(post)).toEqual({ amount: 300 })
  expect(find('button').getAttribute('aria-disabled')).toBe('true')
  expect(told()).toBe('Sending…')
})

it('an own amount that is none is not sent, and the limits are said', async () => {
  const post = answers('POST', { data: VIEW })
  show(Tip)
  await choose(3)
  await type('input[type=text]', 'a lot')
  await submit()
  expect(post).not.toHaveBeenCalled()
  expect(find('[role=alert]').textContent).toBe('From $0.01 to $100.00')
  await type('input[type=text]', '7.25')
  await submit()
  expect(body(post)).toEqual({ amount: 725 })
})

it('a refused tip says why, and one without an answer can be sent again', async () => {
  answers('POST', { error: { code: 'tipped_already', detail: 'This delivery has your tip.' } })
  show(Tip)
  await choose(0)
  await submit()
  expect(told()).toBe('You gave a tip already. One for each delivery is the most.')
  const post = vi.spyOn(api, 'POST').mockRejectedValue(new TypeError('no network'))
  post.mockClear()
  await submit()
  await submit()
  expect(post).toHaveBeenCalledTimes(2)
  expect(told()).toBe('There was no answer. Check your connection and try again.')
})

it('a tip that was given is shown without the form', () => {
  show(Tip, { tipped: { amount: 350, currency: 'USD' }, may: NOTHING })
  expect(told()).toBe('Thank you. You gave the driver $3.50.')
  expect(place.querySelector('form')).toBeNull()
})

it('instructions are sent, and are gone after the pickup', async () => {
  const put = answers('PUT', { data: VIEW })
  show(Instructions)
  await submit()
  expect(put).not.toHaveBeenCalled()
  await type('textarea', 'Left door')
  await submit()
  expect(body(put)).toEqual({ text: 'Left door' })
  expect(told()).toBe('Saved. The driver sees this at your door.')
  show(Instructions, { may: NOTHING })
  expect(place.textContent).toBe('')
})

it('instructions that were not sent before the pickup are said to be lost', async () => {
  show(Instructions)
  await type('textarea', 'Left door')
  show(Instructions, { may: NOTHING })
  expect(told()).toBe(texts.instructions.late)
})

it.each([
  ['Rating', Rating],
  ['Tip', Tip],
  ['Instructions', Instructions],
] as [string, Section][])('%s: there is no card for what the customer may not give and has not given', (_, Section) => {
  show(Section, { may: NOTHING })
  expect(place.textContent).toBe('')
})
