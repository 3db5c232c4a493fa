"""Opening hours, whatever the clocks are put to."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.hours import LOOK_AHEAD_DAYS, WEEK, Opening, OpeningHours, Weekday

CHICAGO = "America/Chicago"  # goes forward on 8 March 2026 at 02:00 and back on 1 November 2026 at 02:00
ZONES = st.sampled_from(
    (
        CHICAGO,
        "Europe/Berlin",
        "Australia/Lord_Howe",  # half an hour
        "America/Santiago",  # forward at midnight
        "America/Havana",  # midnight comes twice
        "Asia/Beirut",  # forward at midnight, back to the day before
        "Africa/Cairo",  # forward at midnight on a Friday
        "Asia/Kathmandu",
        "UTC",
    )
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TIMES = st.times().map(lambda value: value.replace(second=0, microsecond=0))
OPENINGS = st.builds(Opening, day=st.sampled_from(Weekday), opens=TIMES, closes=TIMES)
HOLIDAYS = st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=20).map(tuple)
HOURS = st.builds(
    OpeningHours,
    time_zone=ZONES,
    week=st.lists(OPENINGS, min_size=1, max_size=8).map(tuple),
    closed_on=HOLIDAYS,
)


def hours(*spans: tuple[Weekday, str, str], zone: str = CHICAGO, closed_on: tuple[date, ...] = ()) -> OpeningHours:
    week = tuple(Opening(day=day, opens=time.fromisoformat(o), closes=time.fromisoformat(c)) for day, o, c in spans)
    return OpeningHours(time_zone=zone, week=week, closed_on=closed_on)


def daily(opens: str, closes: str, zone: str = CHICAGO, closed_on: tuple[date, ...] = ()) -> OpeningHours:
    return hours(*((day, opens, closes) for day in WEEK), zone=zone, closed_on=closed_on)


def there(day: str, by_the_wall: str, zone: str = CHICAGO) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(by_the_wall), ZoneInfo(zone)).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stretch(opening_hours: OpeningHours, after: datetime) -> tuple[datetime, datetime]:
    return next(opening_hours.stretches(after))


@given(ZONES, MOMENTS)
def test_who_opens_all_day_every_day_is_always_open_and_in_one_stretch(zone, moment):
    always = daily("00:00", "00:00", zone)
    assert always.is_open(moment)
    ((opens, closes),) = always.stretches(moment)
    assert opens < moment
    assert closes > moment + timedelta(days=LOOK_AHEAD_DAYS - 2)


@given(HOURS, MOMENTS)
def test_stretches_have_a_length_are_in_order_apart_and_end_after_the_moment(opening_hours, moment):
    found = list(opening_hours.stretches(moment))
    assert all(moment < closes and opens < closes and opens.tzinfo is UTC for opens, closes in found)
    assert all(first[1] < second[0] for first, second in itertools.pairwise(found))


@given(HOURS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=14)))
def test_it_is_open_within_its_stretches_only_and_at_every_moment_the_same_is_said(opening_hours, moment, later):
    at = moment + later
    told = any(opens <= at < closes for opens, closes in opening_hours.stretches(moment))
    assert opening_hours.is_open(at) == told


@given(HOURS, MOMENTS)
def test_the_next_opening_is_open_not_before_and_nothing_is_open_until_then(opening_hours, moment):
    opens = opening_hours.next_open(moment)
    if opens is None:
        opens = moment + timedelta(days=LOOK_AHEAD_DAYS - 2)
        assert opening_hours.closed_on or all(span.closes != span.opens for span in opening_hours.week)
    else:
        assert opens >= moment
        assert opening_hours.is_open(opens)
    for share in (0.0, 0.3, 0.7, 0.99):
        between = moment + share * (opens - moment)
        assert opening_hours.is_open(between) == (between >= opens)


@given(HOURS, MOMENTS)
def test_away_from_a_change_of_the_clocks_the_clock_on_the_wall_decides(opening_hours, moment):
    local = moment.astimezone(ZoneInfo(opening_hours.time_zone))
    offsets = {(local + timedelta(hours=h)).utcoffset() for h in range(-49, 50)}
    if len(offsets) > 1:
        return

    def covers(span: Opening) -> bool:
        for back in (0, 1):
            day = local.date() - timedelta(days=back)
            if WEEK[day.weekday()] is span.day and day not in opening_hours.closed_on:
                opens = datetime.combine(day, span.opens)
                closes = datetime.combine(day + timedelta(days=span.closes <= span.opens), span.closes)
                if opens <= local.replace(tzinfo=None) < closes:
                    return True
        return False

    assert opening_hours.is_open(moment) == any(covers(span) for span in opening_hours.week)


def test_ten_is_ten_on_the_day_the_clocks_change_and_on_the_day_before():
    shop = daily("10:00", "18:00")
    for day in ("2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01"):
        assert not shop.is_open(there(day, "09:59"))
        assert shop.is_open(there(day, "10:00"))
        assert shop.is_open(there(day, "17:59"))
        assert not shop.is_open(there(day, "18:00"))


def test_an_hour_later_in_utc_when_the_clocks_went_back_and_an_hour_earlier_when_they_went_forward():
    shop = daily("08:00", "18:00")
    assert stretch(shop, utc("2026-03-07T06:00"))[0] == utc("2026-03-07T14:00")
    assert stretch(shop, utc("2026-03-08T06:00"))[0] == utc("2026-03-08T13:00")
    assert stretch(shop, utc("2026-10-31T06:00"))[0] == utc("2026-10-31T13:00")
    assert stretch(shop, utc("2026-11-01T06:00"))[0] == utc("2026-11-01T14:00")


def test_a_time_that_comes_twice_opens_at_its_first_and_closes_at_its_second_passing():
    night = hours((Weekday.SUNDAY, "00:30", "01:30"))
    assert stretch(night, utc("2026-11-01T00:00")) == (utc("2026-11-01T05:30"), utc("2026-11-01T07:30"))
    within = hours((Weekday.SUNDAY, "01:10", "01:20"))
    assert stretch(within, utc("2026-11-01T00:00")) == (utc("2026-11-01T06:10"), utc("2026-11-01T07:20"))


def test_a_time_that_never_comes_is_read_with_the_offset_before_the_change():
    # 02:10 there is 08:10 in UTC by the offset before; the wall says 03:10 then.
    never = hours((Weekday.SUNDAY, "02:10", "02:50"))
    assert stretch(never, utc("2026-03-08T00:00")) == (utc("2026-03-08T08:10"), utc("2026-03-08T08:50"))
    opens_then = hours((Weekday.SUNDAY, "02:30", "05:00"))
    assert stretch(opens_then, utc("2026-03-08T00:00")) == (utc("2026-03-08T08:30"), utc("2026-03-08T10:00"))
    closes_then = hours((Weekday.SUNDAY, "00:00", "02:30"))
    assert stretch(closes_then, utc("2026-03-08T00:00")) == (utc("2026-03-08T06:00"), utc("2026-03-08T08:30"))


def test_a_span_that_the_clocks_swallow_is_there_again_a_week_later():
    gap = hours((Weekday.SUNDAY, "02:00", "03:00"))
    assert gap.next_open(there("2026-03-08", "00:00")) == there("2026-03-15", "02:00")


def test_a_night_shift_goes_on_past_midnight():
    bar = hours((Weekday.FRIDAY, "22:00", "02:00"))
    assert bar.is_open(there("2026-06-06", "01:30"))  # a Saturday
    assert not bar.is_open(there("2026-06-06", "02:00"))
    assert bar.next_open(there("2026-06-06", "02:00")) == there("2026-06-12", "22:00")
    assert stretch(bar, there("2026-06-06", "01:00")) == (there("2026-06-05", "22:00"), there("2026-06-06", "02:00"))


def test_spans_that_meet_or_overlap_are_one_stretch():
    shop = hours(
        (Weekday.MONDAY, "08:00", "12:00"), (Weekday.MONDAY, "11:00", "15:00"), (Weekday.MONDAY, "15:00", "18:00")
    )
    assert stretch(shop, there("2026-06-01", "00:00")) == (there("2026-06-01", "08:00"), there("2026-06-01", "18:00"))
    inner = hours((Weekday.MONDAY, "08:00", "18:00"), (Weekday.MONDAY, "09:00", "10:00"))
    assert stretch(inner, there("2026-06-01", "00:00")) == (there("2026-06-01", "08:00"), there("2026-06-01", "18:00"))


def test_on_a_holiday_nothing_opens_but_the_night_before_goes_on():
    shop = daily("08:00", "18:00", closed_on=(date(2026, 6, 1),))
    assert shop.next_open(there("2026-06-01", "07:00")) == there("2026-06-02", "08:00")
    bar = daily("22:00", "02:00", closed_on=(date(2026, 6, 1),))
    assert bar.is_open(there("2026-06-01", "01:59"))
    assert bar.next_open(there("2026-06-01", "02:00")) == there("2026-06-02", "22:00")


def test_holidays_of_weeks_have_an_end_and_what_is_closed_for_longer_has_no_next_opening():
    first = date(2026, 6, 1)
    weeks = daily("08:00", "18:00", closed_on=tuple(first + timedelta(days=n) for n in range(21)))
    assert weeks.next_open(there("2026-06-01", "00:00")) == there("2026-06-22", "08:00")
    months = daily("08:00", "18:00", closed_on=tuple(first + timedelta(days=n) for n in range(90)))
    assert months.next_open(there("2026-06-01", "00:00")) is None
    assert not months.is_open(there("2026-06-01", "09:00"))


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "/etc/localtime", "America", "UTC+25"])
def test_a_time_zone_that_is_none_is_refused(name):
    with pytest.raises(ValidationError, match="time_zone"):
        daily("08:00", "18:00", zone=name)


def test_a_week_without_an_opening_is_refused():
    with pytest.raises(ValidationError, match="week"):
        OpeningHours(time_zone="UTC", week=())


@pytest.mark.parametrize(
    "told", ["09:30Z", "09:30+02:00", "09:30:00", "24:00", "9:30", "09:30\n", "٠٩:٣٠", "", 34200, None]
)
def test_a_time_is_hours_and_minutes_without_an_offset(told):
    with pytest.raises(ValidationError, match="opens"):
        Opening.model_validate({"day": "monday", "opens": told, "closes": "10:00"})


@pytest.mark.parametrize("value", [time(9, 30, 1), time(9, 30, 0, 1), time(9, 30, tzinfo=UTC)])
def test_a_time_of_no_whole_minute_is_refused(value):
    with pytest.raises(ValidationError, match="opens"):
        Opening(day=Weekday.MONDAY, opens=value, closes=time(10))


@given(HOURS)
def test_hours_are_read_back_as_they_were_stored(opening_hours):
    assert OpeningHours.model_validate_json(opening_hours.model_dump_json()) == opening_hours
    assert OpeningHours.model_validate(opening_hours.model_dump(mode="json")) == opening_hours


def test_times_are_written_as_they_are_read():
    assert '"opens":"08:00"' in daily("08:00", "18:00").model_dump_json()


@pytest.mark.parametrize(
    ("zone", "day", "span", "hours_open"),
    [
        ("Australia/Lord_Howe", "2026-10-04", ("00:00", "00:00"), 23.5),
        ("Australia/Lord_Howe", "2026-04-05", ("00:00", "00:00"), 24.5),
        ("Australia/Lord_Howe", "2026-04-05", ("01:00", "02:00"), 1.5),
        ("America/Santiago", "2026-09-06", ("00:00", "08:00"), 7),
        ("America/Santiago", "2026-04-04", ("22:00", "00:00"), 3),
        ("Asia/Beirut", "2026-03-29", ("00:00", "06:00"), 5),
        ("Asia/Beirut", "2026-10-24", ("20:00", "00:00"), 5),
        ("Africa/Cairo", "2026-04-24", ("00:00", "00:00"), 23),
        ("Africa/Cairo", "2026-10-29", ("18:00", "02:00"), 9),
    ],
)
def test_on_the_day_on_which_the_clocks_change_a_span_is_as_long_as_the_wall_says(zone, day, span, hours_open):
    shop = hours((WEEK[date.fromisoformat(day).weekday()], *span), zone=zone)
    opens, closes = stretch(shop, there(day, span[0], zone) - timedelta(minutes=1))
    assert (closes - opens) / timedelta(hours=1) == hours_open


CHANGES = {
    zone: [
        at
        for at in (utc("2026-01-01T00:00") + timedelta(minutes=30 * n) for n in range(2 * 17520))
        if at.astimezone(ZoneInfo(zone)).utcoffset()
        != (at - timedelta(minutes=30)).astimezone(ZoneInfo(zone)).utcoffset()
    ]
    for zone in (CHICAGO, "Australia/Lord_Howe", "America/Santiago", "America/Havana", "Asia/Beirut", "Africa/Cairo")
}


def exists(moment: datetime) -> bool:
    """Return whether a local time comes on its day."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(tzinfo=None)


@given(st.sampled_from(sorted(CHANGES)), st.data(), st.integers(-2880, 2880), TIMES, TIMES)
def test_around_a_change_of_the_clocks_it_is_open_whenever_the_wall_says_so(zone, data, minutes, opens, closes):
    moment = data.draw(st.sampled_from(CHANGES[zone])) + timedelta(minutes=minutes)
    local = moment.astimezone(ZoneInfo(zone))
    for day in (local.date() + timedelta(days=n) for n in (-1, 0, 1)):
        assume(all(exists(datetime.combine(day, end, ZoneInfo(zone))) for end in (opens, closes)))
    wall = local.time().replace(fold=0)
    if opens <= wall < closes if opens < closes else wall >= opens or wall < closes:
        assert daily(f"{opens:%H:%M}", f"{closes:%H:%M}", zone=zone).is_open(moment)
