"""The sweep over claims whose time has come."""

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.claims import service
from crowdship.claims.store import ClaimRow
from crowdship.kernel.clock import Clock

AT_ONCE = 100
"""Claims of one sweep."""


def sweep(clock: Clock, wall: Clock) -> int:
    """Let time do what the matrix says: answers that did not come, decisions that nobody made; return how many changed.

    Raises
    ------
    ExceptionGroup
        If something failed for some claims; all others were served, and the next sweep tries again.
    """
    changed = 0
    with Failures("the sweep over claims failed in part") as failures:
        for claim_id in ClaimRow.due_ids(clock.now(), AT_ONCE):
            with failures.collected("sweep of a claim failed", claim_id=claim_id):
                changed += _advance(claim_id, clock, wall)
    return changed


def _advance(claim_id: str, clock: Clock, wall: Clock) -> bool:
    changed = service.advance(claim_id, clock, wall)
    claim = service.get(claim_id)
    if changed and claim.decision and claim.decision.lapsed:
        metrics.add_metric("ClaimsLapsed", MetricUnit.Count, 1)
    return changed
