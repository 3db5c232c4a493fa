"""Adjustments as staff propose them: who books one alone, and what a second person may decide."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.settlement.causes import posting_for
from crowdship.settlement.causes.reversals import REVERSIBLE, must_be_reversible
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.pending import pending_one
from crowdship.settlement.proposals import (
    WAITS,
    BookedAlone,
    Proposal,
    ProposalState,
    needs_second_person,
    proposal_id_for,
)
from crowdship.settlement.sums import Tally
from crowdship.zones.model import Zone, ZoneSettings
from tests.unit.settlement.test_postings import NOON, closed, usd

AREA = tuple(Point(lat=lat, lon=lon) for lat, lon in ((0, 0), (0, 0.1), (0.1, 0.1)))
LIMIT = 5000


def zone(limit=LIMIT):
    return Zone(id="oz", settings=ZoneSettings(name="Oz", area=AREA, adjusted_alone=limit))


def waiting(**changes):
    asked = Proposal(
        id=proposal_id_for("ticket-7"),
        reference="ticket-7",
        driver_id="drv_1",
        amount=usd(-9000),
        note="lost goods",
        asked_by="ana",
        asked_at=NOON,
    )
    return asked.waiting().with_changes(**changes)


@pytest.mark.parametrize(("amount", "before", "needed"), [(5000, 0, False), (5001, 0, True), (-5001, 0, True)])
def test_an_adjustment_above_the_limit_needs_a_second_person_whichever_way_it_goes(amount, before, needed):
    assert needs_second_person(usd(amount), BookedAlone(id="x", total=before), zone()) is needed


@given(st.lists(st.integers(min_value=-9000, max_value=9000).filter(bool), max_size=30), st.integers(0, 20_000))
def test_however_an_amount_is_cut_up_no_more_than_the_limit_is_booked_alone_for_a_driver_on_a_day(amounts, limit):
    alone = BookedAlone(id="x")
    for amount in amounts:
        if not needs_second_person(usd(amount), alone, zone(limit)):
            alone = alone.and_also(usd(amount))
    assert alone.total <= limit


def test_an_adjustment_in_another_currency_than_the_zones_needs_a_second_person():
    assert needs_second_person(Money(amount=1, currency="JPY"), BookedAlone(id="x"), zone())


@pytest.mark.parametrize("same", ["ana", "Ana", "ANA"])
def test_a_second_person_is_not_the_first_in_other_letters(same):
    with pytest.raises(Conflict, match="second_person_needed"):
        waiting().approved(same, NOON)


def test_whoever_asked_may_withdraw():
    assert waiting().refused("ana", NOON).state is ProposalState.REFUSED


def test_a_proposal_expires_after_a_week_and_can_not_be_decided_on_then():
    before, after = NOON + WAITS - timedelta(seconds=1), NOON + WAITS
    assert waiting().state_at(before) is ProposalState.PENDING
    assert waiting().approved("ben", before).state is ProposalState.BOOKED
    assert waiting().state_at(after) is ProposalState.EXPIRED
    for act in (waiting().approved, waiting().refused):
        with pytest.raises(Conflict, match="adjustment_decided"):
            act("ben", after)


@given(
    st.lists(st.tuples(st.sampled_from(["approved", "refused"]), st.sampled_from(["ana", "ben", "cleo"])), max_size=8)
)
def test_a_proposal_is_decided_once_and_booked_only_by_another_person(acts):
    proposal, decisions = waiting(), 0
    for act, by in acts:
        try:
            proposal = getattr(proposal, act)(by, NOON)
            decisions += 1
        except Conflict:
            continue
    assert decisions <= 1
    if proposal.state is ProposalState.BOOKED:
        assert proposal.decided_by not in (None, "ana")


def test_what_is_booked_names_who_asked_and_is_of_the_moment_of_the_decision():
    later = NOON + timedelta(days=2)
    approved = waiting().approved("ben", later)
    posting = approved.posting()
    assert (posting.id, posting.booked_by, posting.time) == (approved.posting_id, "ana", later)
    assert {one.account: one.signed for one in posting.entries}["platform:fees"] == -9000


def test_a_reversal_has_the_entries_of_its_posting_on_the_other_side_and_is_booked_at_the_decision():
    posting, later = posting_for(closed()), NOON + timedelta(hours=3)
    asked = Proposal.to_reverse(posting, "drv_1", "ticket-1", "booked twice", "ana", NOON)
    assert asked.amount == usd(1300)
    with pytest.raises(ValueError, match="has to be given"):
        asked.posting()
    reversal = asked.waiting().approved("ben", later).posting(posting)
    assert (reversal.id, reversal.time, reversal.kind) == (asked.posting_id, later, PostingKind.REVERSAL)
    assert Tally.of([posting, reversal]).accounts.keys() == Tally.of([posting]).accounts.keys()
    assert all(columns.balance == 0 for columns in Tally.of([posting, reversal]).accounts.values())


@pytest.mark.parametrize("kind", sorted(set(PostingKind) - REVERSIBLE))
def test_what_is_taken_back_in_another_way_can_not_be_reversed(kind):
    with pytest.raises(Conflict, match="not_reversible"):
        must_be_reversible(posting_for(closed()).model_copy(update={"kind": kind}))


def test_a_reservation_can_not_be_reversed():
    with pytest.raises(Conflict, match="not_reversible"):
        must_be_reversible(pending_one(posting_for(closed())))
