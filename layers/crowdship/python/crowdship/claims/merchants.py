"""Merchants' calls about their claims."""

from crowdship.claims import service
from crowdship.claims.inputs import MerchantClaimInput
from crowdship.claims.matrix import Opener
from crowdship.claims.store import CLAIM, cursor_of
from crowdship.claims.views import MerchantClaim, MerchantClaims
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable


def act(asked: MerchantClaimInput, merchant_id: str, clock: Clock, wall: Clock) -> MerchantClaim:
    """Open the claim that a merchant sends, or withdraw the one that it names."""
    if asked.opening:
        claim = service.open_claim(asked.opening, Opener.MERCHANT, merchant_id, clock, wall)
    else:
        claim = service.withdraw(asked.withdraws or "", merchant_id, clock, wall)
    return MerchantClaim.of(claim, service.words_of([claim]))


def listed(merchant_id: str, month: str | None, cursor: str | None, limit: int, clock: Clock) -> MerchantClaims:
    """Return a page of a merchant's claims of a month; of the present one if none is named.

    Raises
    ------
    Unprocessable
        If the cursor is none of a page before.
    """
    if cursor is not None and not cursor.startswith(CLAIM):
        detail = "Give the next_cursor of the page before, or leave it out."
        raise Unprocessable("wrong_cursor", detail, "/query/cursor")
    found = service.of_merchant(merchant_id, month or f"{clock.now():%Y-%m}", cursor, limit)
    following = cursor_of(found[-1]) if len(found) == limit else None
    return MerchantClaims.of(found, service.words_of(found), following)
