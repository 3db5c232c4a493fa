import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api } from '../client'
import { NoToken, Session, session } from './session'

const network = vi.hoisted(() => {
  // The client of the API keeps the function that it finds when it is made.
  const stub: { answer: (request: Request) => Promise<Response> } = { answer: () => Promise.reject(new TypeError('no network')) }
  globalThis.fetch = (request) => stub.answer(request as Request)
  return stub
})

type Told = { status?: number; body?: object | undefined }

const ANA = { username: 'drv_1', groups: ['drivers'], rights: [] }
const signedIn = (access_token: string, more: object = {}): Told => ({
  body: { ...ANA, access_token, expires_in: 3600, challenge: null, ...more },
})
const refused = (status: number, code: string): Told => ({ status, body: { code } })

const asked: Request[] = []
let answers: (Told | Error)[] = []

const askedFor = (): string[] => asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`)

beforeEach(() => {
  asked.length = 0
  answers = []
  localStorage.clear()
  network.answer = async (request) => {
    asked.push(request)
    const told = answers.shift() ?? new TypeError('no network')
    if (told instanceof Error) throw told
    const { status = 200, body } = told
    return new Response(body && JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  }
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function ana(): Promise<Session> {
  const one = new Session()
  answers = [signedIn('first')]
  expect(await one.signIn('drv_1', 'secret')).toEqual({ done: true })
  return one
}

it('whoever signs in is known by name and group, and the token is in no storage', async () => {
  const one = await ana()
  expect(one.state).toEqual({ person: ANA, challenge: null })
  expect(await one.token()).toBe('first')
  expect(JSON.stringify({ ...localStorage })).not.toContain('first')
  expect(asked).toHaveLength(1)
})

it('a page that opens without network knows who was signed in, and has no token', async () => {
  await ana()
  const later = new Session()
  expect(later.state.person).toEqual(ANA)
  await expect(later.token()).rejects.toBeInstanceOf(NoToken)
  expect(later.state.person).toEqual(ANA)
})

it.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['another shape', '{"name": 1}'],
])('storage that holds %s is nobody', (_, kept) => {
  if (kept !== null) localStorage.setItem('session.person', kept)
  expect(new Session().state.person).toBeNull()
})

it('a token is replaced a minute before it ends, by one request for all that ask', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const one = await ana()
  vi.setSystemTime(Date.now() + 3_539_000)
  expect(await one.token()).toBe('first')
  vi.setSystemTime(Date.now() + 2_000)
  answers = [signedIn('second')]
  expect(await Promise.all([one.token(), one.token(), one.token()])).toEqual(['second', 'second', 'second'])
  expect(askedFor()).toEqual(['POST /v1/session', 'POST /v1/session/refresh'])
})

it('a session that the API ended is over', async () => {
  const one = await ana()
  answers = [refused(401, 'no_session')]
  expect(await one.renewed('first')).toBeNull()
  expect(one.state.person).toBeNull()
  expect(new Session().state.person).toBeNull()
})

it.each([429, 500, 503])('a refresh that fails with %i leaves the person signed in', async (status) => {
  const one = await ana()
  answers = [refused(status, 'busy')]
  await expect(one.renewed('first')).rejects.toBeInstanceOf(NoToken)
  expect(one.state.person).toEqual(ANA)
})

it('a refresh that is answered after the person signed out signs nobody in', async () => {
  const one = await ana()
  answers = [signedIn('late'), { status: 204 }]
  const [token] = await Promise.all([one.renewed('first'), one.signOut()])
  expect([token, one.state.person]).toEqual([null, null])
})

it('a challenge is answered as the user behind it, with the session that Cognito gave', async () => {
  const one = new Session()
  const challenge = { kind: 'totp', session: 's'.repeat(20), message: 'A code' }
  answers = [signedIn('', { access_token: null, expires_in: null, challenge }), refused(401, 'wrong_code'), signedIn('x')]
  await one.signIn('ana@drivers.example', 'secret')
  expect(one.state).toEqual({ person: null, challenge: { username: 'drv_1', kind: 'totp', session: 's'.repeat(20), secret: null, uri: null } })
  expect(await one.answer('000000')).toMatchObject({ done: false, refusal: { code: 'wrong_code' } })
  expect(await one.answer('123456')).toEqual({ done: true })
  expect(await asked[2]?.json()).toEqual({
    username: 'drv_1',
    kind: 'totp',
    session: 's'.repeat(20),
    answer: '123456',
  })
  expect(one.state).toEqual({ person: ANA, challenge: null })
})

it('a challenge that is over has to begin with the password again', async () => {
  const one = new Session()
  const challenge = { kind: 'new_password', session: 's'.repeat(20), message: 'Choose' }
  answers = [signedIn('', { access_token: null, challenge }), refused(401, 'challenge_over')]
  await one.signIn('drv_1', 'sent')
  await one.answer('Another-one-42')
  expect(one.state.challenge).toBeNull()
})

it('a sign-in without network says so, and a lock-out says how long', async () => {
  const one = new Session()
  expect(await one.signIn('drv_1', 'x')).toMatchObject({ done: false, refusal: { code: 'no_network' } })
  network.answer = async () =>
    Response.json({ code: 'too_many_attempts' }, { status: 429, headers: { 'Retry-After': '180' } })
  expect(await one.signIn('drv_1', 'x')).toMatchObject({ refusal: { code: 'too_many_attempts', retryAfterS: 180 } })
})

it('whoever signs out without network is out at once, and their session ends with the next one that opens', async () => {
  const one = await ana()
  await one.signOut()
  expect(one.state.person).toBeNull()
  answers = [{ status: 204 }]
  const later = new Session()
  expect(later.state.person).toBeNull()
  await vi.waitFor(() => expect(localStorage.getItem('session.leaving')).toBeNull())
  expect(askedFor().slice(1)).toEqual(['DELETE /v1/session', 'DELETE /v1/session'])
})

it('whoever signs in after that is not signed out by it', async () => {
  const one = await ana()
  await one.signOut()
  answers = [new TypeError('no network'), signedIn('second')]
  await one.signIn('drv_1', 'secret')
  expect(localStorage.getItem('session.leaving')).toBeNull()
  dispatchEvent(new Event('online'))
  expect(askedFor().filter((line) => line.startsWith('DELETE'))).toHaveLength(2)
  expect(await one.token()).toBe('second')
})

it('one tab refreshes for all, and all are out when one signs out', async () => {
  const [one, other] = [await ana(), new Session()]
  answers = [signedIn('second')]
  expect(await one.renewed('first')).toBe('second')
  await vi.waitFor(async () => expect(await other.token()).toBe('second'))
  answers = [{ status: 204 }]
  await one.signOut()
  await vi.waitFor(() => expect(other.state.person).toBeNull())
})

it('a lock that another page keeps for long does not keep a page from its token', async () => {
  const one = await ana()
  vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new DOMException('too long', 'TimeoutError')) } })
  answers = [signedIn('second')]
  expect(await one.renewed('first')).toBe('second')
})

// From here on the one session that the client of the API uses.

it('a call gets a token; a refused one is made again with a new token, whole', async () => {
  answers = [signedIn('first')]
  await session.signIn('drv_1', 'secret')
  answers = [{ status: 401, body: { message: 'Unauthorized' } }, signedIn('second'), { status: 200, body: { id: 'drv_1' } }]
  const { data } = await api.POST('/v1/driver/duty', { body: { zone_id: 'hello' } })
  expect(data).toEqual({ id: 'drv_1' })
  expect(asked.map((one) => one.headers.get('Authorization'))).toEqual([null, 'Bearer first', null, 'Bearer second'])
  expect(await asked[3]?.json()).toEqual({ zone_id: 'hello' })
})

it('a call that is refused twice is not made a third time', async () => {
  answers = [signedIn('first')]
  await session.signIn('drv_1', 'secret')
  const no = { status: 401, body: { message: 'Unauthorized' } }
  answers = [no, signedIn('second'), no]
  const { response } = await api.GET('/v1/driver/me')
  expect([response.status, asked.length]).toEqual([401, 4])
})

it('a call of nobody is refused without asking the API', async () => {
  answers = [{ status: 204 }]
  await session.signOut()
  asked.length = 0
  const { error, response } = await api.GET('/v1/staff/zones')
  expect([response.status, error]).toMatchObject([401, { code: 'no_session' }])
  expect(asked).toEqual([])
})

it('a call of others, as that of a tracking page, has no token', async () => {
  answers = [signedIn('first'), { status: 200, body: {} }]
  await session.signIn('drv_1', 'secret')
  await api.GET('/v1/track/{token}', { params: { path: { token: 'abc' } } })
  expect(asked[1]?.headers.get('Authorization')).toBeNull()
})
