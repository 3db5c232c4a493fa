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

/** The time zone of the delivery, in which its times are shown; that of the phone if it is unknown to the browser. */
export function zoneOf(view: View): string | undefined {
  try {
    const timeZone = view.time_zone ?? undefined
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions() ? timeZone : undefined
  } catch {
    return undefined
  }
}

export const merchantOf = (view: View): string => view.merchant?.name ?? ''
