import { expect, it } from 'vitest'
import type { Message } from '../api/types'
import { cursorOf, joined, unreadUntil } from './threads'

const message = (number: number, changes: Partial<Message> = {}): Message => ({
  message_id: `m${number}`,
  at: `2026-06-05T22:00:${String(number).padStart(2, '0')}Z`,
  sender: 'driver',
  text: 'words',
  read_at: null,
  ...changes,
})
const upTo = (count: number): Message[] => Array.from({ length: count }, (_, index) => message(index))

it('a message that comes again is one message, in its new state', () => {
  const read = message(1, { read_at: '2026-06-05T22:01:00Z' })
  expect(joined([message(0), message(1)], [read, message(2)])).toEqual([message(0), read, message(2)])
})

it('the last messages are asked for again once all are known', () => {
  expect(cursorOf([], false)).toBeUndefined()
  expect(cursorOf(upTo(5), false)).toBeUndefined()
  expect(cursorOf(upTo(30), false)).toBe('m19')
  expect(cursorOf(upTo(30), true)).toBe('m29')
})

it('messages are marked as read up to the last unread one of the driver', () => {
  expect(unreadUntil([message(0), message(1), message(2, { sender: 'staff' })])).toBe(message(1).at)
  expect(unreadUntil([message(0, { read_at: message(3).at })])).toBeNull()
})
