"""Use cases of what is proposed: propose an adjustment, list what waits for a second person, approve or refuse it."""

from crowdship.adapters.storage import Row, UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.settlement import booking, queries, store
from crowdship.settlement.promised import service as promised
from crowdship.settlement.proposals import BookedAlone, Proposal, ProposalState, needs_second_person, proposal_id_for
from crowdship.settlement.store import AloneRow, ProposalRow, WaitingRow
from crowdship.settlement.views import AdjustmentRequest, AdjustmentsWaiting, AdjustmentView
from crowdship.zones import service as zones

MOST_WAITING = 200


def propose(request: AdjustmentRequest, by: str, clock: Clock) -> AdjustmentView:
    """Adjust what a driver is due, once per reference; above the limit it waits for a second person.

    Raises
    ------
    NotFound
        If there is no such driver.
    Conflict
        If the reference was used for another adjustment.
    """
    driver_id = request.driver_id
    zone = zones.get(drivers.get(driver_id).home_zone_id)
    asked = Proposal(id=proposal_id_for(request.reference), asked_by=by, asked_at=clock.now(), **dict(request))

    def attempt() -> None:
        if ProposalRow.load(asked.id):
            return
        alone_id = BookedAlone.id_of(driver_id, asked.amount.currency, asked.asked_at)
        alone = AloneRow.load(alone_id) or BookedAlone(id=alone_id)
        if needs_second_person(asked.amount, alone, zone):
            work = UnitOfWork()
            work.store(ProposalRow.of(asked.waiting()))
            work.put(WaitingRow.of(asked.waiting()), None)
            work.commit()
        else:
            rows = ProposalRow.of(asked.booked()), AloneRow.of(alone.and_also(asked.amount))
            booking.book(asked.posting(), *rows)

    persistently(attempt)
    return kept(asked, clock)


def kept(asked: Proposal, clock: Clock) -> AdjustmentView:
    """Return what is kept of a proposal under its reference.

    Raises
    ------
    NotFound
        If nothing is kept, because somebody else's proposal of the same was booked meanwhile.
    Conflict
        If the reference was used for another one.
    """
    found = _get(asked.id)
    if not found.is_like(asked):
        detail = f"{found.reference} was something else, of {found.asked_at.date()}; give this one its own reference."
        raise Conflict("reference_used", detail, "/reference")
    return _view(found, clock)


def waiting(clock: Clock) -> AdjustmentsWaiting:
    """Return the adjustments and reversals that wait for a second person, those that expire first before the others."""
    now = clock.now()
    ids = WaitingRow.ids_after(now, MOST_WAITING)
    found = {one.id: one for one in ProposalRow.load_many(ids)}
    shown = (found[one] for one in ids if found[one].state_at(now) is ProposalState.PENDING)
    return AdjustmentsWaiting(adjustments=tuple(AdjustmentView.of(one, now, None) for one in shown))


def approve(proposal_id: str, by: str, clock: Clock) -> AdjustmentView:
    """Book what somebody else proposed; what is booked already stays so.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If the same person proposed it, it was refused or has expired, or what it reverses is reversed already.
    """

    def attempt() -> Proposal:
        known = _get(proposal_id)
        if known.state is ProposalState.BOOKED:
            return known
        decided = known.approved(by, clock.now())
        reversed_one = store.booked(known.reverses) if known.reverses else None
        posting = decided.posting(reversed_one)
        if reversed_one and store.booked(posting.id):
            raise Conflict("already_reversed", f"{known.reverses} is reversed by {posting.id}.")
        rows: tuple[Row, ...] = (ProposalRow.of(decided),)
        if reversed_one:
            queries.must_not_be_taken_back(reversed_one, clock)
            rows += promised.taking_back(reversed_one)
        booking.book(posting, *rows, without=(WaitingRow.of(known),))
        return decided

    return _view(persistently(attempt), clock)


def refuse(proposal_id: str, by: str, clock: Clock) -> AdjustmentView:
    """Drop a proposal for good; whoever made it may withdraw it so. One that was refused already stays so.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If it is booked or has expired.
    """

    def attempt() -> Proposal:
        known = _get(proposal_id)
        if known.state is ProposalState.REFUSED:
            return known
        decided = known.refused(by, clock.now())
        work = UnitOfWork()
        work.store(ProposalRow.of(decided))
        work.delete(WaitingRow.of(known))
        work.commit()
        return decided

    return _view(persistently(attempt), clock)


def _get(proposal_id: str) -> Proposal:
    proposal = ProposalRow.load(proposal_id)
    if proposal is None:
        raise NotFound("no_such_adjustment", f"There is no adjustment {proposal_id}.")
    return proposal


def _view(proposal: Proposal, clock: Clock) -> AdjustmentView:
    booked = proposal.state is ProposalState.BOOKED
    posting = store.booked(proposal.posting_id) if booked else None
    return AdjustmentView.of(proposal, clock.now(), posting)
