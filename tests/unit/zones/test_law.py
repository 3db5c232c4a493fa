"""Law bounds the settings of a zone, and each offer has the time that the law of its pickup gives."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.dispatch.offers.window import answer_seconds, longest_answer_seconds
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.law.book import LAW
from crowdship.law.places import jurisdictions_of
from crowdship.zones.law import BOUNDS, jurisdictions_at, jurisdictions_in, refuse_unlawful
from crowdship.zones.model import Zone, ZoneSettings
from crowdship.zones.views import LawView
from tests.city import delivery

DENVER, SEATTLE, CHICAGO = (39.7392, -104.9903), (47.6062, -122.3321), (41.8819, -87.6278)
KANSAS = (39.3, -102.03)  # 2 km east of Colorado
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEGINS = datetime(2025, 1, 1, 7, tzinfo=UTC)
"""Midnight in Denver, when Colorado's law on offers began."""


def square(middle, half=0.05):
    lat, lon = middle
    corners = ((-half, -half), (-half, half), (half, half), (half, -half))
    return tuple(Point(lat=lat + north, lon=lon + east) for north, east in corners)


def settings(middle, seconds, *jurisdictions, half=0.05):
    return ZoneSettings.model_validate(
        {
            "name": "Zone",
            "area": square(middle, half),
            "dispatch": {"offers": {"seconds": seconds}},
            "jurisdictions": jurisdictions,
        }
    )


def order(at=CHICAGO):
    point = Point(lat=at[0], lon=at[1])
    return delivery(pickup=point, dropoff=point, pickup_law=jurisdictions_of(point))


def test_a_zone_in_denver_with_ten_seconds_is_refused_with_the_rule_its_place_figure_and_source():
    with pytest.raises(Unprocessable) as refused:
        refuse_unlawful(settings(DENVER, 10), NOW)
    assert (refused.value.code, refused.value.pointer) == ("below_the_law", "/dispatch/offers/seconds")
    assert refused.value.detail == (
        "It is 10; offer_window of Colorado (US-CO) is 60 seconds since 2025-01-01, published: "
        "C.R.S. 8-4-126 (HB24-1129)."
    )


@pytest.mark.parametrize(
    ("middle", "seconds", "named", "now", "lawful"),
    [
        (DENVER, 59, (), NOW, False),
        (DENVER, 60, (), NOW, True),
        (DENVER, 10, (), BEGINS - timedelta(seconds=1), True),
        (DENVER, 10, (), BEGINS, False),
        (CHICAGO, 10, (), NOW, True),
        (CHICAGO, 10, ("US-CO",), NOW, False),
        (CHICAGO, 60, ("US-CO",), NOW, True),
        (KANSAS, 10, (), NOW, False),  # touches the border's margin
        ((52.5, 13.4), 10, (), NOW, True),
        ((52.5, 13.4), 10, ("EU-DE",), NOW, True),
    ],
)
def test_a_zone_is_held_to_the_law_of_every_jurisdiction_that_it_touches_or_names(middle, seconds, named, now, lawful):
    wanted = settings(middle, seconds, *named)
    if lawful:
        refuse_unlawful(wanted, now)
        return
    with pytest.raises(Unprocessable, match="offer_window"):
        refuse_unlawful(wanted, now)


def test_an_unknown_jurisdiction_is_refused_where_it_stands():
    with pytest.raises(Unprocessable) as refused:
        refuse_unlawful(settings(CHICAGO, 60, "US-IL", "US-ZZ"), NOW)
    assert (refused.value.code, refused.value.pointer) == ("unknown_jurisdiction", "/jurisdictions/1")
    assert "US-WA-seattle" in refused.value.detail


def test_a_named_jurisdiction_brings_the_wider_ones_and_takes_none_away():
    assert jurisdictions_at(Point(lat=41.0, lon=-87.0), settings(CHICAGO, 60, "US-WA-seattle", "EU-ES")) == (
        "US",
        "EU",
        "US-IN",
        "US-WA",
        "EU-ES",
        "US-IN-jasper",
        "US-WA-seattle",
    )


