/** SHA-256 as lower-case hex. */

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

export async function sha256(bytes: BufferSource): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes))
}

/** The digest that travels with an action, by which the server sees that body and address belong together. */
export async function digestOf(method: string, path: string, body: Uint8Array): Promise<string> {
  const [address = ''] = path.split('?')
  const line = new TextEncoder().encode(`${method} ${address}\n`)
  const all = new Uint8Array(line.length + body.length)
  all.set(line)
  all.set(body, line.length)
  return sha256(all)
}
