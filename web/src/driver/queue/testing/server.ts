/** The API's side of the driver's steps as the queue may rely on it: idempotent, and with the digest checked. */

import { createHash } from 'node:crypto'

export type State =
  | 'assigned'
  | 'en_route_to_pickup'
  | 'arrived_at_pickup'
  | 'picked_up'
  | 'en_route_to_dropoff'
  | 'arrived_at_dropoff'
  | 'delivered'
  | 'failed'
  | 'returning'
  | 'returned'

/** A request as the API gets it. */
export interface Call {
  driver: string
  method: string
  path: string
  body: Uint8Array
  actionId: string
  digest: string
}

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** One effect, with the mark that the driver's press put into what was sent. */
export interface Effect {
  actionId: string
  driver: string
  deliveryId: string | null
  call: string
  mark: string
}

interface Delivery {
  driver: string
  /** Since the newest correction. */
  history: State[]
  seen: Set<string>
  /** By kind, the hashes in the order in which they came first. */
  proofs: Map<string, string[]>
}

/** States in which a delivery may be when a driver's steps begin. */
export const OPEN: readonly State[] = [
  'assigned',
  'en_route_to_pickup',
  'arrived_at_pickup',
  'picked_up',
  'en_route_to_dropoff',
  'arrived_at_dropoff',
]

const FROM: Record<string, { from: State[]; to: State }> = {
  'depart pickup': { from: ['assigned'], to: 'en_route_to_pickup' },
  'arrive pickup': { from: ['en_route_to_pickup'], to: 'arrived_at_pickup' },
  'pick-up': { from: ['arrived_at_pickup'], to: 'picked_up' },
  'depart dropoff': { from: ['picked_up'], to: 'en_route_to_dropoff' },
  'arrive dropoff': { from: ['en_route_to_dropoff'], to: 'arrived_at_dropoff' },
  deliver: { from: ['arrived_at_dropoff'], to: 'delivered' },
  'fail pickup': { from: ['arrived_at_pickup'], to: 'failed' },
  'fail dropoff': { from: ['arrived_at_dropoff'], to: 'returning' },
  return: { from: ['returning'], to: 'returned' },
}
const CORRECTED: Partial<Record<State, State>> = {
  delivered: 'arrived_at_dropoff',
  returning: 'arrived_at_dropoff',
  failed: 'arrived_at_pickup',
}

export const hash = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const refusal = (status: number, code: string): Answer => ({ status, body: { code, detail: code } })

export class ModelServer {
  readonly deliveries = new Map<string, Delivery>()
  readonly effects: Effect[] = []
  /** Actions that were received and taken, with or without effect. */
  readonly taken = new Set<string>()
  readonly refused = new Set<string>()
  private readonly messages = new Set<string>()

  constructor(
    deliveries: readonly { id: string; driver: string; state: State }[],
    private readonly checksDigests = true,
  ) {
    for (const { id, driver, state } of deliveries) {
      this.deliveries.set(id, { driver, history: [state], seen: new Set(), proofs: new Map() })
    }
  }

  states(driver: string): Record<string, State> {
    const mine = Array.from(this.deliveries).filter(([, one]) => one.driver === driver)
    return Object.fromEntries(mine.map(([id, { history }]) => [id, history.at(-1)!]))
  }

  answer(call: Call): Answer {
    const answer = this.handle(call)
    ;(answer.status < 300 ? this.taken : this.refused).add(call.actionId)
    return answer
  }

  private handle(call: Call): Answer {
    const [address = ''] = call.path.split('?')
    const line = new TextEncoder().encode(`${call.method} ${address}\n`)
    if (this.checksDigests && hash(Buffer.concat([line, call.body])) !== call.digest) {
      return refusal(400, 'action_digest_mismatch')
    }
    if (address === '/v1/driver/messages') return this.message(call)
    const [, id = '', step = '', kind = ''] = /^\/v1\/driver\/deliveries\/([^/]+)\/([^/]+)\/?(.*)$/.exec(address) ?? []
    const delivery = this.deliveries.get(id)
    if (delivery?.driver !== call.driver) return refusal(404, 'delivery_not_found')
    return step === 'proofs' ? this.proof(call, id, delivery, kind) : this.step(call, id, delivery, step)
  }

  private message(call: Call): Answer {
    const { message_id: id, text } = JSON.parse(new TextDecoder().decode(call.body)) as Record<string, string>
    if (!this.messages.has(id!)) this.note(call, null, 'message', text!)
    this.messages.add(id!)
    return { status: 201, body: {} }
  }

  private proof(call: Call, id: string, delivery: Delivery, kind: string): Answer {
    const sha256 = hash(call.body)
    if (new URLSearchParams(call.path.split('?')[1]).get('sha256') !== sha256) return refusal(422, 'wrong_hash')
    const known = delivery.proofs.get(kind) ?? []
    if (!known.includes(sha256)) {
      delivery.proofs.set(kind, [...known, sha256])
      this.note(call, id, 'proof', new TextDecoder().decode(call.body))
    }
    return { status: 201, body: { sha256 } }
  }

  private step(call: Call, id: string, delivery: Delivery, step: string): Answer {
    const sent = JSON.parse(new TextDecoder().decode(call.body)) as { stop?: string; note: string; needs?: string }
    const state = delivery.history.at(-1)!
    const done = { status: 200, body: { state } }
    if (delivery.seen.has(call.actionId)) return done
    if (step === 'correct') {
      const again = CORRECTED[state]
      if (!again) return refusal(409, 'not_correctable')
      delivery.history = [again]
    } else {
      const rule = FROM[sent.stop && step !== 'deliver' ? `${step} ${sent.stop}` : step]
      if (!rule) return refusal(422, 'invalid_request')
      if (delivery.history.includes(rule.to)) return done
      if (!rule.from.includes(state)) return refusal(409, 'wrong_state')
      if (sent.needs && delivery.proofs.get('photo')?.at(-1) !== sent.needs) return refusal(422, 'photo_missing')
      delivery.history.push(rule.to)
    }
    delivery.seen.add(call.actionId)
    this.note(call, id, step, sent.note)
    return { status: 200, body: { state: delivery.history.at(-1) } }
  }

  private note(call: Call, deliveryId: string | null, kind: string, mark: string): void {
    this.effects.push({ actionId: call.actionId, driver: call.driver, deliveryId, call: kind, mark })
  }
}
