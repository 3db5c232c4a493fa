import { useEffect, useState } from 'preact/hooks'
import { useDesk } from './desk'

type Shown<Props> = (props: Props) => preact.JSX.Element

/** A view that is fetched when it is first shown: one that staff seldom open is no part of the first load. */
export function lazily<Props extends object>(load: () => Promise<Shown<Props>>): Shown<Props> {
  let known: Shown<Props> | null = null
  return function Lazily(props: Props) {
    const { texts } = useDesk()
    const [View, set] = useState<Shown<Props> | null>(() => known)
    const [failed, fail] = useState(false)
    const fetch = (): void => {
      fail(false)
      load().then(
        (view) => {
          known = view
          set(() => view)
        },
        () => fail(true),
      )
    }
    useEffect(() => {
      if (!View) fetch()
    }, [])
    if (View) return <View {...props} />
    return (
      <main class="page">
        <p role="status">{failed ? texts.trouble.failed.text : texts.loading}</p>
        {failed && (
          <button type="button" class="act" onClick={fetch}>
            {texts.trouble.again}
          </button>
        )}
      </main>
    )
  }
}
