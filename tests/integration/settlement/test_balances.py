"""What an account holds and what was booked on it, over closed and open days."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.kernel.errors import Unprocessable
from crowdship.settlement import booking, store
from crowdship.settlement.balances import service as balances
from crowdship.settlement.cycle import stating, steps
from crowdship.settlement.ledger import PAID_OUT, Posting, PostingKind, entry
from crowdship.settlement.pending import pending_one, posted_one, voided_one
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.settlement.conftest import close_day, run_cycle
from tests.unit.settlement.test_postings import adjustment, closed, usd

DAY, TODAY = date(2026, 3, 2), date(2026, 3, 3)
PAYABLE, FEES = "driver:drv_1:payable", "platform:fees"

pytestmark = pytest.mark.usefixtures("aws")


def on(moment, number, **more):
    return closed(number=number, **more).model_copy(update={"time": moment})


def moved(account, first, last, clock, limit=100):
    """Return the statement of some days, its lines from all pages."""
    page = balances.statement_of(account, first, last, None, limit, clock)
    lines, whole = list(page.lines), page
    while page.next_cursor:
        page = balances.statement_of(account, first, last, page.next_cursor, limit, clock)
        assert (page.opening, page.closing) == (whole.opening, whole.closing)
        assert len(page.lines) <= limit
        lines += page.lines
    return whole, lines


def test_an_account_has_an_opening_balance_lines_and_a_closing_balance(clock):
    booking.post(closed(number=1))
    run_cycle(DAY, clock)
    booking.post(on(clock.now() + timedelta(hours=1), 2))
    statement, lines = moved(PAYABLE, TODAY, TODAY, clock)
    assert [total.balance for total in statement.opening] == [usd(-800)]
    assert [(line.kind, line.amount) for line in lines] == [("delivery", usd(-800))]
    assert [total.balance for total in statement.closing] == [usd(-1600)]
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, clock)
    assert moved(PAYABLE, TODAY, TODAY, clock) == (statement, lines), "a close changes no statement"


@pytest.mark.parametrize("account", [PAYABLE, FEES, "merchant:mer_1:receivable"])
def test_pages_of_a_statement_hold_each_line_once_in_the_order_of_time(account, clock):
    for number in range(9):
        booking.post(on(clock.now() - timedelta(hours=number * 3), number))
    close_day(DAY, clock)
    whole, lines = moved(account, date(2026, 3, 1), TODAY, clock, limit=2)
    assert len({line.posting_id for line in lines}) == len(lines) == 9
    assert [(line.period, line.time) for line in lines] == sorted((line.period, line.time) for line in lines)
    assert sum(line.amount.amount for line in lines) == whole.closing[0].balance.amount


def test_each_currency_of_an_account_has_its_balances(clock):
    booking.post(on(clock.now(), 1))
    price = {"charge": [], "pay": [], "tip": {"amount": 100, "currency": "EUR"}}
    booking.post(on(clock.now(), 2, price=price))
    statement, _ = moved(PAYABLE, TODAY, TODAY, clock)
    assert [str(total.balance) for total in statement.opening] == ["0.00 EUR", "0.00 USD"]
    assert [str(total.balance) for total in statement.closing] == ["-1.00 EUR", "-8.00 USD"]


def instant(clock, amount=500):
    entries = (*entry(PAYABLE, usd(amount), PAID_OUT), *entry("platform:cash", usd(-amount), PAID_OUT))
    return pending_one(Posting.caused_by("ipy_1", PostingKind.INSTANT_PAYOUT, clock.now(), entries))


@pytest.mark.parametrize("close_between", [False, True])
@pytest.mark.parametrize(("resolve", "posted"), [(posted_one, 300), (voided_one, 800)])
def test_a_reservation_lowers_what_is_available_until_it_is_resolved(resolve, posted, close_between, clock):
    booking.post(closed(number=1))
    close_day(DAY, clock)
    pending = store.book(instant(clock))
    (held,) = balances.state_of(PAYABLE, clock)
    assert (held.posted, held.reserved, held.available) == (usd(800), usd(500), usd(300))
    clock.advance(timedelta(days=1))
    if close_between:
        close_day(TODAY, clock)
    assert balances.state_of(PAYABLE, clock) == [held]
    resolved = store.book(resolve(pending, clock.now()))
    assert store.book(posted_one(pending, clock.now())) == resolved, "it is resolved once"
    (held,) = balances.state_of(PAYABLE, clock)
    assert (held.posted, held.reserved, held.available) == (usd(posted), usd(0), usd(posted))


def test_what_is_stored_of_a_day_that_is_not_finished_is_not_counted_twice(clock):
    booking.post(closed(number=1))
    shards = steps.open_period(DAY, clock)
    steps.close_period(DAY, clock)
    stating.sum_shards(DAY, shards.items)
    stating.state_parts(DAY, steps.plan_parts(DAY).items, clock)
    (held,) = balances.state_of(PAYABLE, clock)
    assert held.posted == usd(800)
    assert moved(PAYABLE, DAY, DAY, clock)[0].closing[0].balance == usd(-800)


@pytest.mark.parametrize(
    ("account", "first", "last", "code"),
    [
        ("driver:drv_1:wallet", DAY, DAY, "no_such_account"),
        (PAYABLE, TODAY, DAY, "period_range"),
        (PAYABLE, date(2025, 1, 1), DAY, "period_range"),
        (PAYABLE, date.min, date.min, "period_range"),
    ],
)
def test_what_can_not_be_stated_is_refused_with_a_reason(account, first, last, code, clock):
    with pytest.raises(Unprocessable, match=code):
        balances.statement_of(account, first, last, None, 10, clock)
    with pytest.raises(Unprocessable, match="bad_cursor"):
        balances.statement_of(PAYABLE, DAY, DAY, "page two", 10, clock)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    booked=st.lists(st.tuples(st.integers(0, 1), st.integers(-900, 900).filter(bool)), min_size=1, max_size=4),
    data=st.data(),
)
def test_balances_of_closed_days_equal_those_summed_from_postings(two_shards, booked, data, clock):
    before = saved_tables()
    days = [DAY, TODAY]
    start = clock.now()
    try:
        for number, (day, amount) in enumerate(booked):
            moment = start + timedelta(days=day - 1)
            store.book(adjustment(f"adj_{number}", "drv_1", usd(amount), "", moment, "ana"))
        clock.advance(timedelta(days=2))
        live = balances.trial_balance(days[0], days[-1])
        statement = moved(FEES, days[0], days[-1], clock)
        for day in data.draw(st.permutations(days)):
            # Closing a day may book a carried debt on a day that is still open.
            close_day(day, clock)
        stored = balances.trial_balance(days[0], days[-1])
        assert stored.off_by == 0
        fees = [one for one in stored.accounts if one.account == FEES]
        assert fees == [one for one in live.accounts if one.account == FEES]
        assert moved(FEES, days[0], days[-1], clock) == statement
    finally:
        clock.moment = start
        restore_tables(before)
