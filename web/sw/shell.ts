/** The files of the driver's app, kept on the phone. */

export const HOME = '/driver/'
/** Typed without the slash at its end. */
const HOME_TYPED = '/driver'
const PAGE = '/driver/index.html'
const GROUND = '/ground/'
const GROUND_NOTE = '/ground/ground.json'
const GROUND_CACHE = 'driver-ground'
const PREFIX = 'driver-shell-'
/** A phone holds no larger map. */
const LARGEST_GROUND_BYTES = 60_000_000

/** The version that this worker serves, with the paths of its files. */
export interface Shell {
  version: string
  first: readonly string[]
  later: readonly string[]
}

const cacheOf = (shell: Shell): string => PREFIX + shell.version
/** Files whose names hold a hash never change. */
const isHashed = (path: string): boolean => path.startsWith('/assets/')

/** Keep all without which the app does not start; if one is missing, this version is not installed. */
export async function install(shell: Shell): Promise<void> {
  const cache = await caches.open(cacheOf(shell))
  await Promise.all([PAGE, ...shell.first].map((path) => keep(cache, path)))
}

/** Keep what the app may want later, and the map of the region. One that fails is tried again next time. */
export async function warm(shell: Shell): Promise<void> {
  const cache = await caches.open(cacheOf(shell))
  for (const path of shell.later) {
    if (!(await cache.match(path))) await keep(cache, path).catch(() => {})
  }
  await keepGround().catch(() => {})
}

async function keep(cache: Cache, path: string): Promise<void> {
  const known = isHashed(path) ? await caches.match(path) : undefined
  if (known) return cache.put(path, known)
  const fetched = await fetch(path, { cache: isHashed(path) ? 'default' : 'no-cache' })
  if (!fetched.ok) throw new Error(`${path}: ${fetched.status}`)
  await cache.put(path, fetched)
}

async function keepGround(): Promise<void> {
  const cache = await caches.open(GROUND_CACHE)
  const note = await fetch(GROUND_NOTE, { cache: 'no-cache' })
  if (!note.ok) return
  const { file } = (await note.clone().json()) as { file?: string }
  if (file) {
    const path = GROUND + file
    const known = await cache.match(path)
    const head = await fetch(path, { method: 'HEAD', cache: 'no-cache' })
    const isSame = known && known.headers.get('etag') === head.headers.get('etag')
    if (!head.ok || Number(head.headers.get('content-length')) > LARGEST_GROUND_BYTES) return
    if (!isSame) await cache.put(path, await fetch(path, { cache: 'no-cache' }))
    for (const old of await cache.keys()) {
      if (![path, GROUND_NOTE].includes(new URL(old.url).pathname)) await cache.delete(old)
    }
  }
  await cache.put(GROUND_NOTE, note)
}

/** Let go of old versions, except the last one, from which an open tab may still want a part. */
export async function clear(shell: Shell): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== cacheOf(shell))
  for (const name of names.slice(0, -1)) await caches.delete(name)
}

/** The answer to a request of a page, or null if it is none of this worker's business. */
export function answer(request: Request, shell: Shell, origin: string): Promise<Response> | null {
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== origin) return null
  if (request.mode === 'navigate') return isHome(url.pathname) ? page(request, shell) : null
  if (url.pathname.startsWith(GROUND)) return ground(request, url.pathname)
  const isMine = shell.first.includes(url.pathname) || shell.later.includes(url.pathname)
  return isMine || isHashed(url.pathname) ? asset(request, shell) : null
}

const isHome = (path: string): boolean => path === HOME_TYPED || path.startsWith(HOME)

async function page(request: Request, shell: Shell): Promise<Response> {
  const cache = await caches.open(cacheOf(shell))
  return (await cache.match(PAGE)) ?? fetch(request)
}

async function asset(request: Request, shell: Shell): Promise<Response> {
  const cache = await caches.open(cacheOf(shell))
  const { pathname } = new URL(request.url)
  const known = (await cache.match(pathname)) ?? (isHashed(pathname) ? await caches.match(pathname) : undefined)
  return known ?? fetch(request)
}

/** The map, of which parts are asked for: Cache Storage keeps whole files, so the part is cut out here. */
async function ground(request: Request, path: string): Promise<Response> {
  const known = await caches.match(path, { cacheName: GROUND_CACHE })
  if (!known) return fetch(request)
  const range = request.headers.get('range')
  return range ? part(known, range) : known
}

export async function part(whole: Response, range: string): Promise<Response> {
  const blob = await whole.blob()
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  const start = first ? Number(first) : Math.max(0, blob.size - Number(last))
  const end = first && last ? Math.min(Number(last), blob.size - 1) : blob.size - 1
  const headers = new Headers(whole.headers)
  if ((!first && !last) || start > end) {
    headers.set('content-range', `bytes */${blob.size}`)
    return new Response(null, { status: 416, headers })
  }
  headers.set('content-range', `bytes ${start}-${end}/${blob.size}`)
  headers.set('content-length', String(end - start + 1))
  headers.delete('content-encoding')
  return new Response(blob.slice(start, end + 1), { status: 206, headers })
}
