"""What is served, at which price, and what differs from a quote."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.intake.orders.agreement import Agreement, agree, differences, requested
from crowdship.intake.orders.model import DeliveryRequest, JobRequest, QuoteRequest
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.hours import WEEK, Opening, OpeningHours
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel, Size
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.shipment import ShipmentRequest
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import Zone, ZoneSettings
from tests.city import CENTRE, NOON, at, request, settings


def zone(**changes: object) -> Zone:
    return Zone(id="testville", settings=ZoneSettings.model_validate({**dict(settings()), **changes}))


def terms(east_m: float = 2000, **changes: object) -> ShipmentRequest:
    return requested(QuoteRequest.model_validate({"dropoff": {"point": at(east_m).model_dump()}, **changes}), CENTRE)


def agreed(asked: ShipmentRequest, where: Zone | None = None, *, own: bool = False, **more: object) -> Agreement:
    there = where or zone()
    return agree(asked, there, GreatCircle(there.settings.travel), NOON, lambda: own, **more)


def refused(asked: ShipmentRequest, where: Zone | None = None) -> tuple[str, str | None]:
    with pytest.raises(Unprocessable) as refusal:
        agreed(asked, where)
    return refusal.value.code, refusal.value.pointer


def open_from(opens: str, closes: str) -> OpeningHours:
    spans = (Opening(day=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)) for day in WEEK)
    return OpeningHours(time_zone="America/Chicago", week=tuple(spans))  # NOON, in UTC, is 07:00 there


def window(opens_h: float, closes_h: float) -> dict[str, object]:
    return {"opens_at": NOON + timedelta(hours=opens_h), "closes_at": NOON + timedelta(hours=closes_h)}


def test_farther_than_the_zones_longest_trip_is_too_far():
    assert refused(terms(3001), zone(longest_trip_m=3000)) == ("too_far", "/dropoff/point")
    assert agreed(terms(2999), zone(longest_trip_m=3000))


def test_what_no_vehicle_of_the_zone_carries_is_too_big_by_weight_by_volume_or_by_its_sides():
    light = zone(vehicles=("foot", "bicycle"))
    assert agreed(terms(1000, parcel={"weight_g": 25_000}), light)
    assert refused(terms(1000, parcel={"weight_g": 25_001}), light) == ("too_big", "/parcel")
    assert refused(terms(1000, parcel={"weight_g": 1, "volume_l": 101}), light) == ("too_big", "/parcel")
    plank = Parcel(weight_g=900, size=Size(length_cm=5, width_cm=200, height_cm=5))
    assert refused(terms(1000, parcel=plank.model_dump()), light) == ("too_big", "/parcel")
    assert refused(terms(1000, parcel=plank.model_dump()), zone(vehicles=("car",))) == ("too_big", "/parcel")
    assert agreed(terms(1000, parcel=plank.model_dump()), zone(vehicles=("van",)))


def test_a_trip_that_no_vehicle_which_carries_it_makes_has_no_eligible_driver():
    light = zone(vehicles=("foot", "bicycle"))
    assert agreed(terms(5900), light)
    assert refused(terms(6100), light) == ("no_eligible_driver", "/dropoff/point")
    walkers = zone(vehicles=(VehicleKind.FOOT,))
    assert refused(terms(1600), walkers) == ("no_eligible_driver", "/dropoff/point")


def test_restricted_goods_are_carried_where_the_zone_says_so():
    assert refused(terms(goods="alcohol")) == ("restricted_goods", "/goods")
    assert refused(terms(goods="tobacco"), zone(goods=("alcohol",))) == ("restricted_goods", "/goods")
    agreement = agreed(terms(goods="alcohol"), zone(goods=("alcohol",)))
    assert agreement.requirements.minimum_age == 21


def test_a_request_may_ask_for_more_than_its_goods_demand_never_for_less():
    wet = zone(goods=("alcohol", "prescription"))
    assert agreed(terms(goods="alcohol", requirements={"minimum_age": 25}), wet).requirements.minimum_age == 25
    assert agreed(terms(goods="alcohol", requirements={"minimum_age": 18}), wet).requirements.minimum_age == 21
    assert agreed(terms(goods="prescription"), wet).requirements == Requirements(
        signature=True, recipient_relation=True, custody_scan=True
    )


def test_cannabis_is_for_a_merchants_own_drivers_only():
    green = zone(goods=("cannabis",))
    assert refused(terms(goods="cannabis"), green) == ("no_eligible_driver", "/goods")
    assert agreed(terms(goods="cannabis"), green, own=True).goods == "cannabis"


def test_nothing_is_taken_for_now_while_the_zone_is_closed():
    assert refused(terms(), zone(hours=open_from("09:00", "20:00"))) == ("zone_closed", "/pickup_window")
    assert agreed(terms(), zone(hours=open_from("06:00", "20:00")))


def test_a_closed_zone_says_when_it_opens_next_if_it_does_soon():
    daily = open_from("09:00", "20:00")
    holidays = tuple(NOON.date() + timedelta(days=n) for n in range(40))
    for days, told in ((1, "it opens next at 2026-06-02T14:00:00Z"), (40, "it does not open in 31 days")):
        closed = daily.model_copy(update={"closed_on": holidays[:days]})
        with pytest.raises(Unprocessable, match=told):
            agreed(terms(), zone(hours=closed))


def test_what_is_ordered_at_night_for_the_morning_is_taken():
    day = zone(hours=open_from("09:00", "20:00"))  # opens two hours after NOON
    assert agreed(terms(dropoff_window=window(3, 5)), day)
    assert agreed(terms(pickup_window=window(2, 3)), day)
    assert refused(terms(dropoff_window=window(16, 18)), day) == ("zone_closed", "/pickup_window")
    late = terms(pickup_window=window(12, 13), dropoff_window=window(14, 15))
    assert refused(late, day) == ("zone_closed", "/dropoff_window")


def test_what_is_only_told_when_to_arrive_is_picked_up_within_the_promise_before_that():
    agreement = agreed(terms(dropoff_window=window(5, 6)))
    assert agreement.pickup_window.opens_at == NOON + timedelta(hours=4)


def test_whatever_is_agreed_is_no_different_when_it_is_asked_again():
    """The same terms, written out as they were agreed, differ in nothing."""
    agreement = agreed(terms(goods="alcohol", requirements={"minimum_age": 18}), zone(goods=("alcohol",)))
    said = request(
        parcel=agreement.parcel,
        requirements=agreement.requirements,
        goods=agreement.goods,
        priority=agreement.priority,
        pickup_window=agreement.pickup_window,
        dropoff_window=agreement.dropoff_window,
    )
    assert list(differences(agreement, said, CENTRE)) == []
    assert list(differences(agreement, request(), CENTRE)) == []


CHANGES: dict[str, tuple[dict[str, object], set[str]]] = {
    "parcel": ({"parcel": Parcel(weight_g=2001)}, {"/parcel/weight_g"}),
    "requirements": (
        {"requirements": Requirements(photo=True, skills=("cold_box",))},
        {"/requirements/photo", "/requirements/skills"},
    ),
    "priority": ({"priority": Priority.URGENT}, {"/priority"}),
    "goods": ({"goods": "alcohol"}, {"/goods"}),
    "dropoff": ({"east_m": 2001}, {"/dropoff/point"}),
    "window": (
        {"dropoff_window": Window(opens_at=NOON, closes_at=NOON + timedelta(minutes=61))},
        {"/dropoff_window"},
    ),
}


@given(st.sets(st.sampled_from(sorted(CHANGES)), min_size=1))
def test_every_term_that_differs_is_pointed_at_and_no_other(names):
    changes: dict[str, object] = {}
    for name in names:
        changes |= CHANGES[name][0]
    found = {pointer for pointer, _ in differences(agreed(terms()), request(**changes), CENTRE)}
    assert found == set().union(*(CHANGES[name][1] for name in names))


def test_another_pickup_differs():
    assert [pointer for pointer, _ in differences(agreed(terms()), request(), at(1))] == ["/pickup/point"]


places = st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)).map(lambda where: at(*where))


@given(st.lists(places, min_size=2, max_size=15), st.booleans())
def test_a_job_never_costs_more_than_its_deliveries_alone_and_earns_something_for_each(points, urgent):
    asked = [terms(priority="urgent" if urgent else "normal").model_copy(update={"dropoff": p}) for p in points]
    alone = [agreed(one).price for one in asked]
    after = [None, *points]
    job = [agreed(one, after=after[n]).price for n, one in enumerate(asked)]
    assert job[0] == alone[0]
    for together, single in zip(job[1:], alone[1:], strict=True):
        assert together.charge_total.amount < single.charge_total.amount
        assert 0 < together.pay_total.amount < single.pay_total.amount


def test_a_further_drop_off_counts_from_the_one_before():
    first, second = agreed(terms(2000)).price, agreed(terms(2500), after=at(2000)).price
    assert first.charge_total.amount == 599 + 190
    assert [(part.code, part.amount.amount) for part in second.charge] == [("base", 299), ("distance", 48)]


def test_every_drop_off_of_a_job_shares_its_pickup_window_and_priority():
    dropoffs = [request(f"order-{n}").model_dump(include={"external_id", "dropoff"}) for n in range(3)]
    job = JobRequest.model_validate({"dropoffs": dropoffs, "priority": "urgent", "pickup_window": window(1, 2)})
    for asked in job.requests():
        assert isinstance(asked, DeliveryRequest)
        assert (asked.priority, asked.pickup_window) == (Priority.URGENT, job.pickup_window)
