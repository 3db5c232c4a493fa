import { useEffect, useState } from 'preact/hooks'
import { Loading } from '../parts/states'

type Shown<Props> = (props: Props) => preact.JSX.Element

/** A page outside of the app, for people who are not signed in, that is fetched when it is first shown. */
export function lazilyOutside<Props extends object>(load: () => Promise<Shown<Props>>): Shown<Props> {
  let known: Shown<Props> | null = null
  return function Lazily(props: Props) {
    const [Screen, set] = useState<Shown<Props> | null>(() => known)
    const [round, again] = useState(0)
    useEffect(() => {
      if (Screen) return
      let timer = 0
      load().then(
        (screen) => {
          known = screen
          set(() => screen)
        },
        () => {
          timer = window.setTimeout(() => again(round + 1), 3000)
        },
      )
      return () => clearTimeout(timer)
    }, [round])
    return Screen ? <Screen {...props} /> : <Loading label="…" />
  }
}
