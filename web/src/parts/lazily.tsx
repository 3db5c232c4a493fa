import type { FunctionComponent, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export interface Waiting {
  failed: boolean
  fetch: () => void
}

/** A component whose code is fetched when it is first shown: one that is seldom opened is no part of the first load. */
export function lazilyWith<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  Wait: FunctionComponent<Waiting>,
): (props: Props) => JSX.Element {
  let known: FunctionComponent<Props> | null = null
  return function Lazily(props: Props): JSX.Element {
    const [Shown, set] = useState<FunctionComponent<Props> | null>(() => known)
    const [failed, fail] = useState(false)
    const fetch = (): void => {
      fail(false)
      load().then(
        (shown) => {
          known = shown
          set(() => shown)
        },
        () => fail(true),
      )
    }
    useEffect(() => {
      if (!Shown) fetch()
    }, [])
    return Shown ? <Shown {...props} /> : <Wait failed={failed} fetch={fetch} />
  }
}
