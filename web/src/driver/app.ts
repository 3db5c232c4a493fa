/** Everything that all screens of the app may use. */

import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Capturing } from './captured'
import type { Gone } from './gone'
import type { Driver, Offers, Point, Route } from './model'
import type { PositionTrouble } from './positions'
import type { Action, Input, Queue, Status } from './queue'
import type { Reading } from './reading'
import type { Group } from './stops'
import type { Texts } from './texts'
import type { Pushing } from './use_push'

export interface App {
  texts: Texts
  language: string
  owner: string
  queue: Queue
  status: Status
  online: boolean
  /** The server's time, as far as the phone knows it. */
  now: () => number
  me: Reading<Driver>
  offers: Reading<Offers>
  /** Offers that went while they were shown. */
  gone: readonly Gone[]
  route: Reading<Route>
  /** The route with all that this phone did, also what was not sent yet. */
  plan: Route | null
  groups: Group[]
  /** The position of the phone; null while it is unknown. */
  place: Point | null
  placeTrouble: PositionTrouble | null
  /** False if the phone does not let the app keep the screen on. */
  awake: boolean
  /** Keep actions; null if the phone has no room, which is told to the driver. */
  perform: (inputs: Input | Input[], hold?: { holdMs: number }) => Promise<Action[] | null>
  captured: Capturing
  push: Pushing
  signOut: () => void
}

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('a screen stands outside of the app')
  return app
}
