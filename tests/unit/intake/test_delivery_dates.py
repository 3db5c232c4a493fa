"""For when an order is: read from what shops write, never guessed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.intake.sources.dates import (
    date_of,
    refuse_unsure_offset,
    slot_of,
    wanted_of,
    window_of,
    zone_of_shop,
)
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.hours import OpeningHours
from crowdship.merchants.shop_settings import DateOrder, ShopSettings

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 6, 1, 15, tzinfo=UTC)
D = date(2026, 6, 7)


def day(written, order=None, zone=CHICAGO):
    read = date_of(written, order, zone)
    return read and read.day


@pytest.mark.parametrize(
    "written",
    [
        *("2026-06-07", "2026/06/07", "2026/6/7", "2026.06.07", "7 June, 2026", "June 7, 2026", "Sunday, June 7, 2026"),
        *("7 Jun 2026", "Sun, 7 Jun 2026", "7th June 2026", "June 7th, 2026", "07.06.2026", "2026-06-07T00:00:00"),
        *("1780790400", "1780790400000", "1780808400", "2026-06-07T14:30:00Z", "2026-06-07 10:00 - 12:00"),
        *("20260607", "20260607 10:00 - 12:00", "7 juni 2026"),
    ],
)
def test_a_date_that_can_only_be_read_one_way_is(written):
    assert day(written) == D


@pytest.mark.parametrize(
    ("order", "read"), [(DateOrder.DAY_FIRST, date(2026, 7, 6)), (DateOrder.MONTH_FIRST, D), (None, None)]
)
def test_day_and_month_are_told_apart_by_the_merchants_word_alone(order, read):
    assert day("06/07/2026", order) == read
    assert day("06-07-2026", order) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("25/06/2026", date(2026, 6, 25)), ("06/25/2026", date(2026, 6, 25)), ("06/06/2026", date(2026, 6, 6))],
)
def test_a_date_of_which_only_one_half_can_be_a_month_needs_no_word(written, read):
    assert day(written) == read


def test_a_date_against_the_merchants_word_is_not_turned_round():
    assert day("25/06/2026", DateOrder.MONTH_FIRST) is None


@pytest.mark.parametrize(
    "written",
    [*("tomorrow", "Sunday", "June 7", "7/6", "06/07/26", "2026-02-30", "2026-13-01", "12345"),
     *("99999999999", "1926-06-07", "", "7 Mai 2026", "2026-06", "٢٠٢٦-٠٦-٠٧")],
)  # fmt: skip
def test_what_is_no_sure_date_is_not_guessed(written):
    assert day(written) is None


@given(st.dates(date(2020, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_as_it_was_written_in_each_sure_form(that):
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    stamp = int(datetime(that.year, that.month, that.day, tzinfo=UTC).timestamp())
    for written in (
        that.isoformat(),
        f"{that.day} {months[that.month - 1]} {that.year}",
        f"{months[that.month - 1]} {that.day}, {that.year}",
        f"{that.day:02}.{that.month:02}.{that.year}",
        *([str(stamp)] if len(str(stamp)) == 10 else []),
    ):
        assert day(written, DateOrder.MONTH_FIRST) == that
    assert day(f"{that.day:02}/{that.month:02}/{that.year}", DateOrder.DAY_FIRST) == that


@pytest.mark.parametrize(
    ("written", "slot"),
    [
        *((text, (10, 12)) for text in ("10:00 - 12:00", "10:00-12:00", "10am-12pm", "10:00 AM – 12:00 PM", "10-12")),
        *(
            (text, (10, 12))
            for text in ("10.00–12.00", "10:00 to 12:00", "between 10:00 and 12:00", "10-12pm", "10h-12h")
        ),
        *(
            (text, (10, 12))
            for text in ("10:00:00 - 12:00:00", "10 a.m. - 12 p.m.", "from 10:00 until 12:00", "10AM—12PM")
        ),
        *((("2-4pm", (14, 16))), (("11-1pm", (11, 13))), (("12pm-1pm", (12, 13))), (("12am-1am", (0, 1)))),
        *((("22:00 - 01:00", (22, 1))), (("20:00 - 24:00", (20, 0))), (("14:00", (14, 15))), (("2pm", (14, 15)))),
    ],
)
def test_a_slot_is_read_in_the_ways_that_shops_write_it(written, slot):
    assert slot_of(written, ShopSettings()) == tuple(time(hour) for hour in slot)


@pytest.mark.parametrize(
    "written",
    ["morning", "10", "9:00 - 5:00", "12:00 - 12:00", "25:00 - 26:00", "13pm-14pm", "10:75 - 11", "-", "soon"],
)
def test_a_slot_that_is_none_is_not_guessed(written):
    assert slot_of(written, ShopSettings()) is None


def test_slots_with_names_are_the_merchants_to_say():
    own = ShopSettings.model_validate({"named_slots": {"Morning round": {"opens": "08:00", "closes": "11:00"}}})
    assert slot_of("MORNING ROUND", own) == (time(8), time(11))


def wanted(attributes, **given):
    return wanted_of(attributes, ShopSettings(**given), lambda: CHICAGO)


@pytest.mark.parametrize(
    "attributes",
    [
        {"Delivery-Date": "2026-06-07", "Delivery-Time": "10:00 - 12:00"},
        {"delivery_date": "2026-06-07", "delivery_time": "10am-12pm"},
        {"Delivery Date": "7 June, 2026", "_orddd_timestamp": "1780790400", "_orddd_time_slot": "10:00 AM - 12:00 PM"},
        {"jckwds_date": "07/06/2026", "jckwds_date_ymd": "2026/06/07", "jckwds_timeslot": "10:00 - 12:00"},
        {"pi_delivery_date": "2026/06/07", "pi_delivery_time": "10:00-12:00"},
        {"Delivery-Date": "2026-06-07 10:00 - 12:00"},
        {"Delivery slot": "2026-06-07 10:00 - 12:00"},
    ],
)
def test_what_common_plugins_write_is_understood(attributes):
    assert wanted(attributes) == (D, (time(10), time(12)))


def test_the_merchants_own_keys_come_first():
    told = {"Bring it on": "2026-06-07", "At": "10-12", "Delivery-Date": "2026-06-09", "Delivery-Time": "14-15"}
    assert wanted(told, date_keys=("bring it on",), time_keys=("At",)) == (D, (time(10), time(12)))


@pytest.mark.parametrize(
    "attributes", [{}, {"Delivery-Date": ""}, {"Delivery-Time": "ASAP"}, {"Pickup-Date": "2026-06-07"}, {"gift": "yes"}]
)
def test_an_order_without_a_date_is_for_as_soon_as_possible(attributes):
    assert wanted(attributes) is None


@pytest.mark.parametrize(
    "attributes",
    [
        {"Delivery-Date": "06/07/2026"},
        {"Delivery-Date": "next week"},
        {"Delivery-Date": "2026-06-07", "Delivery-Time": "teatime"},
        {"Delivery-Time": "10:00 - 12:00"},
    ],
)
def test_a_date_or_time_that_can_not_be_read_is_refused(attributes):
    with pytest.raises(Unprocessable, match="delivery_date_unreadable"):
        wanted(attributes)


def window(attributes, zone=CHICAGO, hours=None, now=NOW, **given):
    found = wanted(attributes, **given)
    return window_of(found, zone, hours, now)


def local(window, zone=CHICAGO):
    return tuple(f"{moment.astimezone(zone):%d %H:%M}" for moment in (window.opens_at, window.closes_at))


def test_a_slot_is_a_window_by_the_shops_clock():
    found = window({"Delivery-Date": "2026-06-06", "Delivery-Time": "10:00 - 12:00"})
    assert (found.opens_at, found.closes_at) == (
        datetime(2026, 6, 6, 15, tzinfo=UTC),
        datetime(2026, 6, 6, 17, tzinfo=UTC),
    )


def test_a_day_without_a_time_is_while_the_store_is_open():
    week = [{"day": "sunday", "opens": "11:00", "closes": "15:00"}]
    hours = OpeningHours.model_validate({"time_zone": "America/Chicago", "week": week})
    assert local(window({"Delivery-Date": "2026-06-07"}, hours=hours)) == ("07 11:00", "07 15:00")
    assert local(window({"Delivery-Date": "2026-06-07"})) == ("07 09:00", "07 18:00")


@pytest.mark.parametrize(
    "attributes", [{"Delivery-Date": "2026-05-31"}, {"Delivery-Date": "2026-06-01", "Delivery-Time": "8-9"}]
)
def test_a_date_in_the_past_is_refused(attributes):
    with pytest.raises(Unprocessable, match="delivery_date_over"):
        window(attributes)


@pytest.mark.parametrize(
    ("when", "slot", "hours"),
    [
        ("2026-03-08", "10:00 - 12:00", 2),
        ("2026-03-08", "01:00 - 04:00", 2),
        ("2026-11-01", "10:00 - 12:00", 2),
        ("2026-11-01", "00:00 - 03:00", 4),
        ("2026-11-01", "01:00 - 01:30", 1.5),
    ],
)
def test_on_the_days_when_clocks_change_a_slot_is_what_the_wall_says(when, slot, hours):
    found = window({"Delivery-Date": when, "Delivery-Time": slot}, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert found.closes_at - found.opens_at == timedelta(hours=hours)
    assert local(found)[0][3:] == slot[:5]


def test_a_slot_that_the_clocks_swallow_is_refused():
    with pytest.raises(Unprocessable, match="delivery_date_unreadable"):
        window({"Delivery-Date": "2026-03-08", "Delivery-Time": "02:30 - 03:15"}, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_without_a_named_zone_the_shops_offset_counts_as_long_as_nobodys_clocks_change():
    placed, offset = datetime(2026, 6, 1, 15, tzinfo=UTC), timedelta(hours=-5)
    zone = zone_of_shop(None, offset)
    soon = window({"Delivery-Date": "2026-06-06", "Delivery-Time": "10-12"}, zone=zone)
    refuse_unsure_offset(offset, placed, soon)
    late = window({"Delivery-Date": "2026-11-02", "Delivery-Time": "10-12"}, zone=zone)
    with pytest.raises(Unprocessable, match="no_time_zone"):
        refuse_unsure_offset(offset, placed, late)
    with pytest.raises(Unprocessable, match="no_time_zone"):
        zone_of_shop(None, None)


@pytest.mark.parametrize(
    ("written", "opens", "closes"),
    [
        ("8pm - 10", time(20), time(22)),
        ("10am-12", time(10), time(12)),
        ("10am - 2", time(10), time(14)),
        ("10pm - 2", time(22), time(2)),
        ("10am - 13:30", time(10), time(13, 30)),
    ],
)
def test_a_slot_that_says_am_or_pm_at_its_beginning_ends_at_the_next_such_hour(written, opens, closes):
    assert slot_of(written, ShopSettings()) == (opens, closes)


@pytest.mark.parametrize("written", ["1 - 3", "2:00 - 4:00", "3:30", "5-7"])
def test_an_hour_that_may_be_of_the_night_or_the_afternoon_is_not_guessed(written):
    assert slot_of(written, ShopSettings()) is None


def test_an_early_hour_with_a_leading_zero_is_of_the_night():
    assert slot_of("02:00 - 04:00", ShopSettings()) == (time(2), time(4))


@pytest.mark.parametrize("written", ["5. marraskuu 2026", "5 marketing 2026", "Decor 5 2026", "6 juin 2026"])
def test_a_word_that_only_begins_like_a_month_is_none(written):
    assert day(written) is None
