import type { FunctionComponent, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/**
 * A component whose code is loaded when it is shown first.
 *
 * @param Waiting is shown meanwhile, and with `again` if the code could not be loaded
 */
export function lazily<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  Waiting: FunctionComponent<{ again: (() => void) | null }>,
): FunctionComponent<Props> {
  let known: FunctionComponent<Props> | null = null
  return function Lazily(props: Props): JSX.Element {
    const [Loaded, set] = useState<{ View: FunctionComponent<Props> } | null>(known && { View: known })
    const [failed, fail] = useState(false)
    const [round, next] = useState(0)
    useEffect(() => {
      if (Loaded) return
      let gone = false
      load().then(
        (View) => {
          known = View
          if (!gone) set({ View })
        },
        () => {
          if (!gone) fail(true)
        },
      )
      return () => {
        gone = true
      }
    }, [round])
    const again = (): void => {
      fail(false)
      next(round + 1)
    }
    return Loaded ? <Loaded.View {...props} /> : <Waiting again={failed ? again : null} />
  }
}
