"""Calls of staff about claims."""

from collections.abc import Iterable

from crowdship.claims import service
from crowdship.claims.claim import Claim
from crowdship.claims.inputs import StaffClaimInput
from crowdship.claims.matrix import Opener
from crowdship.claims.values import ClaimState
from crowdship.claims.views import StaffClaim, StaffClaims
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable


def act(asked: StaffClaimInput, by: str, clock: Clock, wall: Clock) -> StaffClaim:
    """Open the claim that somebody on the staff sends, or decide on the one that is named."""
    if asked.opening:
        claim = service.open_claim(asked.opening, Opener.STAFF, by, clock, wall)
    elif asked.decision:
        claim = service.decide(asked.decision, by, clock, wall)
    return shown([claim]).claims[0]


def listed(state: ClaimState | None, delivery_id: str | None, claim_id: str | None) -> StaffClaims:
    """Return one claim, those about a delivery, or those in an open state, which are to be decided first.

    Raises
    ------
    Unprocessable
        If nothing or more than one of them is named.
    """
    if sum(named is not None for named in (state, delivery_id, claim_id)) != 1:
        raise Unprocessable("name_one", "Name state, delivery_id or claim_id, one of them.", "/query/state")
    if claim_id:
        return shown([service.get(claim_id)])
    return shown(service.of_delivery(delivery_id) if delivery_id else service.waiting(state or ClaimState.TO_DECIDE))


def shown(claims: Iterable[Claim]) -> StaffClaims:
    """Return the views of some claims, with the words about them and what the matrix suggests."""
    every = list(claims)
    texts = service.words_of(every)
    return StaffClaims(claims=tuple(StaffClaim.of(one, texts, service.suggestion_for(one)) for one in every))
