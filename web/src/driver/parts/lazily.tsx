import type { FunctionComponent } from 'preact'
import { type Waiting, lazilyWith } from '../../parts/lazily'
import { useApp } from '../app'
import { Bones, Empty } from './screen'

/** A screen whose code is fetched when it is first opened. */
export const lazily = <Props extends object>(load: () => Promise<FunctionComponent<Props>>) => lazilyWith(load, Wait)

function Wait({ failed, fetch }: Waiting) {
  const { texts } = useApp()
  if (!failed) return <Bones />
  return (
    <Empty title={texts.trouble.title} text={texts.trouble.never.offline}>
      <button type="button" class="button button-quiet" onClick={fetch}>
        {texts.again}
      </button>
    </Empty>
  )
}
