import * as reading from '../api/reading'
import { type Live, takeIn } from './diff'
import { type Asked, useAsking } from './use_asking'

const PACE = { everyMs: 5000, longestMs: 60_000 }

/** A zone's drivers and orders, asked for every five seconds. */
export function useLive(zoneId: string | null): Asked<Live> {
  return useAsking(zoneId, PACE, () => reading.zoneMap(zoneId ?? ''), takeIn)
}
