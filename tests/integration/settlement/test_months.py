"""A month is closed for good, once all its days are, with what its books said."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from crowdship.kernel.errors import Conflict
from crowdship.settlement import booking, store
from crowdship.settlement.balances.store import DayRow, TotalsRow
from crowdship.settlement.months import service as months
from crowdship.settlement.months.model import Month, days_of
from crowdship.settlement.months.store import MonthRow
from tests.contracts import validate_event
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.settlement.conftest import close_day, everything_stored
from tests.unit.settlement.test_postings import adjustment, closed, usd

MONTH = "2026-02"

pytestmark = pytest.mark.usefixtures("aws", "two_shards")


def on(day, number):
    return closed(number=number).model_copy(update={"time": datetime(2026, 2, day, 12, tzinfo=UTC)})


made = []


@pytest.fixture
def february(clock):
    """A month with postings on two days, all days of which are closed; it is made once."""
    if not made:
        booking.post(on(3, 1))
        booking.post(on(27, 2))
        for day in days_of(MONTH):
            close_day(day, clock)
        made.append(saved_tables())
    restore_tables(made[0])


def test_a_closed_month_keeps_who_closed_it_its_totals_and_the_hash_of_its_balances(february, clock):
    closed_one = months.close(MONTH, "fay", clock)
    assert (closed_one.closed_by, closed_one.closed_at, closed_one.postings) == ("fay", clock.now(), 2)
    totals = {total.group: total.balance.amount for total in closed_one.groups}
    assert totals == {"driver:payable": -1600, "merchant:receivable": 2600, "platform:fees": -1000}
    assert len(closed_one.hash) == 64
    (event,) = closed_one.events
    validate_event(event.model_dump(mode="json"))
    clock.advance(timedelta(days=1))
    again = months.close(MONTH, "gil", clock)
    assert (again.closed_by, again.hash) == ("fay", closed_one.hash)
    assert [one.month for one in months.listed().months] == [MONTH]


@pytest.mark.parametrize("month", ["9999-12", "1999-12", "2026-13", "2026-1", "２026-01"])
def test_a_month_that_no_books_can_have_is_none(month):
    with pytest.raises(ValidationError, match="a month is a year from 2000 on"):
        TypeAdapter(Month).validate_python(month)


def test_a_month_is_not_closed_before_its_last_day_is_over(february, clock):
    with pytest.raises(Conflict, match="month_not_over"):
        months.close("2026-03", "fay", clock)
    assert MonthRow.load("2026-03") is None


def test_a_month_with_a_day_that_is_not_settled_names_it(february, clock):
    for day in (13, 14):
        [row] = TotalsRow.query("TOTALS#2026-02", TotalsRow.sk == f"2026-02-{day}")
        row.delete(add_version_condition=False)
    with pytest.raises(Conflict, match="2026-02-13, 2026-02-14"):
        months.close(MONTH, "fay", clock)


def test_what_belongs_to_a_closed_month_is_booked_on_the_next_open_day(february, clock):
    months.close(MONTH, "fay", clock)
    stored = everything_stored()
    late = booking.post(on(27, 9))
    assert late.period == date(2026, 3, 1)
    mine = adjustment("late", "drv_1", usd(5), "", datetime(2026, 2, 3, tzinfo=UTC), "ana")
    assert store.book(mine).period == date(2026, 3, 1)
    after = everything_stored()
    changed = {key for key in stored if after[key] != stored[key]}
    assert not changed, "nothing of the month is written"


def test_a_balance_that_was_edited_since_keeps_its_month_open(february, clock):
    (row,) = [row for row in DayRow.query("BALANCES#2026-02-03") if "platform:fees" in row.body]
    row.body = row.body.replace("500", "501")
    row.save(add_version_condition=False)
    with pytest.raises(Conflict, match=r"balances_changed.*2026-02-03"):
        months.close(MONTH, "fay", clock)
