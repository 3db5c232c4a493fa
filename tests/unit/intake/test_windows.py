"""The missing window follows from the given one, and a promise that can't be kept is refused."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crowdship.deliveries.lateness import Way
from crowdship.intake.orders.agreement import agree, requested
from crowdship.intake.orders.model import QuoteRequest
from crowdship.intake.orders.windows import MINIMUM_WINDOW, windows
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.hours import OpeningHours
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import Zone
from tests.city import CENTRE, NOON, at, settings
from tests.unit.kernel.test_hours import HOURS, MOMENTS, ZONES, daily

SPANS = st.tuples(st.integers(0, 2880), st.integers(1, 1440))
WAYS = st.builds(Way, stay_s=st.integers(0, 3600), travel_s=st.integers(0, 6 * 3600))
PROMISES = st.integers(5, 1440)


class Asked:
    def __init__(self, pickup: Window | None = None, dropoff: Window | None = None) -> None:
        self.pickup_window, self.dropoff_window = pickup, dropoff


def window(opens_min: float, closes_min: float) -> Window:
    return Window(opens_at=NOON + timedelta(minutes=opens_min), closes_at=NOON + timedelta(minutes=closes_min))


def span(opens_after: int, minutes: int) -> Window:
    return window(opens_after, opens_after + minutes)


def promised(minutes: int = 60):
    return settings().model_copy(update={"promise_minutes": minutes})


def made(asked: Asked, way: Way, minutes: int = 60, hours: OpeningHours | None = None) -> tuple[Window, Window]:
    return windows(asked, promised(minutes), way, NOON, hours)


@given(st.none() | SPANS, st.none() | SPANS, WAYS, PROMISES)
def test_a_pickup_at_any_moment_of_a_window_that_we_made_or_from_which_one_followed_keeps_the_promise(
    pickup, dropoff, way, promise
):
    asked = Asked(pickup and span(*pickup), dropoff and span(*dropoff))
    try:
        first, second = made(asked, way, promise)
    except Unprocessable:
        return
    assert asked.pickup_window in (None, first)
    assert asked.dropoff_window in (None, second)
    assert max(NOON, first.opens_at) + way.takes <= second.closes_at
    if not (pickup and dropoff):
        assert first.closes_at + way.takes <= second.closes_at


@given(st.none() | SPANS, SPANS, WAYS, PROMISES)
def test_a_promise_is_refused_only_if_it_can_not_be_kept_and_the_moment_that_is_told_is_taken(
    pickup, dropoff, way, promise
):
    asked = Asked(pickup and span(*pickup), span(*dropoff))
    try:
        made(asked, way, promise)
    except Unprocessable as refusal:
        assume(refusal.code in ("dropoff_too_soon", "windows_crossed"))
        earliest = max(NOON, asked.pickup_window.opens_at if asked.pickup_window else NOON) + way.takes
        assert asked.dropoff_window.closes_at < earliest + timedelta(minutes=1)
        told = max(word for word in refusal.detail.split() if word.startswith("20") and "T" in word)
        later = Window.model_validate({"opens_at": NOON, "closes_at": told})
        assume(later.closes_at - later.opens_at <= timedelta(days=1))
        assert made(Asked(asked.pickup_window, later), way, promise)


@given(WAYS, PROMISES)
def test_what_is_ordered_for_now_is_promised_for_no_sooner_than_the_way_allows(way, promise):
    pickup, dropoff = made(Asked(), way, promise)
    assert dropoff.closes_at == NOON + max(timedelta(minutes=promise), way.takes + MINIMUM_WINDOW)
    assert (pickup.opens_at, pickup.closes_at) == (NOON, dropoff.closes_at - way.takes)


def test_a_wide_pickup_window_alone_is_promised_after_its_end():
    pickup, dropoff = made(Asked(pickup=window(60, 420)), Way(stay_s=120, travel_s=600))
    assert pickup == window(60, 420)
    assert dropoff == window(60, 480)


def test_a_wide_drop_off_window_alone_is_picked_up_until_the_way_begins_that_ends_with_it():
    pickup, dropoff = made(Asked(dropoff=window(120, 480)), Way(stay_s=0, travel_s=1800))
    assert pickup == window(60, 450)
    assert dropoff == window(120, 480)


def test_a_drop_off_that_is_due_a_minute_after_the_pickup_opens_is_refused_with_the_earliest_moment():
    far = Zone(id="testville", settings=promised())
    asked = QuoteRequest.model_validate(
        {
            "dropoff": {"point": at(0, 20_000).model_dump()},
            "pickup_window": window(60, 120).model_dump(),
            "dropoff_window": window(30, 61).model_dump(),
        }
    )
    with pytest.raises(Unprocessable, match="2026-06-01T14:09:00Z or later") as refusal:  # 2 min and 20 km at 5 m/s
        agree(requested(asked, CENTRE), far, GreatCircle(far.settings.travel), NOON, lambda: False)
    assert (refusal.value.code, refusal.value.pointer) == ("dropoff_too_soon", "/dropoff_window/closes_at")


def test_a_store_that_opens_later_moves_the_drop_off_with_the_pickup():
    store = daily("14:00", "18:00", zone="UTC")
    pickup, dropoff = made(Asked(), Way(stay_s=120, travel_s=600), 180, store)
    assert pickup.opens_at == dropoff.opens_at == NOON + timedelta(hours=2)
    assert dropoff.closes_at == NOON + timedelta(hours=5)
    assert pickup.closes_at == NOON + timedelta(hours=3)  # for so long a pickup is looked for: one promise from now
    late, _ = made(Asked(dropoff=window(60, 300)), Way(travel_s=600), 60, store)
    assert late == window(120, 290)


@given(HOURS, MOMENTS, st.none() | SPANS, st.none() | SPANS, WAYS)
def test_a_pickup_at_a_store_is_within_its_hours_also_when_the_clocks_change(store, moment, pickup, dropoff, way):
    def from_now(span):
        opens = span and moment + timedelta(minutes=span[0])
        return span and Window(opens_at=opens, closes_at=opens + timedelta(minutes=span[1]))

    try:
        first, second = windows(Asked(from_now(pickup), from_now(dropoff)), promised(), way, moment, store)
    except Unprocessable:
        return
    assert any(o <= first.opens_at and first.closes_at <= c for o, c in store.stretches(first.opens_at))
    assert first.opens_at + way.takes <= second.closes_at


@given(ZONES, MOMENTS, WAYS)
def test_the_length_of_a_promise_is_the_same_on_a_day_on_which_the_clocks_change(zone, moment, way):
    always = daily("00:00", "00:00", zone=zone)
    assert windows(Asked(), promised(), way, moment, always) == windows(Asked(), promised(), way, moment)
