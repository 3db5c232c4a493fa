import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Gate } from './gate'
import { IDLE_MS } from './idle'
import { isStrong, rulesOf } from './passwords'
import { type Challenge, type Outcome, type Right, session } from './session'
import { SignIn } from './sign_in'
import { LOADERS } from './texts'
import texts from './texts/en.json'

const place = document.createElement('div')
document.body.append(place)

const DONE: Outcome = { done: true }
const refusal = (code: string, retryAfterS: number | null = null): Outcome => ({
  done: false,
  refusal: { status: 401, code, retryAfterS },
})

const find = <Kind extends HTMLElement = HTMLInputElement>(selector: string): Kind => {
  const found = place.querySelector<Kind>(selector)
  if (!found) throw new Error(`there is no ${selector}`)
  return found
}
const type = (name: string, text: string): Promise<void> =>
  act(() => {
    find(`[name=${name}]`).value = text
    find(`[name=${name}]`).dispatchEvent(new Event('input', { bubbles: true }))
  })
const submit = (): Promise<void> =>
  act(async () => {
    find('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
    await new Promise((done) => setTimeout(done))
  })
const press = (label: string): Promise<void> =>
  act(() => {
    const button = [...place.querySelectorAll('button')].find((one) => one.textContent === label)
    if (!button) throw new Error(`there is no button ${label}`)
    button.click()
  })
const SECRET = 'JBSWY3DPEHPK3PXP'
const URI = `otpauth://totp/crowdship%3Amira?secret=${SECRET}&issuer=crowdship`
const challenged = (kind: Challenge['kind']): Promise<void> =>
  act(() => {
    const given = kind === 'totp_setup' ? { secret: SECRET, uri: URI } : { secret: null, uri: null }
    session.state = { person: null, challenge: { username: 'drv_1', kind, session: 'x', ...given } }
    changed()
  })
let changed = (): void => {}
const show = (): void => render(<SignIn page="Driver" texts={texts} language="en" />, place)

beforeEach(() => {
  session.state = { person: null, challenge: null }
  vi.spyOn(session, 'subscribe').mockImplementation((listener) => {
    changed = listener
    return () => true
  })
  void act(show)
})
afterEach(() => {
  render(null, place)
  vi.restoreAllMocks()
})

it('fields say to password managers what they are, and take what is pasted', () => {
  expect(find('[name=username]').autocomplete).toBe('username')
  expect(find('[name=password]').autocomplete).toBe('current-password')
  for (const input of place.querySelectorAll('input')) expect(input.closest('label')?.textContent).toBeTruthy()
  const pasted = new Event('paste', { bubbles: true, cancelable: true })
  find('[name=password]').dispatchEvent(pasted)
  expect(pasted.defaultPrevented).toBe(false)
})

it('a wrong password is said aloud, and what was typed stays', async () => {
  vi.spyOn(session, 'signIn').mockResolvedValue(refusal('wrong_credentials'))
  await type('username', ' drv_1 ')
  await type('password', 'wrong')
  await submit()
  expect(find('[role=alert]').textContent).toBe(texts.refused.wrong_credentials)
  expect([find('[name=username]').value, find('[name=password]').value]).toEqual(['drv_1', 'wrong'])
})

it.each([
  ['too_many_attempts', 180, 'Too many tries. Please wait 3 minutes and try again.'],
  ['too_many_attempts', 20, 'Too many tries. Please wait 20 seconds and try again.'],
  ['no_network', null, texts.refused.no_network],
  ['something_new', null, texts.refused.other],
])('%s after %o s is said in words', async (code, wait, told) => {
  vi.spyOn(session, 'signIn').mockResolvedValue(refusal(code, wait))
  await type('password', 'x')
  await submit()
  expect(find('[role=alert]').textContent).toBe(told)
})

it('a second tap while a request is under way sends nothing', async () => {
  const signIn = vi.spyOn(session, 'signIn').mockReturnValue(new Promise(() => {}))
  await submit()
  await submit()
  expect(signIn).toHaveBeenCalledTimes(1)
  expect(find('[type=submit]').textContent).toBe(texts.busy)
})

it('the rules of a new password stand there before it is typed, and each shows when it is met', async () => {
  await challenged('new_password')
  const met = (): string[] => [...place.querySelectorAll<HTMLElement>('[data-met]')].map((rule) => rule.dataset['met'] ?? '')
  expect(met()).toEqual(['false', 'false', 'false', 'false', 'false'])
  expect(find('[name=password]').getAttribute('aria-describedby')).toBe('rules')
  const answer = vi.spyOn(session, 'answer').mockResolvedValue(DONE)
  await type('password', 'lower1')
  await submit()
  expect(met()).toEqual(['false', 'true', 'false', 'true', 'false'])
  expect(find('[role=alert]').textContent).toBe(texts.refused.weak_password)
  await type('password', 'Longer-than-11')
  await submit()
  expect(answer.mock.calls).toEqual([['Longer-than-11']])
})

it.each([
  ['Aa1!aaaaaaaa', true],
  ['Aa1 aaaaaaaa', true],
  ['Aa1!aaaaaaa', false],
  ['Aa1!aaaaaaaa ', false],
  ['aa1!aaaaaaaa', false],
  ['AA1!AAAAAAAA', false],
  ['Aaa!aaaaaaaa', false],
  ['Aa11aaaaaaaa', false],
  ['Aa1éaaaaaaaa', false],
])('%o is strong: %o', (password, strong) => {
  expect(isStrong(password)).toBe(strong)
  expect(Object.keys(rulesOf(password)).every((rule) => rule in texts.new_password)).toBe(true)
})

it('a code is a one-time code for the phone, and is sent without its spaces', async () => {
  await challenged('totp')
  expect(find('[name=code]').autocomplete).toBe('one-time-code')
  const answer = vi.spyOn(session, 'answer').mockResolvedValue(refusal('wrong_code'))
  await type('code', '123 456')
  await submit()
  expect(answer.mock.calls).toEqual([['123456']])
  expect(find('[role=alert]').textContent).toBe(texts.refused.wrong_code)
})

it('the next step begins in its first empty field', async () => {
  await challenged('new_password')
  expect(document.activeElement).toBe(find('[name=password]'))
})

it('a forgotten password is replaced by a mailed code, then used', async () => {
  const sent = vi.spyOn(session, 'sendCode').mockResolvedValue(DONE)
  const replaced = vi.spyOn(session, 'replacePassword').mockResolvedValue(DONE)
  await type('username', 'drv_1')
  await press(texts.forgot)
  expect(find('[name=username]').value).toBe('drv_1')
  await submit()
  expect(sent.mock.calls).toEqual([['drv_1']])
  expect(find('[role=status]').textContent).toBe(texts.forgotten.sent)
  await type('code', '654321')
  await type('password', 'Longer-than-11')
  await submit()
  expect(replaced.mock.calls).toEqual([['drv_1', '654321', 'Longer-than-11']])
  expect([find('h1').textContent, find('[role=status]').textContent]).toEqual([texts.title, texts.forgotten.saved])
})

it('whoever must set up a second factor sees the secret as a picture, a link and a text, and answers a code of it', async () => {
  const answer = vi.spyOn(session, 'answer').mockResolvedValue(DONE)
  await challenged('totp_setup')
  await vi.waitFor(() => expect(place.querySelector('[role=img] svg')).not.toBeNull())
  expect(find<HTMLAnchorElement>('.sign-in-secret a').getAttribute('href')).toBe(URI)
  expect(find('code').textContent).toBe('JBSW Y3DP EHPK 3PXP')
  await type('code', '123 456')
  await submit()
  expect(answer).toHaveBeenCalledWith('123456')
})

it('a page of staff that nobody touches for an hour signs out, and one that is touched does not', async () => {
  vi.useFakeTimers()
  const signOut = vi.spyOn(session, 'signOut').mockResolvedValue()
  session.state = { person: { username: 'sam', groups: ['support'], rights: ['read_operations'] }, challenge: null }
  await act(() => render(<Gate group="staff" page="Console">{() => <p>hello</p>}</Gate>, place))
  vi.advanceTimersByTime(IDLE_MS - 60_000)
  dispatchEvent(new Event('keydown'))
  vi.advanceTimersByTime(IDLE_MS - 60_000)
  expect(signOut).not.toHaveBeenCalled()
  vi.advanceTimersByTime(120_000)
  expect(signOut).toHaveBeenCalled()
  vi.useRealTimers()
})

it('content is shown to its group alone, and others can sign out', async () => {
  vi.spyOn(LOADERS as Required<typeof LOADERS>, 'en').mockResolvedValue({ default: texts })
  const gate = <Gate group="staff" page="Console">{({ username }) => <p>hello {username}</p>}</Gate>
  const open = async (groups: string[], rights: Right[]): Promise<string | null> => {
    await act(async () => {
      render(null, place)
      session.state = { person: { username: 'sam', groups, rights }, challenge: null }
      render(gate, place)
      await new Promise((done) => setTimeout(done))
    })
    return place.textContent
  }
  expect(await open(['support'], ['read_operations'])).toBe('hello sam')
  const signOut = vi.spyOn(session, 'signOut').mockResolvedValue()
  expect(await open(['drivers'], [])).toContain('sam is signed in and does not belong to the staff')
  await press(texts.wrong_group.sign_out)
  expect(signOut).toHaveBeenCalled()
})
