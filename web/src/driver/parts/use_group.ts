import { useRef } from 'preact/hooks'
import { useApp } from '../app'
import { type Group, groupWith } from '../stops'

/** The group with a stop, also after its step was made, when it is no longer on the route; null if it never was. */
export function useGroup(stopId: string): Group | null {
  const { groups } = useApp()
  const last = useRef<Group | null>(null)
  last.current = groupWith(groups, stopId) ?? last.current
  return last.current
}
