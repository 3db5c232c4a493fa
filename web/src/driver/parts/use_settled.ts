import { useEffect, useState } from 'preact/hooks'

const SETTLE_MS = 450

/**
 * False for a moment after a screen came.
 *
 * The second tap of a hasty double tap on the screen before would otherwise end the delivery.
 */
export function useSettled(): boolean {
  const [settled, set] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => set(true), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [])
  return settled
}
