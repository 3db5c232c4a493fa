import { useState } from 'preact/hooks'
import { useApp } from '../app'
import { type Captured, capture, capturedAt } from '../captured'
import type { Picture } from '../queue'
import type { ProofKind } from '../queue/steps'
import { pictures } from '../steps'
import type { Group } from '../stops'

export interface Capturing extends Captured {
  /** Put a picture into the queue, for each delivery of the group; false if the phone has no room. */
  keep: (kind: ProofKind) => (picture: Picture) => Promise<boolean>
  setCodes: (codes: string[]) => void
}

/** What was captured at a group, which an app that was closed meanwhile still knows. */
export function useCapture(group: Group): Capturing {
  const { perform } = useApp()
  const [captured, set] = useState(() => capturedAt(group.first.stop_id))
  const change = (how: (before: Captured) => Captured): void => set(capture(group.first.stop_id, how))
  return {
    ...captured,
    keep: (kind) => async (picture) => {
      if (!(await perform(pictures(group, kind, picture)))) return false
      change((before) => ({ ...before, pictures: [...new Set([...before.pictures, kind])] }))
      return true
    },
    setCodes: (codes) => change((before) => ({ ...before, codes })),
  }
}
