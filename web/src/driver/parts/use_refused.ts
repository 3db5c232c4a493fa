import { useApp } from '../app'
import type { Action } from '../queue'
import type { Group } from '../stops'

/** Refused steps of a group's deliveries, and how they are given up before the step is made anew. */
export function useRefused(group: Group | null): { refused: Action | null; giveUp: () => Promise<void> } {
  const { status, queue } = useApp()
  const ids = new Set(group?.stops.map((stop) => stop.delivery_id))
  const stuck = status.actions.filter(
    (one) => one.deliveryId !== null && ids.has(one.deliveryId) && (one.state === 'refused' || one.state === 'behind'),
  )
  return {
    refused: stuck.find((one) => one.state === 'refused') ?? null,
    giveUp: async () => {
      // Steps that wait behind a refused one would be sent as soon as it is gone, so they go first.
      for (const one of stuck.toReversed()) await queue.dismiss(one.id)
    },
  }
}
