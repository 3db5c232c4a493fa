/** A page of staff that nobody touches for an hour signs its person out, whatever it asks the API meanwhile. */
import { useEffect } from 'preact/hooks'
import { session } from './session'

export const IDLE_MS = 60 * 60_000
const CHECK_MS = 30_000
/** When somebody last touched a page of this origin; tabs share it, so one at work keeps the others open. */
const TOUCHED = 'session.touched'
const TOUCHES = ['pointerdown', 'keydown', 'wheel'] as const

function lastTouch(): number {
  try {
    return Number(localStorage.getItem(TOUCHED)) || 0
  } catch {
    return 0
  }
}

function touch(at: number): void {
  try {
    localStorage.setItem(TOUCHED, String(at))
  } catch {
    // Without storage each tab counts for itself.
  }
}

export function useIdle(): void {
  useEffect(() => {
    let own = Date.now()
    touch(own)
    const touched = (): void => {
      own = Date.now()
      if (own - lastTouch() > CHECK_MS) touch(own)
    }
    const check = (): void => {
      if (Date.now() - Math.max(own, lastTouch()) >= IDLE_MS) void session.signOut()
    }
    for (const kind of TOUCHES) addEventListener(kind, touched, { passive: true })
    const timer = setInterval(check, CHECK_MS)
    return () => {
      clearInterval(timer)
      for (const kind of TOUCHES) removeEventListener(kind, touched)
    }
  }, [])
}
