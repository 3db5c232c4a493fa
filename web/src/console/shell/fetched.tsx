import { Failed, Loading } from '../../parts/states'
import type { Waiting } from '../../parts/lazy'
import { useDesk } from './desk'

/** Stands in the place of a view whose code is being fetched. */
export function Fetched({ failed, again }: Waiting) {
  const { texts } = useDesk()
  if (!failed) return <Loading label={texts.loading} />
  return <Failed {...texts.trouble.failed} again={{ label: texts.trouble.again, go: again }} />
}
