import { useApp } from '../app'
import { type Captured, NOTHING_CAPTURED } from '../captured'
import type { Picture } from '../queue'
import type { ProofKind } from '../queue/steps'
import { pictures } from '../steps'
import type { Group } from '../stops'

export interface GroupCapture extends Captured {
  /** Put a picture into the queue, for each delivery of the group; false if the phone has no room. */
  keep: (kind: ProofKind) => (picture: Picture) => Promise<boolean>
  setCodes: (codes: string[]) => void
}

/** Photos and codes that were captured at a group; they survive a killed app. */
export function useCapture(group: Group): GroupCapture {
  const { perform, captured } = useApp()
  const { stop_id: stopId } = group.first
  return {
    ...(captured.all?.[stopId] ?? NOTHING_CAPTURED),
    keep: (kind) => async (picture) => {
      if (!(await perform(pictures(group, kind, picture)))) return false
      await captured.change(stopId, (before) => ({ ...before, pictures: [...new Set([...before.pictures, kind])] }))
      return true
    },
    setCodes: (codes) => void captured.change(stopId, (before) => ({ ...before, codes })),
  }
}
