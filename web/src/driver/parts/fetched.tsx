import { useApp } from '../app'
import type { Waiting } from '../../parts/lazy'
import { Bones } from './screen'

/** Stands in the place of a screen whose code is being fetched. */
export function Fetched({ failed, again }: Waiting) {
  const { texts, online } = useApp()
  if (!failed) return <Bones />
  return (
    <div class="empty">
      <h2>{texts.trouble.title}</h2>
      <p role="status">{texts.trouble.never[online ? 'failed' : 'offline']}</p>
      <button type="button" class="button button-quiet" onClick={again}>
        {texts.again}
      </button>
    </div>
  )
}
