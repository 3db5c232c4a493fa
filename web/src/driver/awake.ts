import { useEffect, useState } from 'preact/hooks'

/** Keep the screen on while `wanted`; the answer is false if the phone does not let the app. */
export function useAwake(wanted: boolean): boolean {
  const [may, set] = useState('wakeLock' in navigator)
  useEffect(() => {
    if (!wanted || !('wakeLock' in navigator)) return
    let lock: WakeLockSentinel | null = null
    let gone = false
    const hold = async (): Promise<void> => {
      if (gone || document.hidden || (lock && !lock.released)) return
      try {
        lock = await navigator.wakeLock.request('screen')
        if (gone) await lock.release()
        set(true)
      } catch {
        set(false) // a low battery refuses, too
      }
    }
    // A hidden page loses the lock.
    const look = (): void => void hold()
    document.addEventListener('visibilitychange', look)
    void hold()
    return () => {
      gone = true
      document.removeEventListener('visibilitychange', look)
      void lock?.release().catch(() => {})
    }
  }, [wanted])
  return may
}
