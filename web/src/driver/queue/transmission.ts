/** One action on its way: the request, and what its answer means for the queue. */

import { digestOf } from './digest'
import { type Refusal, SignInNeededError, type Stored } from './model'

/** Sends a request as its owner; rejects with `SignInNeededError` if somebody else or nobody is signed in. */
export type Send = (request: Request, owner: string) => Promise<Response>

/** `device` is a store of the device that fails or is full. */
export type Trouble = 'offline' | 'server' | 'busy' | 'sign_in' | 'device'

export type Outcome =
  | { is: 'done'; answer: unknown }
  | { is: 'refused'; refusal: Refusal }
  /** It stays. `lane` says that only its own lane has to wait. */
  | { is: 'later'; trouble: Trouble; afterS: number | null; lane: boolean }

export interface Transmission {
  outcome: Outcome
  /** Milliseconds to add to the device's clock to get the server's. */
  offsetMs: number | null
}

const LONGEST_ANSWER_MS = { json: 20_000, picture: 90_000 }

/** Refusals that say nothing about the action: the same request may be taken later. */
const TRY_AGAIN_CODES = new Set(['changed_meanwhile'])
const TRY_AGAIN_STATUSES = new Set([408, 425, 429])

export async function transmit(
  record: Stored,
  picture: ArrayBuffer | null,
  send: Send,
  now: () => number,
  stop = new AbortController(),
): Promise<Transmission> {
  const body = picture ? new Uint8Array(picture) : new TextEncoder().encode(record.body ?? '')
  if (!(await isWhole(record, body))) return { outcome: { is: 'refused', refusal: DAMAGED }, offsetMs: null }
  const sentAt = now()
  const limit = record.picture ? LONGEST_ANSWER_MS.picture : LONGEST_ANSWER_MS.json
  const timer = setTimeout(() => stop.abort(), limit)
  try {
    const response = await send(requestOf(record, body, stop.signal), record.owner)
    const offsetMs = offsetOf(response, (sentAt + now()) / 2)
    return { outcome: await outcomeOf(record, response), offsetMs }
  } catch (error) {
    const trouble = error instanceof SignInNeededError ? 'sign_in' : 'offline'
    return { outcome: { is: 'later', trouble, afterS: null, lane: false }, offsetMs: null }
  } finally {
    clearTimeout(timer)
  }
}

const DAMAGED: Refusal = {
  status: 0,
  code: 'damaged_on_device',
  detail: 'The phone gave back something else than was saved. Do this step again.',
}

/** False if the store gave back a part of another action, or not all of this one. */
async function isWhole(record: Stored, body: Uint8Array): Promise<boolean> {
  if (record.picture !== null && body.length === 0) return false
  if (record.deliveryId !== null && !record.path.includes(`/${record.deliveryId}/`)) return false
  return (await digestOf(record.method, record.path, body)) === record.digest
}

function requestOf(record: Stored, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Request {
  const headers = new Headers({ 'Action-Id': record.id, 'Action-Digest': record.digest, Accept: 'application/json' })
  if (body.length) headers.set('Content-Type', record.pictureType ?? 'application/json')
  return new Request(new URL(record.path, location.origin), {
    method: record.method,
    headers,
    body: body.length ? body : null,
    cache: 'no-store',
    redirect: 'error',
    signal,
  })
}

function offsetOf(response: Response, atMs: number): number | null {
  const said = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(said) ? null : said - atMs
}

async function outcomeOf(record: Stored, response: Response): Promise<Outcome> {
  const { status } = response
  const type = response.headers.get('content-type') ?? ''
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const later = (trouble: Trouble, lane = false): Outcome => ({
    is: 'later',
    trouble,
    afterS: Number.isFinite(seconds) ? seconds : null,
    lane,
  })
  if (status === 204) return { is: 'done', answer: null }
  if (status === 401) return later('sign_in')
  if (status === 429) return later('busy')
  // A network that wants a sign-in of its own answers with a page, which is no answer of the API.
  if (!/^application\/(problem\+)?json\b/.test(type)) return later('server')
  const answer: unknown = await response.json()
  if (response.ok) return { is: 'done', answer }
  if (status >= 500) return later('server', status === 500)
  const refusal = refusalOf(status, answer)
  if (TRY_AGAIN_STATUSES.has(status) || TRY_AGAIN_CODES.has(refusal.code)) return later('server', true)
  return isRepeatedUnassign(record, status) ? { is: 'done', answer: null } : { is: 'refused', refusal }
}

function refusalOf(status: number, problem: unknown): Refusal {
  const { code, detail } = (problem ?? {}) as Partial<Record<'code' | 'detail', unknown>>
  return { status, code: typeof code === 'string' ? code : '', detail: typeof detail === 'string' ? detail : '' }
}

/** A delivery that was given up is nobody's, so the same step again is refused although it did what was asked. */
const isRepeatedUnassign = (record: Stored, status: number): boolean =>
  record.kind === 'unassign' && record.attempts > 1 && (status === 404 || status === 409)
