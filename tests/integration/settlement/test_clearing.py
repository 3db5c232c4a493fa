"""Items of clearing accounts: open while their entries don't add up to zero, oldest first, gone once they do."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.kernel.errors import Unprocessable
from crowdship.settlement import store
from crowdship.settlement.accounts import CASH, DRIVER_HELD, DRIVER_PAYABLE, PAYOUTS_IN_FLIGHT
from crowdship.settlement.clearing import service as clearing
from crowdship.settlement.clearing.model import CLEARS_WITHIN
from crowdship.settlement.ledger import PAID_OUT, Posting, PostingKind, entry
from crowdship.settlement.pending import pending_one, posted_one, voided_one
from tests.faults import Lost, each_call_failing
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.settlement.conftest import everything_stored
from tests.unit.settlement.test_postings import usd

FLIGHT = PAYOUTS_IN_FLIGHT.group
PAYABLE = DRIVER_PAYABLE.of("drv_1")

pytestmark = pytest.mark.usefixtures("aws")


def instructed(clock, payout="pay_1", amount=800):
    entries = (*entry(PAYABLE, usd(amount), PAID_OUT), *entry(FLIGHT, usd(-amount), PAID_OUT, payout))
    return Posting.caused_by(f"{payout}/out", PostingKind.PAYOUT, clock.now(), entries)


def settled(clock, payout="pay_1", amount=800, number=0):
    entries = (*entry(FLIGHT, usd(amount), PAID_OUT, payout), *entry(CASH, usd(-amount), PAID_OUT))
    return Posting.caused_by(f"{payout}/in/{number}", PostingKind.PAYOUT_SETTLED, clock.now(), entries)


def open_items(clock, account=None):
    return [(item.item, item.amount, item.age_s) for item in clearing.listed(account, None, 100, clock).items]


def test_an_item_is_open_from_the_posting_that_opens_it_to_the_one_that_clears_it(clock):
    opened = store.book(instructed(clock))
    clock.advance(timedelta(hours=2))
    (item,) = clearing.listed(None, None, 10, clock).items
    assert (item.account, item.item, item.amount, item.age_s) == (FLIGHT, "pay_1", usd(-800), 7200)
    assert (item.posting_id, item.kind, item.overdue) == (opened.id, PostingKind.PAYOUT, False)
    store.book(settled(clock))
    assert open_items(clock) == []
    assert not [key for key in everything_stored() if key[0].startswith(("OPEN#", "itm_"))], "nothing is left of it"


def test_an_item_that_clears_in_part_is_open_with_the_rest_and_its_first_moment(clock):
    store.book(instructed(clock))
    clock.advance(timedelta(hours=1))
    store.book(settled(clock, amount=300))
    assert open_items(clock) == [("pay_1", usd(-500), 3600)]
    store.book(settled(clock, amount=600, number=1))
    assert open_items(clock) == [("pay_1", usd(100), 3600)]
    store.book(instructed(clock, "pay_2", 1))
    store.book(settled(clock, amount=1, payout="pay_2"))
    assert [item for item, *_ in open_items(clock)] == ["pay_1"]


def test_an_item_that_opens_anew_is_as_old_as_that(clock):
    store.book(instructed(clock))
    store.book(settled(clock))
    clock.advance(timedelta(days=3))
    store.book(settled(clock, number=1))
    assert open_items(clock) == [("pay_1", usd(800), 0)]


def test_a_posting_that_comes_again_changes_no_item(clock):
    store.book(instructed(clock))
    before = everything_stored()
    store.book(instructed(clock))
    assert everything_stored() == before


def test_what_is_only_reserved_opens_nothing(clock):
    pending = store.book(pending_one(instructed(clock)))
    assert open_items(clock) == []
    store.book(voided_one(pending, clock.now()))
    assert open_items(clock) == []
    other = store.book(pending_one(instructed(clock, "pay_2")))
    store.book(posted_one(other, clock.now()))
    assert [item for item, *_ in open_items(clock)] == ["pay_2"]


def test_pages_list_the_oldest_first_and_one_account_alone_if_asked(clock):
    for number in range(7):
        store.book(instructed(clock, f"pay_{number}", 100 + number))
        clock.advance(timedelta(minutes=1))
    held = (*entry(PAYABLE, usd(50), "hold"), *entry(DRIVER_HELD.of("drv_1"), usd(-50), "hold", "clm_1"))
    store.book(Posting.caused_by("clm_1", PostingKind.HOLD, clock.now(), held))
    seen, cursor = [], None
    while True:
        page = clearing.listed(None, cursor, 3, clock)
        seen += [item.item for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [*(f"pay_{number}" for number in range(7)), "clm_1"]
    assert [item for item, *_ in open_items(clock, DRIVER_HELD.of("drv_1"))] == ["clm_1"]
    with pytest.raises(Unprocessable, match="bad_cursor"):
        clearing.listed(None, "page two", 3, clock)


def test_an_item_is_overdue_after_the_time_of_its_account(clock):
    store.book(instructed(clock))
    clock.advance(CLEARS_WITHIN[FLIGHT] - timedelta(seconds=1))
    assert clearing.measure(clock) == 0
    clock.advance(timedelta(seconds=1))
    assert clearing.measure(clock) == 1
    assert clearing.listed(None, None, 1, clock).items[0].overdue


@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_fails_an_item_is_opened_and_cleared_once(lost, clock, two_shards):
    before = saved_tables()
    for faulty in each_call_failing(lost, at_least=2):
        restore_tables(before)
        with faulty:
            store.book(instructed(clock))
            store.book(settled(clock))
        store.book(instructed(clock))
        assert len(open_items(clock)) <= 1
        store.book(settled(clock))
        assert open_items(clock) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 5).filter(bool)), max_size=12))
def test_the_open_items_are_the_sums_that_are_not_zero(moves, clock):
    before = saved_tables()
    try:
        sums = dict.fromkeys("abc", 0)
        for number, (item, amount) in enumerate(moves):
            sums[item] += amount
            entries = (*entry(FLIGHT, usd(amount), PAID_OUT, item), *entry(CASH, usd(-amount), PAID_OUT))
            store.book(Posting.caused_by(f"move_{number}", PostingKind.PAYOUT_SETTLED, clock.now(), entries))
        found = {item.item: item.amount.amount for item in clearing.listed(None, None, 100, clock).items}
        assert found == {item: amount for item, amount in sums.items() if amount}
    finally:
        restore_tables(before)
