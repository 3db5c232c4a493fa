/** The six digits that an authenticator app shows for a secret (RFC 6238). */

import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const STEP_MS = 30_000

export function totp(secret: string): string {
  const bits = [...secret.replace(/[\s=]/g, '')].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const begin = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(begin) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
