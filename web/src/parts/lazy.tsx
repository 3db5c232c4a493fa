/** Components whose code is fetched when they are first shown, so that a page's first load does not carry them. */

import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export interface Waiting {
  /** True if the code did not come. */
  failed: boolean
  again: () => void
}

/** Return a component that shows `Wait` until the code of another one is there. */
export function lazy<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  Wait: FunctionComponent<Waiting>,
): FunctionComponent<Props> {
  let known: FunctionComponent<Props> | null = null
  return function Lazy(props: Props) {
    const [round, setRound] = useState(0)
    const [failed, fail] = useState(false)
    const [, draw] = useState(0)
    useEffect(() => {
      if (known) return
      let gone = false
      fail(false)
      const fetched = async (): Promise<void> => {
        try {
          known = await load()
          if (!gone) draw((before) => before + 1)
        } catch {
          if (!gone) fail(true)
        }
      }
      void fetched()
      return () => {
        gone = true
      }
    }, [round])
    if (!known) return <Wait failed={failed} again={() => setRound((before) => before + 1)} />
    const Known = known
    return <Known {...props} />
  }
}
