import type { FunctionComponent, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app'
import { Bones, Empty } from './screen'

/** A screen whose code is fetched when it is first opened: one that is seldom opened is no part of the first load. */
export function lazily<Props extends object>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  let known: FunctionComponent<Props> | null = null
  return function Lazily(props: Props): JSX.Element {
    const { texts } = useApp()
    const [Screen, set] = useState<FunctionComponent<Props> | null>(() => known)
    const [failed, fail] = useState(false)
    const fetch = (): void => {
      fail(false)
      load().then(
        (screen) => {
          known = screen
          set(() => screen)
        },
        () => fail(true),
      )
    }
    useEffect(() => {
      if (!Screen) fetch()
    }, [])
    if (Screen) return <Screen {...props} />
    if (!failed) return <Bones />
    return (
      <Empty title={texts.trouble.title} text={texts.trouble.never.offline}>
        <button type="button" class="button button-quiet" onClick={fetch}>
          {texts.again}
        </button>
      </Empty>
    )
  }
}
