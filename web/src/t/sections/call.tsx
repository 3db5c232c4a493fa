import { useEffect, useRef, useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { LONGEST_REQUEST_MS, NO_ANSWER, type Phase, codeOf, refusalSaid } from '../acting'
import { type SectionProps, zoneOf } from '../section'

/** A number that connects with the driver; it is asked for when somebody wants to call, as it ends soon. */
export function Call({ view, token, clock, texts, language }: SectionProps) {
  const [number, show] = useState<Schemas['RelayNumber'] | null>(null)
  const [outcome, set] = useState<{ phase: Phase; code: string }>({ phase: 'idle', code: '' })
  const link = useRef<HTMLAnchorElement>(null)
  const valid = number && clock.now() < Date.parse(number.expires_at) ? number : null
  useEffect(() => link.current?.focus(), [number])

  const ask = async (): Promise<void> => {
    if (outcome.phase === 'busy') return
    set({ phase: 'busy', code: '' })
    try {
      const { data, error } = await api.POST('/v1/track/{token}/call', {
        params: { path: { token } },
        signal: AbortSignal.timeout(LONGEST_REQUEST_MS),
      })
      show(data ?? null)
      set(data ? { phase: 'done', code: '' } : { phase: 'failed', code: codeOf(error) })
    } catch {
      set({ phase: 'failed', code: NO_ANSWER })
    }
  }
  return (
    <div class="call">
      {valid ? (
        <>
          <a class="way" href={`tel:${valid.number}`} ref={link}>
            {fill(texts.call.dial, { number: valid.number })}
          </a>
          <p class="soft">
            {fill(texts.call.until, { time: timeOfDay(valid.expires_at, clock.now(), language, zoneOf(view)) })}
          </p>
        </>
      ) : (
        <button type="button" class="way" onClick={() => void ask()} aria-disabled={outcome.phase === 'busy'}>
          {texts.call.ask}
        </button>
      )}
      <p role="status" class="told bad">
        {outcome.phase === 'failed' && refusalSaid(texts, outcome.code)}
      </p>
    </div>
  )
}
