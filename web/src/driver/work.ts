/** All that the app knows and does while a driver is signed in. */

import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { api } from '../parts/client'
import { useOnline } from '../parts/hooks'
import type { App } from './app'
import { useAwake } from './awake'
import { useCaptured } from './captured'
import { useGone } from './gone'
import type { Offers, Point } from './model'
import { type Fix, type PositionTrouble, reportPositions } from './positions'
import { type Action, type Input, type Queue, type Status, StorageFullError, applied } from './queue'
import { lookAtOffersEveryMs, lookEveryMs } from './push'
import { bodyOf, useReading } from './reading'
import { groupsOf } from './stops'
import type { Texts } from './texts'
import type { Pushing } from './use_push'

const BATCH_MS = 20_000
const LONGEST_BATCH_MS = 15_000
const NOTHING_SENT: Status = { actions: [], pending: 0, refused: 0, sending: null, trouble: null, offsetMs: null }

interface Working {
  queue: Queue
  texts: Texts
  language: string
  push: Pushing
  signOut: () => void
}

export function useWork({ queue, texts, language, push, signOut }: Working): App & { full: boolean; forgive: () => void } {
  const online = useOnline()
  const [status, setStatus] = useState<Status>(NOTHING_SENT)
  const [full, setFull] = useState(false)

  const me = useReading(queue, 'me', async (signal) => bodyOf(await api.GET('/v1/driver/me', { signal })), 300_000)
  const onDuty = Boolean(me.value?.duty)
  const every = onDuty ? lookEveryMs(push.state ?? 'off') : 60_000
  const [isAsked, setAsked] = useState(false)
  const look = async (signal: AbortSignal): Promise<Offers> => bodyOf(await api.GET('/v1/driver/offers', { signal }))
  const offers = useReading(queue, 'offers', look, isAsked ? lookAtOffersEveryMs(every) : every)
  const gone = useGone(offers.value)
  useEffect(() => setAsked(Boolean(offers.value?.offers.length)), [offers.value])
  const route = useReading(queue, 'route', async (signal) => bodyOf(await api.GET('/v1/driver/route', { signal })), every)

  useEffect(() => queue.subscribe(setStatus), [queue])
  useEffect(
    () =>
      queue.on('answered', ({ action }: { action: Action }) => {
        if (action.kind === 'go_on_duty' || action.kind === 'go_off_duty') me.again()
        if (action.deliveryId || action.kind === 'confirm_route') route.again()
      }),
    [queue],
  )
  useEffect(() => {
    // The worker passes on what was pushed.
    const pushed = (): void => {
      offers.again()
      route.again()
    }
    navigator.serviceWorker?.addEventListener('message', pushed)
    return () => navigator.serviceWorker?.removeEventListener('message', pushed)
  }, [queue])

  const plan = useMemo(() => route.value && applied(route.value, status.actions), [route.value, status.actions])
  const groups = useMemo(() => groupsOf(plan?.stops ?? []), [plan])
  const captured = useCaptured(queue)
  useEffect(() => {
    if (route.value && captured.all) captured.keepOnly(route.value.stops.map((stop) => stop.stop_id))
  }, [route.value])

  const { place, trouble: placeTrouble } = usePositions(onDuty)
  const awake = useAwake(onDuty && groups.length > 0)
  const offsetMs = useRef(0)
  offsetMs.current = status.offsetMs ?? 0
  const now = useCallback(() => Date.now() + offsetMs.current, [])

  const perform = useCallback<App['perform']>(
    async (inputs, hold) => {
      try {
        return await queue.add(inputs as Input[], hold)
      } catch (error) {
        if (!(error instanceof StorageFullError)) throw error
        setFull(true)
        return null
      }
    },
    [queue],
  )
  return {
    texts,
    language,
    owner: queue.owner,
    queue,
    status,
    online,
    now,
    me,
    offers,
    gone,
    route,
    plan,
    groups,
    place,
    placeTrouble,
    awake,
    perform,
    captured,
    push,
    signOut,
    full,
    forgive: () => setFull(false),
  }
}

/** Measure and send positions while the driver is on duty and the app is open. */
function usePositions(wanted: boolean): { place: Point | null; trouble: PositionTrouble | null } {
  const [place, setPlace] = useState<Point | null>(null)
  const [trouble, setTrouble] = useState<PositionTrouble | null>(null)
  useEffect(() => {
    if (!wanted || !navigator.geolocation) return
    const stop = reportPositions({
      geolocation: navigator.geolocation,
      send,
      here: setPlace,
      trouble: setTrouble,
      everyMs: BATCH_MS,
    })
    return () => {
      stop()
      setTrouble(null)
    }
  }, [wanted])
  return { place, trouble }
}

/** True if the batch need not be sent again: it arrived, or will never be taken. */
async function send(fixes: Fix[]): Promise<boolean> {
  const { response } = await api.POST('/v1/driver/positions', {
    body: { fixes },
    signal: AbortSignal.timeout(LONGEST_BATCH_MS),
  })
  return response.ok || (response.status >= 400 && response.status < 500 && ![401, 408, 429].includes(response.status))
}
