/**
 * The session of a signed-in person. The access token is in memory alone, and the refresh token in a cookie that no script can read.
 *
 * The person's name, groups and rights are also in local storage, so that a page opens as theirs without network. Importing this
 * module gives the client of the API its tokens: `api.GET('/v1/driver/me')` gets one, and a new one if it was refused.
 */
import { useEffect, useState } from 'preact/hooks'
import { type Refusal, type Schemas, api, refusalOf } from '../client'

export type Right = Schemas['Right']

export interface Person {
  username: string
  groups: string[]
  /** What a member of the staff may do, by their roles; the API refuses everything else. */
  rights: Right[]
}

export interface Challenge {
  username: string
  kind: Schemas['ChallengeKind']
  session: string
  /** A new secret for an authenticator app, and the address that holds it; null unless one must be set up. */
  secret: string | null
  uri: string | null
}

export interface State {
  /** The person who is signed in, without network the last one; null if nobody is. */
  person: Person | null
  /** The challenge to answer before the sign-in is done; null if there is none. */
  challenge: Challenge | null
}

/** The outcome of a form's request. The refusal `no_network` means that no answer came. */
export type Outcome = { done: true } | { done: false; refusal: Refusal }

/** There may be a session, but no token can be had now: no network, or the API fails. */
export class NoToken extends Error {}

const KNOWN_AS = 'session.person'
const LEAVING = 'session.leaving'
const LOCK = 'session'
/** A token that lives shorter than this is replaced before it is used. */
const EARLY_MS = 60_000
const LONGEST_REQUEST_MS = 15_000
/** A page that is frozen may keep the lock; a second refresh at the same time does no harm. */
const LONGEST_LOCK_MS = 5_000

interface Held {
  token: string
  untilMs: number
}

type Told = { kind: 'token'; person: Person; held: Held } | { kind: 'ended' }
type Answer = Promise<{ data?: Schemas['SessionView'] | undefined; error?: unknown; response: Response }>

const done: Outcome = { done: true }
const timeLimit = (): AbortSignal => AbortSignal.timeout(LONGEST_REQUEST_MS)

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null // storage is switched off
  }
}

function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Without storage the session lasts until the page is closed.
  }
}

function knownPerson(): Person | null {
  try {
    const { username, groups, rights } = JSON.parse(remembered(KNOWN_AS) ?? 'null') as Person
    const whole = typeof username === 'string' && Array.isArray(groups) && Array.isArray(rights)
    return whole ? { username, groups, rights } : null
  } catch {
    return null
  }
}

export class Session {
  state: State = { person: null, challenge: null }
  #held: Held | null = null
  #renewing: Promise<string | null> | null = null
  /** Count of sign-ins and sign-outs; answers to requests from before the last one are thrown away. */
  #turn = 0
  readonly #listeners = new Set<() => void>()
  readonly #others = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(LOCK)

  constructor() {
    if (remembered(LEAVING)) void this.#leave()
    else this.state = { person: knownPerson(), challenge: null }
    this.#others?.addEventListener('message', ({ data }: MessageEvent<Told>) => this.#hear(data))
    addEventListener('online', () => void this.#leave())
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async signIn(username: string, password: string): Promise<Outcome> {
    await this.#leave()
    const body = { username, password }
    return this.#enter(() => api.POST('/v1/session', { body, signal: timeLimit() }))
  }

  /** Answer the challenge of `state`. After `challenge_over` there is none any more. */
  async answer(answer: string): Promise<Outcome> {
    const { challenge } = this.state
    if (!challenge) return { done: false, refusal: { status: 401, code: 'challenge_over', retryAfterS: null } }
    const { username, kind, session } = challenge
    const outcome = await this.#enter(() =>
      api.POST('/v1/session/answer', { body: { username, kind, session, answer }, signal: timeLimit() }),
    )
    if (!outcome.done && outcome.refusal.code === 'challenge_over') this.giveUp()
    return outcome
  }

  /** Forget the challenge: the person begins anew. */
  giveUp(): void {
    this.#show({ person: this.state.person, challenge: null })
  }

  sendCode(username: string): Promise<Outcome> {
    return outcomeOf(api.POST('/v1/session/forgotten', { body: { username }, signal: timeLimit() }))
  }

  replacePassword(username: string, code: string, password: string): Promise<Outcome> {
    const body = { username, code, new_password: password }
    return outcomeOf(api.POST('/v1/session/forgotten/confirm', { body, signal: timeLimit() }))
  }

  /** Sign out, also without network: the session itself is then ended when there is one. */
  async signOut(): Promise<void> {
    remember(LEAVING, 'yes')
    this.#end()
    await this.#leave()
  }

  /** A token that can be used now; null if nobody is signed in. NoToken is thrown if that can't be known. */
  async token(): Promise<string | null> {
    if (!this.state.person) return null
    return this.#fresh(null) ?? this.renewed(this.#held?.token ?? null)
  }

  /** A token other than the one that was refused; one request for all that ask, in all tabs. */
  renewed(refused: string | null): Promise<string | null> {
    this.#renewing ??= exclusively(() => this.#renew(refused)).finally(() => (this.#renewing = null))
    return this.#renewing
  }

  #fresh(refused: string | null): string | null {
    const held = this.#held
    return held && held.token !== refused && Date.now() < held.untilMs - EARLY_MS ? held.token : null
  }

