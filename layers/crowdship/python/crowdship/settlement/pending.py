"""Pending postings: amounts that are reserved, and resolved once by a posting that posts them or voids them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from crowdship.kernel.errors import Conflict
from crowdship.settlement.accounts import Side
from crowdship.settlement.ledger import Entry, Phase, Posting, posting_id_for


def resolution_cause(pending: Posting) -> str:
    """Return the cause of the one resolution of a pending posting; posting it and voiding it exclude each other."""
    return f"resolution/{pending.id}"


def pending_one(posting: Posting) -> Posting:
    """Return a posting as one that only reserves its amounts."""
    return posting.model_copy(update={"phase": Phase.PENDING})


def posted_one(pending: Posting, now: datetime, entries: Iterable[Entry] | None = None) -> Posting:
    """Return the posting that posts a pending one: all of it, or less.

    Parameters
    ----------
    entries : iterable of Entry, optional
        What is posted; all that is reserved if left out. What is left of the reservation is free again.

    Raises
    ------
    Conflict
        ``not_pending`` if it reserves nothing; ``more_than_reserved`` if an account would get more than is reserved.
    """
    _must_be_pending(pending)
    posted = pending.entries if entries is None else tuple(entries)
    reserved, wanted = _by_side(pending.entries), _by_side(posted)
    for place, amount in wanted.items():
        if amount > reserved.get(place, 0):
            account, side = place
            detail = (
                f"{side} of {amount} on {account} is more than the {reserved.get(place, 0)} that {pending.id} reserves."
            )
            raise Conflict("more_than_reserved", detail)
    return Posting.caused_by(
        resolution_cause(pending),
        pending.kind,
        now,
        posted,
        resolves=pending.id,
        releases=pending.entries,
        delivery_id=pending.delivery_id,
        note=pending.note,
    )


def voided_one(pending: Posting, now: datetime, note: str | None = None) -> Posting:
    """Return the posting that frees all of a pending one and moves nothing.

    Raises
    ------
    Conflict
        ``not_pending`` if it reserves nothing.
    """
    _must_be_pending(pending)
    return Posting.caused_by(
        resolution_cause(pending),
        pending.kind,
        now,
        pending.entries,
        phase=Phase.VOIDED,
        resolves=pending.id,
        delivery_id=pending.delivery_id,
        note=note or pending.note,
    )


def resolution_id(pending: Posting) -> str:
    """Return the id of the one posting that resolves a pending one."""
    return posting_id_for(resolution_cause(pending))


def _must_be_pending(posting: Posting) -> None:
    if posting.phase is not Phase.PENDING:
        raise Conflict("not_pending", f"{posting.id} is {posting.phase}; only a pending posting can be resolved.")


def _by_side(entries: Iterable[Entry]) -> dict[tuple[str, Side], int]:
    sums: dict[tuple[str, Side], int] = defaultdict(int)
    for one in entries:
        sums[one.account, one.side] += one.amount.amount
    return sums
