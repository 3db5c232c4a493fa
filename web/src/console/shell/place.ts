/** The place in the console: zone, view, and what is chosen. It is the page's address, so it can be kept and sent on. */

import { useCallback, useEffect, useState } from 'preact/hooks'

/** The views by what they are about; a group of several has a second row of tabs. */
export const GROUPS = {
  live: ['live'],
  zone: ['area', 'law', 'fleet'],
  drivers: ['applications', 'documents', 'conduct', 'requests', 'extra'],
  pay: ['pay', 'payouts', 'ledger', 'exceptions', 'prices', 'floors', 'claims', 'invoices', 'tax', 'mails', 'break_even'],
  audit: ['audit'],
} as const
export type Group = keyof typeof GROUPS

export const VIEWS = Object.values(GROUPS).flat()
export type View = (typeof VIEWS)[number]

export interface Place {
  zone: string | null
  view: View
  delivery: string | null
  driver: string | null
  /** The subject of the audit trail. */
  subject: string | null
}

export function placeOf(path: string, query: string): Place {
  const [, , zone = '', view = ''] = path.split('/')
  const asked = new URLSearchParams(query)
  return {
    zone: zone ? decodeURIComponent(zone) : null,
    view: VIEWS.find((one) => one === view) ?? 'live',
    delivery: asked.get('delivery'),
    driver: asked.get('driver'),
    subject: asked.get('subject'),
  }
}

export function addressOf({ zone, view, delivery, driver, subject }: Place): string {
  const asked = new URLSearchParams()
  if (delivery) asked.set('delivery', delivery)
  if (driver) asked.set('driver', driver)
  if (subject) asked.set('subject', subject)
  const query = asked.size ? `?${asked}` : ''
  const path = zone ? `${encodeURIComponent(zone)}/${view === 'live' ? '' : view}` : ''
  return `/console/${path}${query}`
}

const here = (): Place => placeOf(location.pathname, location.search)

export type Go = (change: Partial<Place>) => void

/** The place, and a function that goes to another one; the browser's back button returns from there. */
export function usePlace(): [Place, Go] {
  const [place, set] = useState(here)
  useEffect(() => {
    const look = (): void => set(here())
    window.addEventListener('popstate', look)
    return () => window.removeEventListener('popstate', look)
  }, [])
  const go: Go = useCallback((change) => {
    const next = { ...here(), ...change }
    const address = addressOf(next)
    if (address !== location.pathname + location.search) history.pushState(null, '', address)
    set(next)
  }, [])
  return [place, go]
}
