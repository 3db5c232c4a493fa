"""A pickup at a store lies within the hours in which that is open."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.intake.orders.windows import SHORTEST_VISIT, while_open
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.hours import OpeningHours
from crowdship.shipment.windows import Window
from tests.unit.kernel.test_hours import HOURS, MOMENTS, daily

DAILY = daily("08:00", "18:00")  # in Chicago: 13:00 to 23:00 in UTC


def window(opens: str, closes: str) -> Window:
    return Window(opens_at=first_of_june(opens), closes_at=first_of_june(closes))


def first_of_june(at: str) -> datetime:
    return datetime.combine(datetime(2026, 6, 1), time.fromisoformat(at), UTC)


LONG_AGO = first_of_june("00:00")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("15:00", "16:00"), ("15:00", "16:00")),
        (("12:30", "13:30"), ("13:00", "13:30")),
        (("22:30", "23:30"), ("22:30", "23:00")),
        (("12:00", "13:10"), ("13:00", "13:10")),
    ],
    ids=["stays while it is open", "begins when it opens", "ends when it closes", "is long enough for a visit"],
)
def test_a_pickup_is_cut_to_the_hours(asked, found):
    assert while_open(DAILY, window(*asked), LONG_AGO) == window(*found)


def test_what_is_over_of_a_window_does_not_count():
    assert while_open(DAILY, window("13:00", "16:00"), first_of_june("14:00")) == window("14:00", "16:00")
    with pytest.raises(Unprocessable, match="store_closed"):
        while_open(DAILY, window("22:00", "23:30"), first_of_june("22:51"))


@pytest.mark.parametrize(
    ("asked", "again"),
    [
        (("10:00", "11:00"), "2026-06-01T13:00:00Z"),
        (("22:55", "23:55"), "2026-06-02T13:00:00Z"),
        (("12:00", "13:09"), "2026-06-01T13:00:00Z"),
    ],
)
def test_a_closed_store_says_when_it_opens(asked, again):
    with pytest.raises(Unprocessable, match="store_closed") as refusal:
        while_open(DAILY, window(*asked), LONG_AGO)
    assert refusal.value.pointer == "/pickup_window"
    assert f"it opens at {again}" in refusal.value.detail


def test_a_store_that_is_closed_for_months_does_not_open_soon():
    days = tuple(LONG_AGO.date() + timedelta(days=n) for n in range(90))
    store = OpeningHours(time_zone="UTC", week=DAILY.week, closed_on=days)
    with pytest.raises(Unprocessable, match="does not open soon"):
        while_open(store, window("10:00", "11:00"), LONG_AGO)


@given(HOURS, MOMENTS, st.integers(1, 1440))
def test_a_pickup_is_the_first_part_of_its_window_that_is_within_the_hours_and_long_enough(store, moment, minutes):
    asked = Window(opens_at=moment, closes_at=moment + timedelta(minutes=minutes))
    cut = [(max(opens, moment), min(closes, asked.closes_at)) for opens, closes in store.stretches(moment)]
    fitting = [(first, last) for first, last in cut if last - first >= SHORTEST_VISIT]
    try:
        found = while_open(store, asked, moment)
    except Unprocessable:
        assert not fitting
    else:
        assert (found.opens_at, found.closes_at) == fitting[0]
