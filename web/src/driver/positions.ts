/** The driver's positions: measured while the app is open and on duty, thinned, and sent in batches. */

import { metresBetween } from './measures'
import type { Point } from './model'

export interface Fix {
  point: Point
  device_at: string
  accuracy_m: number
  speed_mps: number | null
}

/** Seconds between two kept positions of a driver who moves, and of one who stands. */
const MOVING_MS = 5000
const STANDING_MS = 60_000
const MOVED_M = 15
const MOST_KEPT = 240

/** Positions that are worth sending, in the order in which they were measured. */
export class Fixes {
  private kept: Fix[] = []
  private newest: Fix | null = null

  /** Keep a position unless the one before it tells the same. */
  add(fix: Fix): boolean {
    const before = this.newest
    if (before) {
      const aged = Date.parse(fix.device_at) - Date.parse(before.device_at)
      const moved = metresBetween(before.point, fix.point) > Math.max(MOVED_M, fix.accuracy_m / 2)
      if (aged >= 0 && aged < (moved ? MOVING_MS : STANDING_MS)) return false
    }
    this.newest = fix
    this.kept.push(fix)
    // Without a network the oldest are worth least; every second of them goes, so that the way stays known.
    if (this.kept.length > MOST_KEPT) this.kept = this.kept.filter((_, index) => index % 2 || index > MOST_KEPT / 2)
    return true
  }

  /** Take the positions for a batch; those that could not be sent are given back with `restore`. */
  take(most = 100): Fix[] {
    return this.kept.splice(0, most)
  }

  restore(fixes: Fix[]): void {
    this.kept.unshift(...fixes)
  }

  get count(): number {
    return this.kept.length
  }
}

export type PositionTrouble = 'denied' | 'unavailable'

interface Reporting {
  geolocation: Pick<Geolocation, 'watchPosition' | 'clearWatch' | 'getCurrentPosition'>
  send: (fixes: Fix[]) => Promise<boolean>
  here: (point: Point) => void
  trouble: (trouble: PositionTrouble | null) => void
  everyMs: number
}

const SILENT_MS = 90_000
const HOW: PositionOptions = { enableHighAccuracy: true, maximumAge: 5000, timeout: 20_000 }

const fixOf = ({ coords, timestamp }: GeolocationPosition): Fix => ({
  point: { lat: coords.latitude, lon: coords.longitude },
  device_at: new Date(timestamp).toISOString(),
  accuracy_m: Math.min(100_000, Math.max(0, coords.accuracy)),
  speed_mps: coords.speed === null || Number.isNaN(coords.speed) ? null : Math.min(200, Math.max(0, coords.speed)),
})

/** Measure and send until the returned function is called. */
export function reportPositions({ geolocation, send, here, trouble, everyMs }: Reporting): () => void {
  const fixes = new Fixes()
  let sending = false
  let over = false
  let first = true
  let heardAt = performance.now()

  const flush = async (): Promise<void> => {
    if (sending || !fixes.count) return
    sending = true
    const batch = fixes.take()
    const sent = await send(batch).catch(() => false)
    if (!sent && !over) fixes.restore(batch)
    sending = false
  }
  const measured = (position: GeolocationPosition): void => {
    if (over) return
    heardAt = performance.now()
    trouble(null)
    const fix = fixOf(position)
    here(fix.point)
    fixes.add(fix)
    if (first) void flush()
    first = false
  }
  const failed = (error: GeolocationPositionError): void => {
    if (error.code === error.PERMISSION_DENIED) trouble('denied')
    else if (error.code === error.POSITION_UNAVAILABLE) trouble('unavailable')
  }

  const watch = geolocation.watchPosition(measured, failed, HOW)
  const timer = setInterval(() => {
    const silentMs = performance.now() - heardAt
    // A phone that lies still tells nothing by itself, and some neither answer nor refuse.
    if (silentMs > STANDING_MS) geolocation.getCurrentPosition(measured, failed, HOW)
    if (silentMs > SILENT_MS) trouble('unavailable')
    void flush()
  }, everyMs)
  const hidden = (): void => {
    if (document.hidden) void flush()
  }
  document.addEventListener('visibilitychange', hidden)
  return () => {
    over = true
    void flush()
    geolocation.clearWatch(watch)
    clearInterval(timer)
    document.removeEventListener('visibilitychange', hidden)
  }
}
