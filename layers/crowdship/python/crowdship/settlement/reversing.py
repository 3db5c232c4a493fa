"""Use case of reversals: staff take back a posting as a whole, by one that has its entries on the other side."""

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.settlement import adjusting, booking, queries, store
from crowdship.settlement.causes.reversals import driver_in, must_be_reversible, reversal_id_for
from crowdship.settlement.promised import service as promised
from crowdship.settlement.proposals import BookedAlone, Proposal, needs_second_person
from crowdship.settlement.store import AloneRow, ProposalRow, WaitingRow
from crowdship.settlement.views import AdjustmentView, ReversalRequest
from crowdship.zones import service as zones
from crowdship.zones.model import Zone


def reverse(posting_id: str, request: ReversalRequest, by: str, clock: Clock) -> AdjustmentView:
    """Reverse a posting, once; above the limit, and without a driver whose zone sets one, it waits for a second person.

    Raises
    ------
    NotFound
        If there is no such posting.
    Conflict
        ``not_reversible`` if its kind is taken back in another way; ``already_reversed``; ``reference_used``.
    """
    posting = queries.posting(posting_id)
    must_be_reversible(posting)
    driver_id = driver_in(posting)
    zone = _zone_of(driver_id)
    asked = Proposal.to_reverse(posting, driver_id, request.reference, request.note, by, clock.now())

    def attempt() -> None:
        if ProposalRow.load(asked.id):
            return
        if store.booked(reversal_id_for(posting_id)):
            raise Conflict("already_reversed", f"{posting_id} is reversed by {reversal_id_for(posting_id)}.")
        queries.must_not_be_taken_back(posting, clock)
        taken = promised.taking_back(posting)
        alone_id = BookedAlone.id_of(driver_id or posting_id, asked.amount.currency, asked.asked_at)
        alone = AloneRow.load(alone_id) or BookedAlone(id=alone_id)
        if zone is None or needs_second_person(asked.amount, alone, zone):
            work = UnitOfWork()
            work.store(ProposalRow.of(asked.waiting()))
            work.put(WaitingRow.of(asked.waiting()), None)
            work.commit()
        else:
            rows = ProposalRow.of(asked.booked()), AloneRow.of(alone.and_also(asked.amount))
            booking.book(asked.posting(posting), *rows, *taken)

    persistently(attempt)
    return adjusting.kept(asked, clock)


def _zone_of(driver_id: str | None) -> Zone | None:
    """Return the zone whose limit holds; None if nobody's does, or the driver is erased."""
    if driver_id is None:
        return None
    try:
        return zones.get(drivers.get(driver_id).home_zone_id)
    except NotFound:
        return None
