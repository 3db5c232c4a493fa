/** Decisions that the API may take on a payout as it is; it refuses the rest. */

import type { Schemas } from '../../parts/client'

type Decision = Schemas['PayoutDecision']

const FITS: Record<Schemas['PayoutState'], readonly Decision[]> = {
  pending: ['hold', 'retry', 'cancel'],
  held: ['release', 'hold', 'cancel'],
  instructed: ['retry'],
  in_transit: [],
  paid: [],
  failed: [],
  returned: [],
  canceled: [],
}

/** The decisions that fit, the likeliest first; who asked for a release can't be the second person too. */
export function decisionsFor(
  payout: { state: Schemas['PayoutState']; release_asked_by: string | null },
  username: string,
): readonly Decision[] {
  const fits = FITS[payout.state]
  return payout.release_asked_by === username ? fits.filter((one) => one !== 'release') : fits
}
