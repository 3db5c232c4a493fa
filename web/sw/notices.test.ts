import { describe, expect, it } from 'vitest'
import { noticeOf } from './notices'
import de from './texts/de.json'
import en from './texts/en.json'
import es from './texts/es.json'

const OFFER = {
  kind: 'offer',
  id: 'o 1',
  expires_at: '2026-06-05T22:20:00Z',
  pay_total: { amount: 840, currency: 'USD' },
  deliveries: 2,
}

describe('the notice of a push', () => {
  it('says what an offer pays, for how much and until when', () => {
    const notice = noticeOf(OFFER, ['en-US'])
    expect(notice).toMatchObject({ title: 'New offer: $8.40', tag: 'offer o 1', silent: false, open: 'offer/o%201' })
    expect(notice.body).toMatch(/^2 deliveries\. Answer by \d+:\d\d/)
    expect(noticeOf({ ...OFFER, deliveries: 1 }, ['en']).body).toContain('1 delivery.')
  })

  it('takes the place of an offer that is gone, without a sound', () => {
    const gone = noticeOf({ kind: 'offer_gone', id: 'o 1', state: 'accepted' }, ['en'])
    expect(gone).toMatchObject({ tag: noticeOf(OFFER, ['en']).tag, silent: true })
  })

  it('speaks the language of the phone, and English to all others', () => {
    const push = { kind: 'route_changed', id: 'ada', revision: 7 }
    expect(noticeOf(push, ['de-AT', 'en']).title).toBe(de.route_changed)
    expect(noticeOf(push, ['es']).title).toBe(es.route_changed)
    expect(noticeOf(push, ['fi']).title).toBe(en.route_changed)
    expect(noticeOf(OFFER, ['de-AT']).title).toMatch(/^Neues Angebot: \$\s?8,40$/)
  })

  it('leads to the messages of the delivery that one is about', () => {
    expect(noticeOf({ kind: 'message', id: 'm', delivery_id: 'd1' }, ['en']).open).toBe('messages/d1')
    expect(noticeOf({ kind: 'message', id: 'm', delivery_id: null }, ['en'])).toMatchObject({ open: 'messages', body: en.message_dispatch })
  })

  it('leads to the documents that one is about', () => {
    const push = { kind: 'documents', id: 'drv_1', what: 'documents_expired' }
    expect(noticeOf(push, ['de'])).toMatchObject({ title: de.documents_expired, body: de.documents_expired_body, open: 'documents' })
    expect(noticeOf({ ...push, what: 'documents_eaten' }, ['en']).title).toBe(en.news)
  })

  it('leads to the block or the extra pay that one is about', () => {
    const push = { kind: 'extra_pay', id: 'blk_1', what: 'block_moved_up' }
    expect(noticeOf(push, ['es'])).toMatchObject({ title: es.block_moved_up, body: es.block_moved_up_body, open: 'blocks' })
    expect(noticeOf({ ...push, what: 'extra_earned' }, ['en']).open).toBe('extra')
  })

  it('tells that a surge has started', () => {
    const push = { kind: 'surge', id: 'loop', percent: 125, until: '2026-06-01T17:15:00Z' }
    expect(noticeOf(push, ['de'])).toMatchObject({ title: de.surge, tag: 'surge', open: 'offers' })
  })

  it('leads to the tax that one is about', () => {
    const push = { kind: 'tax', id: 'drv_1', what: 'tax_form_furnished' }
    expect(noticeOf(push, ['de'])).toMatchObject({ title: de.tax_form_furnished, body: de.tax_form_furnished_body, open: 'tax' })
    expect(noticeOf({ ...push, what: 'tax_paid_twice' }, ['en']).title).toBe(en.news)
  })

  it('tells of pay that law demanded, without a sound', () => {
    const push = { kind: 'pay_floor', id: 'flr_1', amount: { amount: 1234, currency: 'USD' } }
    expect(noticeOf(push, ['en-US'])).toMatchObject({ title: 'Least pay by law: $12.34 more', silent: true, open: 'floors' })
    expect(noticeOf(push, ['de'])).toMatchObject({ body: de.pay_floor_body, tag: 'floor flr_1' })
    expect(noticeOf({ ...push, amount: null }, ['es']).title).toBe(es.news)
  })

  it('is a general one for what this version does not know', () => {
    for (const push of [null, {}, 'offer', { kind: 'toString' }, { kind: 'offer', id: 'o' }, { ...OFFER, expires_at: 'soon' }]) {
      expect(noticeOf(push, ['en']).title).toBe(en.news)
    }
  })

  it('has the same texts with the same places in each language', () => {
    const places = (texts: Record<string, string>) =>
      Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, (text.match(/\{\w+\}/g) ?? []).toSorted()]))
    expect(places(de)).toEqual(places(en))
    expect(places(es)).toEqual(places(en))
  })
})
