from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.errors import Conflict
from crowdship.settlement.accounts import CASH, DRIVER_PAYABLE, DRIVER_RECEIVABLE, INSTANT_PAY_FEES
from crowdship.settlement.balances.model import AccountState
from crowdship.settlement.ledger import PAID_OUT, Phase, Posting, PostingKind, entry
from crowdship.settlement.pending import pending_one, posted_one, resolution_id, voided_one
from crowdship.settlement.sums import Key, Tally, off_by
from tests.unit.settlement.test_postings import NOON, usd

PAYABLE = DRIVER_PAYABLE.of("drv_1")
FEE = INSTANT_PAY_FEES.group


def instant(amount=1000, fee=15, number=1):
    """An instant payout with its fee, as it reserves both."""
    entries = (
        *entry(PAYABLE, usd(amount), PAID_OUT),
        *entry(CASH, usd(fee - amount), PAID_OUT),
        *entry(FEE, usd(-fee), "fee"),
    )
    return pending_one(Posting.caused_by(f"ipy_{number}", PostingKind.INSTANT_PAYOUT, NOON, entries))


def earned(amount):
    entries = (*entry(PAYABLE, usd(-amount), "base"), *entry("platform:incentives", usd(amount), "base"))
    return Posting.caused_by("evt_earned", PostingKind.QUEST, NOON, entries)


def state(*postings):
    return AccountState.of(Key(PAYABLE, "USD"), Tally.of(postings).accounts[Key(PAYABLE, "USD")])


def test_a_pending_posting_reserves_and_moves_nothing():
    held = state(earned(5000), instant())
    assert (held.posted, held.reserved, held.available) == (usd(5000), usd(1000), usd(4000))


def test_a_posted_one_takes_what_was_reserved_and_reserves_it_no_more():
    held = state(earned(5000), instant(), posted_one(instant(), NOON))
    assert (held.posted, held.reserved, held.available) == (usd(4000), usd(0), usd(4000))


def test_less_may_be_posted_than_was_reserved_and_the_rest_is_free_again():
    less = (*entry(PAYABLE, usd(400), PAID_OUT), *entry(CASH, usd(-400), PAID_OUT))
    held = state(earned(5000), instant(), posted_one(instant(), NOON, less))
    assert (held.posted, held.reserved, held.available) == (usd(4600), usd(0), usd(4600))


def test_more_than_was_reserved_is_never_posted():
    more = (*entry(PAYABLE, usd(1001), PAID_OUT), *entry(CASH, usd(-1001), PAID_OUT))
    with pytest.raises(Conflict, match="more_than_reserved"):
        posted_one(instant(), NOON, more)
    elsewhere = (*entry(PAYABLE, usd(10), PAID_OUT), *entry(DRIVER_RECEIVABLE.of("drv_1"), usd(-10), PAID_OUT))
    with pytest.raises(Conflict, match="more_than_reserved"):
        posted_one(instant(), NOON, elsewhere)


def test_a_voided_one_frees_all_and_moves_nothing():
    held = state(earned(5000), instant(), voided_one(instant(), NOON))
    assert (held.posted, held.reserved, held.available) == (usd(5000), usd(0), usd(5000))


def test_posting_and_voiding_exclude_each_other_by_their_id():
    pending = instant()
    assert posted_one(pending, NOON).id == voided_one(pending, NOON).id == resolution_id(pending)
    assert resolution_id(pending) != resolution_id(instant(number=2))


@pytest.mark.parametrize("resolve", [posted_one, voided_one])
def test_only_a_pending_posting_can_be_resolved(resolve):
    with pytest.raises(Conflict, match="only a pending posting"):
        resolve(earned(1), NOON)
    with pytest.raises(Conflict, match="only a pending posting"):
        resolve(resolve(instant(), NOON), NOON)


@pytest.mark.parametrize(
    "changes",
    [
        {"phase": "pending", "resolves": "pst_1"},
        {"phase": "voided"},
        {"resolves": "pst_1"},
        {"releases": instant().entries},
        {"phase": "voided", "resolves": "pst_1", "releases": instant().entries},
    ],
)
def test_a_posting_whose_phase_makes_no_sense_is_refused(changes):
    with pytest.raises(ValidationError, match="posting"):
        Posting.model_validate({**dict(earned(1)), **changes})


def test_what_is_only_reserved_is_on_no_statement():
    pending = instant()
    assert Tally.of([pending, voided_one(pending, NOON)]).owners == {}


@st.composite
def lives(draw):
    """Draw earnings, and instant payouts of which each stays pending, is posted in whole or part, or is voided."""
    log = [earned(draw(st.integers(1, 10**6)))]
    left = 0
    for number in range(draw(st.integers(0, 6))):
        amount = draw(st.integers(100, 10**5))
        pending = instant(amount, 15, number)
        log.append(pending)
        match draw(st.sampled_from(["stays", "posted", "in part", "voided"])):
            case "stays":
                left += amount
            case "posted":
                log.append(posted_one(pending, NOON + timedelta(hours=1)))
            case "in part":
                some = draw(st.integers(1, amount - 15))
                entries = (*entry(PAYABLE, usd(some), PAID_OUT), *entry(CASH, usd(-some), PAID_OUT))
                log.append(posted_one(pending, NOON, entries))
            case "voided":
                log.append(voided_one(pending, NOON))
    return log, left


@given(lives(), st.randoms(use_true_random=False))
def test_whatever_becomes_of_reservations_they_leave_nothing_reserved_and_the_books_balance(life, random):
    log, left = life
    random.shuffle(log)
    accounts = Tally.of(log).accounts
    assert off_by(accounts) == {"USD": 0}
    held = state(*log)
    assert held.reserved == usd(left)
    assert held.available == held.posted - held.reserved
    moved = [one for posting in log if posting.phase is Phase.POSTED for one in posting.entries]
    assert held.posted.amount == -sum(one.signed for one in moved if one.account == PAYABLE)
