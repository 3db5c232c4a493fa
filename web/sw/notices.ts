/** The words of a push. It carries no personal data, so the words are the worker's own. */

import de from './texts/de.json'
import en from './texts/en.json'
import es from './texts/es.json'
import { choose, fill } from '../src/parts/texts'

type Texts = typeof en

const LANGUAGES: Record<string, Texts> = { en, es, de }

/** A push of the API. */
export type Push =
  | { kind: 'offer'; id: string; expires_at: string; pay_total: { amount: number; currency: string }; deliveries: number }
  | { kind: 'offer_gone'; id: string; state: string }
  | { kind: 'route_changed'; id: string; revision: number }
  | { kind: 'standing'; id: string }
  | { kind: 'message'; id: string; delivery_id: string | null }
  | { kind: 'documents'; id: string; what: DocumentNews }
  | { kind: 'extra_pay'; id: string; what: ExtraNews }
  | { kind: 'surge'; id: string; percent: number; until: string }
  | { kind: 'tax'; id: string; what: TaxNews }
  | { kind: 'payout'; id: string; what: PayoutNews }
  | { kind: 'pay_floor'; id: string; amount: { amount: number; currency: string } }

type DocumentNews = 'documents_expiring' | 'documents_expired' | 'work_resumed' | 'document_refused' | 'document_approved'

type ExtraNews =
  | 'extra_earned'
  | 'extra_reversed'
  | 'extra_not_funded'
  | 'block_moved_up'
  | 'block_missed'
  | 'block_guaranteed'

type TaxNews =
  | 'tax_number_mismatched'
  | 'tax_number_refused'
  | 'tax_withholding_began'
  | 'tax_withholding_ended'
  | 'tax_form_furnished'

type PayoutNews =
  | 'payout_paid'
  | 'payout_failed'
  | 'payout_returned'
  | 'payout_canceled'
  | 'payout_held'
  | 'payout_account_corrected'

export interface Notice {
  title: string
  body: string
  /** A later notice with the same tag takes the place of this one. */
  tag: string
  silent: boolean
  /** The screen of the app that it is about. */
  open: string
}

type Words = (push: never, texts: Texts, language: string) => Notice

function offer(push: Extract<Push, { kind: 'offer' }>, texts: Texts, language: string): Notice {
  const pay = money(push.pay_total, language)
  const until = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(new Date(push.expires_at))
  const count = push.deliveries === 1 ? texts.one_delivery : fill(texts.deliveries, { count: push.deliveries })
  return {
    title: fill(texts.offer, { pay }),
    body: fill(texts.offer_until, { count, until }),
    tag: `offer ${push.id}`,
    silent: false,
    open: `offer/${encodeURIComponent(push.id)}`,
  }
}

function offerGone(push: Extract<Push, { kind: 'offer_gone' }>, texts: Texts): Notice {
  return { title: texts.offer_gone, body: texts.offer_gone_body, tag: `offer ${push.id}`, silent: true, open: 'offers' }
}

function routeChanged(_: Extract<Push, { kind: 'route_changed' }>, texts: Texts): Notice {
  return { title: texts.route_changed, body: texts.route_changed_body, tag: 'route', silent: false, open: 'route' }
}

function message(push: Extract<Push, { kind: 'message' }>, texts: Texts): Notice {
  const { delivery_id: deliveryId } = push
  const body = deliveryId ? texts.message_customer : texts.message_dispatch
  const open = deliveryId ? `messages/${encodeURIComponent(deliveryId)}` : 'messages'
  return { title: texts.message, body, tag: `message ${deliveryId ?? 'dispatch'}`, silent: false, open }
}

function standing(_: Extract<Push, { kind: 'standing' }>, texts: Texts): Notice {
  return { title: texts.standing, body: texts.standing_body, tag: 'standing', silent: false, open: 'standing' }
}

/** What became of documents; of news that this version does not know, that there is some. */
function documents({ what }: Extract<Push, { kind: 'documents' }>, texts: Texts): Notice {
  const title = texts[what] ?? texts.news
  const body = texts[`${what}_body`] ?? texts.news_body
  return { title, body, tag: 'documents', silent: false, open: 'documents' }
}

/** News about extra pay or a block; of news that this version does not know, that there is some. */
function extraPay({ id, what }: Extract<Push, { kind: 'extra_pay' }>, texts: Texts): Notice {
  const open = what.startsWith('block_') ? 'blocks' : 'extra'
  const title = texts[what] ?? texts.news
  return { title, body: texts[`${what}_body`] ?? texts.news_body, tag: `extra ${id}`, silent: false, open }
}

function surge({ until }: Extract<Push, { kind: 'surge' }>, texts: Texts, language: string): Notice {
  const end = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(new Date(until))
  return { title: texts.surge, body: fill(texts.surge_body, { until: end }), tag: 'surge', silent: false, open: 'offers' }
}

/** News about tax; of news that this version does not know, that there is some. */
function tax({ what }: Extract<Push, { kind: 'tax' }>, texts: Texts): Notice {
  const title = texts[what] ?? texts.news
  return { title, body: texts[`${what}_body`] ?? texts.news_body, tag: `tax ${what}`, silent: false, open: 'tax' }
}

/** News of a payout; of news that this version does not know, that there is some. */
function payout({ id, what }: Extract<Push, { kind: 'payout' }>, texts: Texts): Notice {
  const title = texts[what] ?? texts.news
  const open = what === 'payout_account_corrected' ? 'money' : 'earnings'
  return { title, body: texts[`${what}_body`] ?? texts.news_body, tag: `payout ${id}`, silent: false, open }
}

/** Pay that was added up to the least that law allows; weeks are reckoned in the night, so it makes no sound. */
function payFloor({ id, amount }: Extract<Push, { kind: 'pay_floor' }>, texts: Texts, language: string): Notice {
  const title = fill(texts.pay_floor, { amount: money(amount, language) })
  return { title, body: texts.pay_floor_body, tag: `floor ${id}`, silent: true, open: 'floors' }
}

const WORDS = new Map<unknown, Words>(
  Object.entries({
    offer,
    offer_gone: offerGone,
    route_changed: routeChanged,
    standing,
    message,
    documents,
    extra_pay: extraPay,
    tax,
    payout,
    pay_floor: payFloor,
    surge,
  }),
)

/** The notice of a push; of one that this version does not know, that there is something new. */
export function noticeOf(push: unknown, languages: readonly string[]): Notice {
  const chosen = choose(languages, Object.keys(LANGUAGES))
  const texts = LANGUAGES[chosen] ?? en
  const tag = languages.find((one) => one.toLowerCase().startsWith(chosen)) ?? chosen
  const general: Notice = { title: texts.news, body: texts.news_body, tag: 'news', silent: false, open: 'route' }
  const words = WORDS.get((push as Push | null)?.kind)
  try {
    return words ? words(push as never, texts, tag) : general
  } catch {
    return general // a field is not what it should be
  }
}

function money({ amount, currency }: { amount: number; currency: string }, language: string): string {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}
