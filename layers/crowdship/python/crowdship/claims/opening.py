"""Obstacles to opening a claim: the wrong opener, a time that is over, another currency. Pure."""

from datetime import datetime

from crowdship.claims.matrix import ClaimKind, KindTerms, Opener
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import written
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.money import Money


def refuse_opening(
    kind: ClaimKind, terms: KindTerms, delivery: Delivery, asked: Money, opener: Opener, now: datetime
) -> None:
    """Check that a claim may be opened.

    Raises
    ------
    Unprocessable
        If the opener may not open such a claim, the time to claim is over, or the amount's currency is another one.
    """
    if opener not in terms.opened_by:
        allowed = " or ".join(sorted(terms.opened_by))
        raise Unprocessable("wrong_kind", f"A claim of kind {kind} is opened by {allowed}, not by a {opener}.", "/kind")
    currency = delivery.price.tip.currency
    if asked.currency != currency:
        detail = f"The delivery is priced in {currency}; claim in {currency}, not in {asked.currency}."
        raise Unprocessable("wrong_currency", detail, "/amount/currency")
    ended = delivery.timeline[-1].at if delivery.timeline else delivery.created_at
    until = terms.after(ended, terms.claim_days)
    if now >= until:
        detail = (
            f"A claim of kind {kind} is opened within {terms.claim_days} days; for this one until {written(until)}."
        )
        raise Unprocessable("claim_too_late", detail, "/kind")