@pytest.mark.parametrize(
    ("places", "setting", "now", "seconds"),
    [
        ([DENVER], 10, NOW, 60),
        ([DENVER], 120, NOW, 120),
        ([DENVER], 10, BEGINS - timedelta(seconds=1), 10),
        ([DENVER], 10, BEGINS, 60),
        ([SEATTLE], 10, NOW, 10),
        ([SEATTLE, DENVER], 10, NOW, 60),  # a bundle
    ],
)
def test_an_offer_is_open_as_long_as_the_law_of_its_pickups_says_whatever_the_zone_says(places, setting, now, seconds):
    assert answer_seconds([order(place) for place in places], settings(CHICAGO, setting), now) == seconds


def test_a_jurisdiction_that_a_zone_named_after_the_order_counts_for_its_offer():
    assert answer_seconds([order()], settings(CHICAGO, 10, "US-CO-denver"), NOW) == 60


SECONDS = st.integers(10, 3600)
MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
PLACES = st.sampled_from((DENVER, SEATTLE, CHICAGO, KANSAS, (39.9985, -102.04)))
NAMED = st.lists(st.sampled_from(sorted(LAW.jurisdictions.keys() - {"*"})), max_size=3)


@given(PLACES, SECONDS, NAMED, MOMENTS)
def test_no_setting_of_a_zone_undercuts_the_law_of_its_place(middle, seconds, named, now):
    wanted, waiting = settings(middle, seconds, *named), order(middle)
    window = answer_seconds([waiting], wanted, now)
    rule = LAW.strictest("offer_window", (*waiting.pickup_law, *named), now)
    assert window >= max(seconds, rule.number if rule else 0)
    assert longest_answer_seconds(wanted, now) >= window
    try:
        refuse_unlawful(wanted, now)
    except Unprocessable:
        return
    # A zone that was accepted needs no correction on the same day.
    assert window == seconds


def test_each_bound_is_a_setting_and_a_rule_of_the_tables():
    wanted = settings(CHICAGO, 77)
    for bound in BOUNDS:
        value = wanted.model_dump()
        for part in bound.pointer.split("/")[1:]:
            value = value[part]
        assert bound.value(wanted) == value
        assert bound.rule in LAW.kinds


def view(middle, on=None, *named):
    return LawView.of(Zone(id="zone", settings=settings(middle, 60, *named)), on, NOW)


def test_staff_see_each_row_of_a_zone_and_which_of_several_holds():
    shown = view(SEATTLE, date(2026, 6, 1))
    rows = {(row.rule, row.jurisdiction): row for row in shown.rules}
    seattle, state = rows["offer_per_mile", "US-WA-seattle"], rows["offer_per_mile", "US-WA"]
    assert (seattle.figure, seattle.status, seattle.holds, seattle.ends) == ("0.80 USD", "derived", True, None)
    assert (state.figure, state.status, state.holds) == ("", "not_applicable", False)
    names = {one.code: one.name for one in shown.jurisdictions}
    assert names["US-WA-seattle"] == "Seattle"
    assert names["US-WA-king"] is None


def test_staff_see_the_law_of_a_past_day_and_of_now():
    figures = {
        on: [row.figure for row in view(DENVER, on).rules if row.rule == "offer_window"]
        for on in (date(2024, 12, 31), date(2025, 1, 1), None)
    }
    assert list(figures.values()) == [[], ["60"], ["60"]]


def test_both_rows_of_a_joined_list_hold():
    shown = view(DENVER, None, "US-NY-new-york-city")
    assert [row.holds for row in shown.rules if row.rule == "offer_disclosure"] == [True, True]


def test_a_zone_outside_the_united_states_that_names_nothing_has_no_law():
    assert jurisdictions_in(settings((52.5, 13.4), 60)) == ()
    assert not [row for row in view((52.5, 13.4)).rules if row.jurisdiction != "*"]
