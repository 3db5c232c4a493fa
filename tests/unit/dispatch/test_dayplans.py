"""From a dispatcher's request to the planner's problem."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.dayplan.rules import (
    MOST_DELIVERIES,
    MOST_EXPLAINED,
    URGENT,
    DayPlanRequest,
    DayProblem,
    PlannedFor,
    Shift,
    left_out,
    make_day_problem,
    refuse_too_many,
    start_of,
)
from crowdship.drivers.compliance import Document, DocumentKind, Obstacle
from crowdship.drivers.model import Driver, DriverKind, Vehicle
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import TravelRules
from tests.city import CENTRE, NOON, SUSPENDED, at, delivery

RULES = TravelRules(speed_mps=5, detour_factor=1)
SLOW_SHOP = at(0, 777)
LATEST = datetime.max.replace(tzinfo=UTC)
EVENING = NOON + timedelta(hours=8)


def driver(name: str = "drv_1", **fields: object) -> Driver:
    given: dict[str, object] = {
        "id": name,
        "home_zone_id": "testville",
        "person_token": "pii_1",
        "vehicle": Vehicle(kind=VehicleKind.CAR, max_weight_g=50_000, max_volume_l=200),
        "documents": tuple(Document(kind=kind, valid_until=date(2030, 1, 1)) for kind in DocumentKind),
        "created_at": NOON,
    }
    return Driver(**{**given, **fields})


def shift(name: str = "drv_1", **fields: object) -> Shift:
    return Shift(**{"driver_id": name, "on_at": NOON, "off_at": EVENING, **fields})


def stay_s(kind: StopKind, place: Point) -> int:
    """180 s at shops, 120 s at doors, but for one shop that lets drivers wait."""
    return 600 if place == SLOW_SHOP else 180 if kind is StopKind.PICKUP else 120


def problem(deliveries: list[Delivery], drivers: list[Driver], end: Point | None = None) -> DayProblem:
    planned = [PlannedFor(one, shift(one.id, end=end), at(-1000)) for one in drivers]
    return make_day_problem(deliveries, planned, NOON, GreatCircle(RULES), stay_s)


def who_may(made: DayProblem) -> dict[str, set[str]]:
    return {job.id: {one.id for one in made.vehicles if job.skills <= one.skills} for job in made.jobs}


def asked(**fields: object) -> DayPlanRequest:
    given = {"opens_from": NOON, "opens_until": EVENING, "drivers": [shift()], **fields}
    return DayPlanRequest(**given)


def test_a_delivery_is_two_stops_with_its_windows_its_load_and_the_stays_that_places_take():
    window = Window(opens_at=NOON + timedelta(hours=1), closes_at=NOON + timedelta(hours=2))
    made = problem([delivery(pickup_window=window, parcel=Parcel(weight_g=700, volume_l=3))], [driver()])
    (job,) = made.jobs
    pickup, dropoff = job.stops
    assert (pickup.pickup, pickup.load, pickup.opens_at, pickup.closes_at) == (True, (700, 3), 3600, 7200)
    assert (dropoff.pickup, dropoff.load, dropoff.opens_at, dropoff.closes_at) == (False, (-700, -3), 0, 3600)
    assert (pickup.service_s, dropoff.service_s) == (180, 120)
    (slow,) = problem([delivery(pickup=SLOW_SHOP)], [driver()]).jobs
    assert [stop.service_s for stop in slow.stops] == [600, 120]
    assert made.moment(pickup.opens_at) == window.opens_at


def test_a_driver_is_a_vehicle_with_their_shift_and_what_it_holds():
    made = problem([delivery()], [driver()], end=CENTRE)
    (vehicle,) = made.vehicles
    assert (vehicle.on_at, vehicle.off_at, vehicle.capacity) == (0, 8 * 3600, (50_000, 200))
    assert vehicle.end == made.jobs[0].stops[0].place
    assert made.matrix[vehicle.start][vehicle.end] == pytest.approx(200, rel=0.01)


def test_one_place_is_one_row_of_the_matrix():
    made = problem([delivery("dlv_1"), delivery("dlv_2", dropoff=at(0, 900))], [driver()])
    assert len(made.matrix) == len(made.matrix[0]) == 4


def test_a_dedicated_driver_gets_only_what_is_their_merchants():
    own = driver("drv_own", kind=DriverKind.DEDICATED, merchant_id="mer_1")
    made = problem([delivery("dlv_1"), delivery("dlv_2", merchant_id="mer_2")], [own, driver("drv_crowd")])
    assert who_may(made) == {"dlv_1": {"drv_own", "drv_crowd"}, "dlv_2": {"drv_crowd"}}
    assert made.cannot["dlv_2"] == {"dedicated_to_another_merchant": 1}


def test_skills_refusals_and_how_far_a_vehicle_is_sent_decide_who_may():
    cold = delivery("dlv_cold", requirements=Requirements(skills=("cold_box",)))
    refused = delivery("dlv_refused").with_changes(declined_by=("drv_able",))
    far = delivery("dlv_far", dropoff=at(5000))
    walker = Vehicle(kind=VehicleKind.FOOT, max_weight_g=10_000, max_volume_l=30)
    made = problem([cold, refused, far], [driver("drv_able", skills=("cold_box",)), driver("drv_foot", vehicle=walker)])
    assert who_may(made) == {"dlv_cold": {"drv_able"}, "dlv_refused": set(), "dlv_far": {"drv_able"}}
    assert made.cannot["dlv_refused"] == {"declined_it": 1, "trip_too_long_for_vehicle": 1}


def test_who_may_take_everything_needs_no_skills_and_urgent_comes_first():
    made = problem([delivery("dlv_1"), delivery("dlv_2", priority=Priority.URGENT)], [driver("a"), driver("b")])
    assert [job.skills for job in made.jobs] == [frozenset(), frozenset()]
    assert [job.priority for job in made.jobs] == [0, URGENT]


def test_papers_last_to_the_end_of_the_shift_or_the_driver_is_left_out():
    until_today = tuple(Document(kind=kind, valid_until=NOON.date()) for kind in DocumentKind)
    assert left_out(driver(documents=until_today), shift()) is None
    overnight = shift(off_at=NOON + timedelta(hours=13))
    assert left_out(driver(documents=until_today), overnight) is Obstacle.DOCUMENTS_MISSING
    assert left_out(driver(standing=SUSPENDED), shift()) is Obstacle.SUSPENDED


def test_a_shift_begins_where_the_request_says_or_where_the_driver_was_last_heard_of():
    assert start_of(shift(start=at(1)), 0, at(2)) == at(1)
    assert start_of(shift(), 0, at(2)) == at(2)
    with pytest.raises(Unprocessable) as refused:
        start_of(shift(), 7, None)
    assert refused.value.pointer == "/drivers/7/start"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"opens_until": NOON}, ("opens_until",)),
        ({"opens_until": NOON + timedelta(hours=25)}, ("opens_until",)),
        ({"drivers": []}, ("drivers",)),
        ({"drivers": [shift(), shift()]}, ("drivers",)),
        ({"drivers": [{"driver_id": "a", "on_at": EVENING, "off_at": NOON}]}, ("drivers", 0, "off_at")),
        ({"drivers": [{"driver_id": "a", "on_at": LATEST, "off_at": LATEST}]}, ("drivers", 0, "off_at")),
        ({"drivers": [shift(on_at=NOON + timedelta(days=9), off_at=NOON + timedelta(days=9.5))]}, ("drivers",)),
        ({"seconds": 16}, ("seconds",)),
        ({"even": 0.6}, ("even",)),
        ({"objective": "distance"}, ("objective",)),
        ({"opens_from": datetime(1, 1, 1, tzinfo=UTC)}, ("opens_from",)),
        ({"opens_from": LATEST}, ("opens_from",)),
    ],
)
def test_what_can_not_be_planned_is_pointed_at(fields, where):
    with pytest.raises(ValidationError) as refused:
        asked(**fields)
    assert refused.value.errors()[0]["loc"] == where


def test_more_deliveries_than_somebody_can_wait_for_are_refused():
    refuse_too_many([delivery()] * MOST_DELIVERIES, explain=False)
    refuse_too_many([delivery()] * MOST_EXPLAINED, explain=True)
    with pytest.raises(Unprocessable, match="too_many_deliveries"):
        refuse_too_many([delivery()] * (MOST_DELIVERIES + 1), explain=False)
    with pytest.raises(Unprocessable, match="too_many_to_explain"):
        refuse_too_many([delivery()] * (MOST_EXPLAINED + 1), explain=True)
