"""Opening hours, whatever the clocks are put to."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.hours import WEEK, Span, Weekday, WeeklyHours

CHICAGO = "America/Chicago"
ZONES = st.sampled_from((CHICAGO, "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC"))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TIMES = st.times().map(lambda value: value.replace(second=0, microsecond=0))
SPANS = st.builds(Span, day=st.sampled_from(Weekday), opens=TIMES, closes=TIMES)
HOURS = st.builds(WeeklyHours, time_zone=ZONES, weekly=st.lists(SPANS, min_size=1, max_size=8).map(tuple))


def daily(opens: str, closes: str, zone: str = CHICAGO) -> WeeklyHours:
    spans = (Span(day=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)) for day in WEEK)
    return WeeklyHours(time_zone=zone, weekly=tuple(spans))


def there(day: str, by_the_wall: str, zone: str = CHICAGO) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(by_the_wall), ZoneInfo(zone)).astimezone(UTC)


@given(ZONES, MOMENTS)
def test_who_opens_all_day_every_day_is_always_open(zone, moment):
    assert daily("00:00", "00:00", zone).is_open(moment)


@given(HOURS, MOMENTS)
def test_the_next_opening_is_open_not_before_and_nothing_is_open_until_then(hours, moment):
    opens = hours.next_open(moment)
    if opens is None:
        assert all(span.closes != span.opens for span in hours.weekly)
        return
    assert opens >= moment
    assert hours.is_open(opens)
    for share in (0.0, 0.3, 0.7, 0.99):
        between = moment + share * (opens - moment)
        assert hours.is_open(between) == (opens == moment or between >= opens)


@given(HOURS, MOMENTS)
def test_away_from_a_change_of_the_clocks_the_clock_on_the_wall_decides(hours, moment):
    local = moment.astimezone(ZoneInfo(hours.time_zone))
    offsets = {(local + timedelta(hours=h)).utcoffset() for h in range(-49, 50)}
    if len(offsets) > 1:
        return

    def covers(span: Span) -> bool:
        for back in (0, 1):
            day = local.date() - timedelta(days=back)
            if WEEK[day.weekday()] is span.day:
                opens = datetime.combine(day, span.opens)
                closes = datetime.combine(day + timedelta(days=span.closes <= span.opens), span.closes)
                if opens <= local.replace(tzinfo=None) < closes:
                    return True
        return False

    assert hours.is_open(moment) == any(covers(span) for span in hours.weekly)


def test_ten_is_ten_on_the_day_the_clocks_change_and_on_the_day_before():
    hours = daily("10:00", "18:00")
    for day in ("2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01"):
        assert not hours.is_open(there(day, "09:59"))
        assert hours.is_open(there(day, "10:00"))
        assert hours.is_open(there(day, "17:59"))
        assert not hours.is_open(there(day, "18:00"))


def test_a_night_shift_goes_on_past_midnight():
    hours = WeeklyHours(time_zone=CHICAGO, weekly=(Span(day=Weekday.FRIDAY, opens=time(22), closes=time(2)),))
    assert hours.is_open(there("2026-06-06", "01:30"))  # a Saturday
    assert not hours.is_open(there("2026-06-06", "02:00"))
    assert hours.next_open(there("2026-06-06", "02:00")) == there("2026-06-12", "22:00")


def test_what_never_opens_has_no_next_opening():
    assert WeeklyHours(time_zone="UTC", weekly=()).next_open(datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_a_span_that_the_clocks_swallow_is_there_again_a_week_later():
    gap = WeeklyHours(time_zone=CHICAGO, weekly=(Span(day=Weekday.SUNDAY, opens=time(2), closes=time(3)),))
    assert gap.next_open(there("2026-03-08", "00:00")) == there("2026-03-15", "02:00")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "/etc/localtime", "America"])
def test_a_time_zone_that_is_none_is_refused(name):
    with pytest.raises(ValidationError, match="time_zone"):
        WeeklyHours(time_zone=name, weekly=())


def test_hours_are_read_back_as_they_were_stored():
    hours = daily("09:30", "00:00")
    assert WeeklyHours.model_validate_json(hours.model_dump_json()) == hours
    with pytest.raises(ValidationError, match="opens"):
        Span.model_validate({"day": "monday", "opens": "09:30Z", "closes": "10:00"})
