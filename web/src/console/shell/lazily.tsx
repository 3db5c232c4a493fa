import type { FunctionComponent } from 'preact'
import { type Waiting, lazilyWith } from '../../parts/lazily'
import { useDesk } from './desk'

/** A view that is fetched when it is first shown. */
export const lazily = <Props extends object>(load: () => Promise<FunctionComponent<Props>>) => lazilyWith(load, Wait)

function Wait({ failed, fetch }: Waiting) {
  const { texts } = useDesk()
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
