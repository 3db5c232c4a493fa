"""A store's weekly hours, whatever the clocks do."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.errors import Unprocessable
from crowdship.merchants.hours import SHORTEST_VISIT, Opening, OpeningHours, Weekday

CHICAGO = "America/Chicago"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(*spans, zone=CHICAGO, closed_on=()):
    week = tuple(Opening(day=day, opens=time.fromisoformat(o), closes=time.fromisoformat(c)) for day, o, c in spans)
    return OpeningHours(time_zone=zone, week=week, closed_on=closed_on)


DAILY = hours(*((day, "08:00", "18:00") for day in Weekday))


def stretch(opening_hours, after):
    return next(opening_hours.stretches(after))


def test_a_store_opens_at_the_same_wall_time_before_and_after_the_clocks_change():
    # Chicago springs forward on 8 March 2026 and falls back on 1 November 2026.
    assert stretch(DAILY, utc("2026-03-07T06:00"))[0] == utc("2026-03-07T14:00")
    assert stretch(DAILY, utc("2026-03-08T06:00"))[0] == utc("2026-03-08T13:00")
    assert stretch(DAILY, utc("2026-10-31T06:00"))[0] == utc("2026-10-31T13:00")
    assert stretch(DAILY, utc("2026-11-01T06:00"))[0] == utc("2026-11-01T14:00")


def test_the_hour_that_comes_twice_is_open_twice():
    night = hours((Weekday.SUNDAY, "00:30", "01:30"))
    assert stretch(night, utc("2026-11-01T00:00")) == (utc("2026-11-01T05:30"), utc("2026-11-01T07:30"))


def test_an_hour_that_never_comes_is_not_open():
    night = hours((Weekday.SUNDAY, "02:10", "02:50"))
    assert stretch(night, utc("2026-03-08T00:00"))[0] >= utc("2026-03-08T08:00")


def test_a_store_that_closes_after_midnight_is_open_until_then():
    bar = hours((Weekday.FRIDAY, "18:00", "02:00"))
    assert stretch(bar, utc("2026-06-06T06:00")) == (utc("2026-06-05T23:00"), utc("2026-06-06T07:00"))


def test_spans_that_meet_are_one_stretch():
    always = hours(*((day, "00:00", "00:00") for day in Weekday), zone="UTC")
    opens, closes = stretch(always, utc("2026-06-03T12:00"))
    assert opens < utc("2026-06-03T00:00")
    assert closes > utc("2026-06-10T00:00")


def test_on_a_holiday_nothing_opens():
    closed = hours(*((day, "08:00", "18:00") for day in Weekday), closed_on=(date(2026, 6, 1),))
    assert stretch(closed, utc("2026-06-01T12:00"))[0] == utc("2026-06-02T13:00")


def test_a_pickup_while_the_store_is_open_stays_as_it_is_asked_for():
    asked = utc("2026-06-01T15:00"), utc("2026-06-01T16:00")
    assert DAILY.pickup(*asked, "/pickup_window") == asked


def test_a_pickup_before_the_store_opens_begins_when_it_does():
    found = DAILY.pickup(utc("2026-06-01T12:30"), utc("2026-06-01T13:30"), "/pickup_window")
    assert found == (utc("2026-06-01T13:00"), utc("2026-06-01T13:30"))


def test_a_pickup_ends_when_the_store_closes():
    found = DAILY.pickup(utc("2026-06-01T22:30"), utc("2026-06-01T23:30"), "/pickup_window")
    assert found == (utc("2026-06-01T22:30"), utc("2026-06-01T23:00"))


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("2026-06-01T10:00", "2026-06-01T11:00"),
        ("2026-06-01T22:55", "2026-06-01T23:55"),
        ("2026-06-01T12:00", "2026-06-01T13:09"),
    ],
)
def test_a_closed_store_says_when_it_opens(opens, closes):
    with pytest.raises(Unprocessable, match="store_closed") as refusal:
        DAILY.pickup(utc(opens), utc(closes), "/pickup_window")
    assert refusal.value.pointer == "/pickup_window"
    assert "it opens at 2026-06-0" in refusal.value.detail


@pytest.mark.parametrize("zone", ["Chicago", "../etc/passwd", "America", "", "UTC+25"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(ValidationError):
        hours((Weekday.MONDAY, "08:00", "18:00"), zone=zone)


def test_hours_are_written_as_they_are_read():
    told = DAILY.model_dump_json()
    assert '"opens":"08:00"' in told
    assert OpeningHours.model_validate_json(told) == DAILY


SPANS = st.lists(st.tuples(st.sampled_from(Weekday), st.times(), st.times()), min_size=1, max_size=10)


@given(
    SPANS,
    st.sampled_from([CHICAGO, "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.integers(1, 1440),
)
def test_a_pickup_is_always_within_the_window_and_within_the_hours(spans, zone, moment, minutes):
    week = tuple(
        Opening(day=day, opens=opens.replace(second=0, microsecond=0), closes=closes.replace(second=0, microsecond=0))
        for day, opens, closes in spans
    )
    store = OpeningHours(time_zone=zone, week=week)
    opens_at = moment.replace(tzinfo=UTC)
    closes_at = opens_at + timedelta(minutes=minutes)
    stretches = [found for found, _ in zip(store.stretches(opens_at), range(30), strict=False)]
    assert all(first[1] < second[0] for first, second in itertools.pairwise(stretches))
    fitting = [s for s in stretches if min(s[1], closes_at) - max(s[0], opens_at) >= SHORTEST_VISIT]
    try:
        first, last = store.pickup(opens_at, closes_at, "/pickup_window")
    except Unprocessable:
        assert not fitting
    else:
        assert (first, last) == (max(fitting[0][0], opens_at), min(fitting[0][1], closes_at))
