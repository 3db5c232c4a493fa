import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Zone } from '../api/types'
import type { Live } from '../live/diff'
import type { Right } from '../../parts/session/session'
import type { Texts } from '../texts'
import type { Go, Place } from './place'

/** Everything that all parts of the console may use. */
export interface Desk {
  texts: Texts
  language: string
  /** The name of the person who is signed in. */
  username: string
  /** Whether the person has a right; what they may not do is not shown, and the API refuses it. */
  may: (right: Right) => boolean
  place: Place
  go: Go
  zone: Zone
  /** The zone as last seen; null before the first answer. */
  live: Live | null
  /** Ask for the zone at once, after an act. */
  look: () => void
  /** The name of a driver, on duty or not; the end of the id if there is none. */
  nameOf: (driverId: string) => string
  /** Unread messages by driver. */
  unread: ReadonlyMap<string, number>
}

const DeskContext = createContext<Desk | null>(null)
export const DeskProvider = DeskContext.Provider

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (!desk) throw new Error('there is no desk above this component')
  return desk
}
