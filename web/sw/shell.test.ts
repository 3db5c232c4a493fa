// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answer, clear, install, part, warm } from './shell'

const ORIGIN = 'https://pages.example'

/** As much of Cache Storage as the worker uses. */
class Caches {
  readonly all = new Map<string, Map<string, Response>>()

  async open(name: string) {
    const files = this.all.get(name) ?? new Map<string, Response>()
    this.all.set(name, files)
    return {
      match: async (path: string) => files.get(path)?.clone(),
      put: async (path: string, response: Response) => void files.set(path, response),
      keys: async () => Array.from(files.keys(), (path) => ({ url: ORIGIN + path })),
      delete: async (request: { url: string }) => files.delete(new URL(request.url).pathname),
    }
  }

  async match(path: string, { cacheName }: { cacheName?: string } = {}) {
    for (const [name, files] of this.all) {
      if ((!cacheName || cacheName === name) && files.has(path)) return files.get(path)!.clone()
    }
    return undefined
  }

  async keys() {
    return [...this.all.keys()]
  }

  async delete(name: string) {
    return this.all.delete(name)
  }
}

const shell = (version: string, later: string[] = []) => ({ version, first: ['/assets/app-1.js'], later })
const request = (path: string, changes: Partial<Request> = {}): Request =>
  ({ url: new URL(path, ORIGIN).href, method: 'GET', mode: 'cors', headers: new Headers(), ...changes }) as Request

let caches: Caches
let fetched: string[]
let server: (path: string, init?: RequestInit) => Response

beforeEach(() => {
  caches = new Caches()
  fetched = []
  server = (path) => new Response(`content of ${path}`, { headers: { etag: '"1"', 'content-length': '20' } })
  vi.stubGlobal('caches', caches)
  vi.stubGlobal('fetch', async (input: string | Request, init?: RequestInit) => {
    const path = typeof input === 'string' ? input : new URL(input.url).pathname
    fetched.push(`${init?.method ?? 'GET'} ${path}`)
    return server(path, init)
  })
})
afterEach(() => vi.unstubAllGlobals())

const text = async (path: string, changes?: Partial<Request>) =>
  (await answer(request(path, changes), shell('v1'), ORIGIN))?.text()

describe('the worker', () => {
  it('opens the app from what it keeps, at any address of the app', async () => {
    await install(shell('v1'))
    fetched = []
    for (const path of ['/driver', '/driver/', '/driver/anything']) {
      expect(await text(path, { mode: 'navigate' })).toBe('content of /driver/index.html')
    }
    expect(await text('/assets/app-1.js')).toBe('content of /assets/app-1.js')
    expect(fetched).toEqual([])
  })

  it('leaves calls of the API, other pages, other hosts and what is no question to the network', () => {
    const others = [
      request('/v1/driver/route'),
      request('/t/token', { mode: 'navigate' }),
      request('/drivers', { mode: 'navigate' }),
      request('https://other.example/assets/app-1.js'),
      request('/driver/', { method: 'POST' }),
    ]
    for (const one of others) expect(answer(one, shell('v1'), ORIGIN)).toBeNull()
  })

  it('is not installed if a file is missing', async () => {
    server = (path) => new Response('', { status: path.startsWith('/assets/') ? 404 : 200 })
    await expect(install(shell('v1'))).rejects.toThrow('/assets/app-1.js: 404')
  })

  it('fetches again only what may have changed', async () => {
    await install(shell('v1'))
    fetched = []
    await install(shell('v2'))
    expect(fetched).toEqual(['GET /driver/index.html'])
  })

  it('goes on with the others if one later file fails, and tries that again', async () => {
    const version = shell('v1', ['/assets/map-1.js', '/scan/worker.js'])
    const well = server
    server = (path) => (path.includes('map') ? new Response('', { status: 503 }) : well(path))
    await warm(version)
    server = well
    fetched = []
    await warm(version)
    expect(fetched.filter((one) => !one.includes('/ground/'))).toEqual(['GET /assets/map-1.js'])
  })

  it('keeps the version before, for tabs that are still open, and none before that', async () => {
    for (const version of ['v1', 'v2', 'v3']) await install(shell(version))
    await caches.open('somebody-elses')
    await clear(shell('v3'))
    expect(await caches.keys()).toEqual(['driver-shell-v2', 'driver-shell-v3', 'somebody-elses'])
  })

  it('keeps the map of the region as one file, and fetches it again when it is another', async () => {
    let etag = '"1"'
    const note = JSON.stringify({ file: 'city.pmtiles' })
    server = (path) => new Response(path.endsWith('.json') ? note : '0123456789', { headers: { etag } })
    await warm(shell('v1'))
    fetched = []
    await warm(shell('v1'))
    expect(fetched).not.toContain('GET /ground/city.pmtiles')
    etag = '"2"'
    await warm(shell('v1'))
    expect(fetched).toContain('GET /ground/city.pmtiles')
    fetched = []
    const range = new Headers({ range: 'bytes=2-4' })
    const answered = await answer(request('/ground/city.pmtiles', { headers: range }), shell('v1'), ORIGIN)
    expect([answered!.status, await answered!.text(), fetched]).toEqual([206, '234', []])
  })

  it('leaves out a map that is too large for a phone', async () => {
    const note = JSON.stringify({ file: 'country.pmtiles' })
    server = (path) => new Response(path.endsWith('.json') ? note : 'x', { headers: { 'content-length': '900000000' } })
    await warm(shell('v1'))
    expect(fetched).not.toContain('GET /ground/country.pmtiles')
  })
})

describe('a part of a file', () => {
  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-12', 416, '', 'bytes */10'],
    ['bytes=-', 416, '', 'bytes */10'],
    ['lines=1-2', 416, '', 'bytes */10'],
  ])('%s', async (range, status, body, contentRange) => {
    const cut = await part(new Response('0123456789'), range)
    expect([cut.status, await cut.text(), cut.headers.get('content-range')]).toEqual([status, body, contentRange])
  })
})
