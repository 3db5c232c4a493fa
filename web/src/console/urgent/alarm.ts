/** The sound of an emergency: two tones, again and again, until somebody silences it. */

import { useCallback, useEffect, useState } from 'preact/hooks'

const EVERY_MS = 2500
const TONES = [880, 660]
const TONE_S = 0.28

let ink: AudioContext | null = null

function context(): AudioContext | null {
  if (typeof AudioContext === 'undefined') return null
  ink ??= new AudioContext()
  return ink
}

function beep(audio: AudioContext): void {
  TONES.forEach((hertz, index) => {
    const tone = audio.createOscillator()
    const loudness = audio.createGain()
    const begins = audio.currentTime + index * TONE_S
    tone.frequency.value = hertz
    loudness.gain.setValueAtTime(0.25, begins)
    loudness.gain.exponentialRampToValueAtTime(0.001, begins + TONE_S)
    tone.connect(loudness).connect(audio.destination)
    tone.start(begins)
    tone.stop(begins + TONE_S)
  })
}

/** True if an id has not been heard before. */
export const isNew = (ids: readonly string[], heard: ReadonlySet<string>): boolean => ids.some((id) => !heard.has(id))

export interface Alarm {
  sounding: boolean
  /** The browser makes no sound before the page was touched. */
  silent: boolean
  silence: () => void
  allow: () => void
}

/** Sound for as long as there is an emergency that was not silenced; a new one sounds again. */
export function useAlarm(ids: readonly string[]): Alarm {
  const [heard, hear] = useState<ReadonlySet<string>>(new Set())
  const [silent, setSilent] = useState(false)
  const sounding = isNew(ids, heard)

  useEffect(() => {
    if (!sounding) return
    const sound = (): void => {
      const audio = context()
      if (!audio) return
      void audio.resume()
      setSilent(audio.state !== 'running')
      if (audio.state === 'running') beep(audio)
    }
    sound()
    const timer = setInterval(sound, EVERY_MS)
    return () => clearInterval(timer)
  }, [sounding])

  const silence = useCallback(() => hear(new Set(ids)), [ids.join()])
  const allow = useCallback(() => void context()?.resume().then(() => setSilent(false)), [])
  return { sounding, silent: sounding && silent, silence, allow }
}
