import { useApp } from '../app'
import { WayIcon } from '../icons'
import type { Point } from '../model'
import { chosenNavigator, linkTo } from '../navigation'

/** Opens the chosen app with the way to a place. */
export function Navigate({ to }: { to: Point }) {
  const { texts } = useApp()
  const navigator = chosenNavigator()
  const outside = navigator === 'phone' ? {} : { target: '_blank', rel: 'noopener noreferrer' }
  return (
    <a class="way" href={linkTo(navigator, to)} {...outside}>
      <WayIcon />
      {texts.stop.navigate}
    </a>
  )
}
