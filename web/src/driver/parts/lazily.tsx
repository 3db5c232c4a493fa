import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app'
import { Bones } from './screen'

type Shown<Props> = (props: Props) => preact.JSX.Element

/** A screen that is fetched when it is first shown: one that drivers seldom open is no part of the first load. */
export function lazily<Props extends object>(fetch: () => Promise<Shown<Props>>): Shown<Props> {
  let known: Shown<Props> | null = null
  return function Lazily(props: Props) {
    const { texts } = useApp()
    const [View, set] = useState<Shown<Props> | null>(() => known)
    const [failed, fail] = useState(false)
    const look = (): void => {
      fail(false)
      fetch().then(
        (view) => {
          known = view
          set(() => view)
        },
        () => fail(true),
      )
    }
    useEffect(() => {
      if (!View) look()
    }, [])
    if (View) return <View {...props} />
    if (!failed) return <Bones />
    return (
      <div class="empty">
        <h2>{texts.trouble.title}</h2>
        <p role="status">{texts.trouble.never.failed}</p>
        <button type="button" class="button button-quiet" onClick={look}>
          {texts.again}
        </button>
      </div>
    )
  }
}