  async #renew(refused: string | null): Promise<string | null> {
    const known = this.#fresh(refused)
    if (known || !this.state.person) return known
    const turn = this.#turn
    const { data, error, response } = await api
      .POST('/v1/session/refresh', { signal: timeLimit() })
      .catch((cause: unknown) => {
        throw new NoToken('the API was not reached', { cause })
      })
    if (turn !== this.#turn) return this.#fresh(refused)
    if (data?.access_token) return this.#take(data).token
    if (response.status !== 401) throw new NoToken(`${response.status} ${refusalOf(response, asProblem(error)).code}`)
    this.#end()
    return null
  }

  async #enter(request: () => Answer): Promise<Outcome> {
    const turn = ++this.#turn
    const { data, error, response } = await answered(request())
    if (!data || turn !== this.#turn) return { done: false, refusal: refusalOf(response, asProblem(error)) }
    if (data.challenge) {
      const { kind, session, secret = null, uri = null } = data.challenge
      this.#show({ person: null, challenge: { username: data.username, kind, session, secret, uri } })
    } else {
      this.#take(data)
      remember(LEAVING, null) // the cookie of whoever left was replaced
    }
    return done
  }

  #take({ username, groups, rights, access_token, expires_in }: Schemas['SessionView']): Held {
    const person = { username, groups, rights }
    const held = { token: access_token ?? '', untilMs: Date.now() + (expires_in ?? 0) * 1000 }
    this.#held = held
    remember(KNOWN_AS, JSON.stringify(person))
    this.#show({ person, challenge: null })
    this.#tell({ kind: 'token', person, held })
    return held
  }

  #end(): void {
    this.#forget()
    this.#tell({ kind: 'ended' })
  }

  #forget(): void {
    this.#turn += 1
    this.#held = null
    remember(KNOWN_AS, null)
    this.#show({ person: null, challenge: null })
  }

  /** End the session of whoever signed out, unless that was done. */
  async #leave(): Promise<void> {
    if (!remembered(LEAVING)) return
    const { response } = await answered(api.DELETE('/v1/session', { signal: timeLimit() }))
    if (response.ok) remember(LEAVING, null)
  }

  #hear(told: Told): void {
    if (told.kind === 'ended') return this.#forget()
    this.#held = told.held
    this.#show({ person: told.person, challenge: null })
  }

  #tell(told: Told): void {
    this.#others?.postMessage(told)
  }

  #show(state: State): void {
    if (JSON.stringify(state) === JSON.stringify(this.state)) return
    this.state = state
    for (const listener of this.#listeners) listener()
  }
}

function asProblem(error: unknown): { code?: string } | undefined {
  return typeof error === 'object' && error !== null ? error : undefined
}

/** The answer of the API, or one of status 0 that stands for none. */
async function answered<Result extends { response: Response }>(
  request: Promise<Result>,
): Promise<Result | { data?: undefined; error: { code: string }; response: Response }> {
  try {
    return await request
  } catch {
    return { error: { code: 'no_network' }, response: Response.error() }
  }
}

async function outcomeOf(request: Promise<{ error?: unknown; response: Response }>): Promise<Outcome> {
  const { error, response } = await answered(request)
  return response.ok ? done : { done: false, refusal: refusalOf(response, asProblem(error)) }
}

async function exclusively<Result>(act: () => Promise<Result>): Promise<Result> {
  if (!('locks' in navigator)) return act()
  let ran = false
  try {
    return await navigator.locks.request(LOCK, { signal: AbortSignal.timeout(LONGEST_LOCK_MS) }, () => {
      ran = true
      return act()
    })
  } catch (error) {
    if (ran) throw error
    return act()
  }
}

export const session = new Session()

const WITH_TOKEN = ['/v1/driver/', '/v1/staff/', '/v1/session/totp']
const BEARER = 'Bearer '
const NOBODY = { status: 401, code: 'no_session', title: 'Unauthorized', detail: 'Nobody is signed in.' }

/** Copies of requests under way, because a body can be sent only once. */
const copies = new Map<string, Request>()

api.use({
  async onRequest({ request, schemaPath, id }) {
    if (!WITH_TOKEN.some((path) => schemaPath.startsWith(path))) return undefined
    const token = await session.token()
    if (!token) {
      return Response.json(NOBODY, { status: 401, headers: { 'Content-Type': 'application/problem+json' } })
    }
    request.headers.set('Authorization', BEARER + token)
    copies.set(id, request.clone())
    return request
  },
  async onResponse({ response, id }) {
    const copy = copies.get(id)
    copies.delete(id)
    if (!copy || response.status !== 401) return undefined
    const refused = copy.headers.get('Authorization')?.slice(BEARER.length) ?? null
    const token = await session.renewed(refused)
    if (!token || token === refused) return undefined
    copy.headers.set('Authorization', BEARER + token)
    return fetch(copy)
  },
  onError({ id }) {
    copies.delete(id)
  },
})

/** The state of the session; the component is drawn again when somebody signs in or out, here or in another tab. */
export function useSession(): State {
  const [state, set] = useState(session.state)
  useEffect(() => {
    set(session.state)
    return session.subscribe(() => set(session.state))
  }, [])
  return state
}
