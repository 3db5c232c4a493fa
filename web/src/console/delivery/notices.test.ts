import { expect, it } from 'vitest'
import type { Notice } from '../api/types'
import { LOADERS } from '../texts'
import { stateOf } from './notices'

const NOW = Date.parse('2026-06-01T06:00:00Z')
const texts = (await LOADERS['en']!()).default

const notice = (changes: Partial<Notice>): Notice => ({
  event_id: 'evt_1',
  type: 'delivery.delivered',
  channel: 'email',
  state: 'sent',
  at: '2026-06-01T05:00:00Z',
  ...changes,
})
const said = (changes: Partial<Notice>): string => stateOf(notice(changes), texts, NOW, 'en')

it('a message waits until the end of the quiet hours, and after that for its next try', () => {
  expect(said({ state: 'waiting', waits_until: '2026-06-01T06:30:00Z' })).toMatch(/^waits until .*:30.* the end of the quiet hours$/)
  expect(said({ state: 'waiting', waits_until: '2026-06-01T05:30:00Z' })).toBe('waits, and is tried again')
  expect(said({ state: 'waiting' })).toBe('waits, and is tried again')
  expect(said({ state: 'overtaken', waits_until: '2026-06-01T06:30:00Z' })).toBe('not sent: it waited until nobody needed it')
})

it('a mail that is late says so, unless it came back', () => {
  expect(said({ delayed: true })).toBe("sent, but late by the provider's report")
  expect(said({ state: 'bounced', delayed: true })).toBe('bounced: the mailbox did not take it')
})

it('a state without words is shown as it is', () => {
  expect(said({ state: 'held_back' as Notice['state'] })).toBe('held back')
})
