"""Endings that their drivers took back, so that staff take none of them back once more."""

from datetime import timedelta

from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.settlement.accounts import OwnerKind
from crowdship.settlement.causes.reversals import driver_in
from crowdship.settlement.ledger import Posting, PostingKind
from crowdship.settlement.store import LineRow, SettlementRow

ONE_DAY = timedelta(days=1)


def must_not_be_taken_back(posting: Posting, clock: Clock) -> None:
    """Refuse the posting of an ending that its driver took back.

    A driver may do so until the day of the posting is settled, so only the days until then are looked at.

    Raises
    ------
    Conflict
        ``already_reversed``, with the posting that reverses it.
    """
    driver_id = driver_in(posting)
    if posting.kind is not PostingKind.DELIVERY or driver_id is None:
        return
    settlement = SettlementRow.load(posting.period)
    day, last = posting.time.date(), (settlement.opened_at if settlement else clock.now()).date() + ONE_DAY
    while day <= last:
        for line in LineRow.of_holder(f"{OwnerKind.DRIVER}:{driver_id}", day):
            of_it = line.kind is PostingKind.DELIVERY_REVERSAL and line.delivery_id == posting.delivery_id
            if of_it and line.time >= posting.time:
                detail = f"The driver took {posting.id} back by {line.posting_id}."
                raise Conflict("already_reversed", detail)
        day += ONE_DAY
