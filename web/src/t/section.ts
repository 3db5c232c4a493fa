import type { ServerClock } from '../parts/time'
import type { Actions } from './acting'
import type { View } from './following'
import type { Texts } from './texts'

/** What every section of the page is given. A section that has nothing to say returns null. */
export interface SectionProps {
  view: View
  token: string
  /** Show what the customer just did. */
  acted: (actions: Actions) => void
  clock: ServerClock
  texts: Texts
  language: string
}

export const merchantOf = (view: View): string => view.merchant?.name ?? ''
