"""What a merchant's own drivers exchange under way, and what never moves."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from crowdship.deliveries.states import State
from crowdship.dispatch.eligibility import Available, unsuitable
from crowdship.dispatch.exchange.rules import may_move, plan_exchanges
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.model import Driver, DriverKind, Duty, Vehicle
from crowdship.drivers.standing import Standing
from crowdship.planner.polish import by_vroom
from crowdship.routes.route import Route
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Load, Start, cost_of, fits, in_order, timed
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.travel.times import GreatCircle
from tests.city import NOON, SUSPENDED, at, delivery, settings

ZONE = settings(exchange={"worth_s": 60})
TRAVEL = GreatCircle(ZONE.travel)
WEIGHT = ZONE.dispatch.weights.lateness


@pytest.fixture(autouse=True)
def _without_vroom(monkeypatch):
    """One search is enough to see what is let through, and the same on every machine."""
    monkeypatch.setattr(by_vroom, "vroom", lambda: None)


def own_driver(name, **fields):
    papers = tuple(Document(kind=kind, valid_until=NOON.date() + timedelta(days=99)) for kind in DocumentKind)
    given = {
        "kind": DriverKind.DEDICATED,
        "merchant_id": "mer_1",
        "home_zone_id": "testville",
        "person_token": "pii_1",
        "vehicle": Vehicle(kind=VehicleKind.CAR, max_weight_g=50_000, max_volume_l=200),
        "documents": papers,
        "created_at": NOON,
        "duty": Duty(zone_id="testville", since=NOON),
    }
    return Driver(id=name, **{**given, **fields})


def under_way(driver, place, stops, seen_at=NOON):
    route = Route(id=driver.id, zone_id="testville", stops=tuple(stops))
    return Available(driver, place, seen_at, route, Load(driver.vehicle.max_weight_g, driver.vehicle.max_volume_l))


def given_to(driver, name, east_m, actor="dispatch", **fields):
    return delivery(name, dropoff=at(east_m), **fields).assign(driver.id, NOON, actor, None)


def crossed(east_driver=None, west_driver=None, zone=ZONE, now=NOON, **wests):
    """Each passes a customer of the other's; return the fleet and what it has on its routes."""
    east, west = east_driver or own_driver("east"), west_driver or own_driver("west")
    known = {
        "e1": given_to(east, "e1", 4000),
        "w2": given_to(east, "w2", -4200, **wests),
        "w1": given_to(west, "w1", -4000),
        "e2": given_to(west, "e2", 4200),
    }
    fleet = [
        under_way(driver, at(), [stop for name in names for stop in stops_of(known[name], zone.travel)])
        for driver, names in ((east, ("e1", "w2")), (west, ("w1", "e2")))
    ]
    return fleet, known


def moved(fleet, known, zone=ZONE, now=NOON, **more):
    return {
        job: who
        for exchange in plan_exchanges(fleet, known, zone, TRAVEL, now, **more)
        for job, who in exchange.moved.items()
    }


def test_each_gets_the_customers_on_their_way():
    fleet, known = crossed()
    (exchange,) = plan_exchanges(fleet, known, ZONE, TRAVEL, NOON)
    assert exchange.moved in ({"w2": "west", "e2": "east"}, {"w1": "east", "e1": "west"})
    assert set(exchange.routes) == {"east", "west"}
    assert exchange.saved_s > 1000


def test_no_more_change_hands_than_the_zone_allows():
    fleet, known = crossed()
    assert len(moved(fleet, known, settings(exchange={"moves": 1}))) == 1
    assert moved(fleet, known, settings(exchange={"moves": 0})) == {}
    assert moved(fleet, known, most_moved=0) == {}


def test_what_saves_less_than_it_must_stays():
    fleet, known = crossed()
    assert moved(fleet, known, settings(exchange={"worth_s": 3600})) == {}


def test_only_what_its_driver_has_not_set_out_for_may_move():
    driver = own_driver("east")
    life = given_to(driver, "e1", 4000)
    assert may_move(life, ZONE.dispatch.exchange, NOON)
    for step in (
        lambda d: d.depart(StopKind.PICKUP, NOON),
        lambda d: d.arrive(StopKind.PICKUP, NOON),
        lambda d: d.pick_up(NOON),
        lambda d: d.depart(StopKind.DROPOFF, NOON),
    ):
        life = step(life)
        assert not may_move(life, ZONE.dispatch.exchange, NOON)
    assert not may_move(delivery(), ZONE.dispatch.exchange, NOON)


def test_whom_a_person_chose_keeps_it():
    driver = own_driver("east")
    assert not may_move(given_to(driver, "e1", 4000, actor="ana"), ZONE.dispatch.exchange, NOON)
    assert not may_move(given_to(driver, "e1", 4000, actor=driver.id), ZONE.dispatch.exchange, NOON)


def test_what_changed_hands_is_left_alone_for_as_long_as_the_zone_says():
    rules = settings(exchange={"rest_minutes": 15}).dispatch.exchange
    life = given_to(own_driver("east"), "e1", 4000).reassign("west", NOON, "dispatch", "polished", None)
    assert not may_move(life, rules, NOON + timedelta(minutes=14))
    assert may_move(life, rules, NOON + timedelta(minutes=15))
    assert may_move(life, settings(exchange={"rest_minutes": 0}).dispatch.exchange, NOON)


@pytest.mark.parametrize(
    ("west", "wests"),
    [
        ({"merchant_id": "mer_2"}, {}),
        ({"standing": SUSPENDED}, {}),
        ({"documents": ()}, {}),
        ({}, {"requirements": Requirements(skills=("cold_box",))}),
        ({}, {"declined_by": ("west",)}),
        (
            {"vehicle": Vehicle(kind=VehicleKind.CAR, max_weight_g=4000, max_volume_l=99)},
            {"parcel": Parcel(weight_g=5000)},
        ),
        ({"vehicle": Vehicle(kind=VehicleKind.FOOT, max_weight_g=50_000, max_volume_l=200)}, {}),
    ],
    ids=["another merchant's", "suspended", "papers missing", "skill", "declined", "too heavy", "too far on foot"],
)
def test_nobody_gets_what_a_tick_would_not_give_them(west, wests):
    fleet, known = crossed(own_driver("east", skills=("cold_box",)), own_driver("west", **west), **wests)
    found = moved(fleet, known)
    assert found.get("w2") != "west"
    if not wests:
        assert "west" not in found.values()


def test_nobody_gets_anything_who_was_not_heard_of_for_long():
    fleet, known = crossed()
    silent = under_way(fleet[1].driver, fleet[1].at, fleet[1].route.stops, NOON - timedelta(hours=1))
    assert "west" not in moved([fleet[0], silent], known).values()


def test_an_idle_driver_at_the_door_takes_over():
    fleet, known = crossed()
    idle = under_way(own_driver("idle"), at(), [])
    assert moved([fleet[0], idle], known) in ({"w2": "idle"}, {"e1": "idle"})


def test_a_single_driver_exchanges_nothing():
    fleet, known = crossed()
    assert plan_exchanges(fleet[:1], known, ZONE, TRAVEL, NOON) == []


def test_no_customer_waits_longer_than_may_be_and_an_urgent_one_no_longer_at_all():
    # The idle driver is far: it saves way that the busy one takes it along, but it comes an hour later.
    busy, near = own_driver("busy"), own_driver("near")
    for priority in Priority:
        known = {
            "first": given_to(busy, "first", -4000),
            "second": given_to(near, "second", -4100, priority=priority),
        }
        fleet = [
            under_way(busy, at(), stops_of(known["first"], ZONE.travel)),
            under_way(near, at(), stops_of(known["second"], ZONE.travel)),
        ]
        patient, strict = settings(exchange={"delay_s": 3600}), settings(exchange={"delay_s": 0})
        assert moved(fleet, known, strict) == {}
        if priority is Priority.URGENT:
            assert "second" not in moved(fleet, known, patient)
        else:
            assert len(moved(fleet, known, patient)) == 1


def one_busy(order, **rules):
    """A driver with much to do in some order, and an idle one west of the shop."""
    busy = own_driver("busy")
    known = {name: given_to(busy, name, east_m) for name, east_m in (("e1", 3000), ("w1", -3000), ("e2", 3100))}
    known["w2"] = given_to(busy, "w2", -3100)
    stops = [stop for name in order for stop in stops_of(known[name], ZONE.travel)]
    return [under_way(busy, at(), stops), under_way(own_driver("idle"), at(-100), [])], known


def test_nobody_gets_more_at_once_than_stops_that_may_be_open():
    fleet, known = one_busy(("e1", "e2", "w1", "w2"))
    assert len(moved(fleet, known, settings(limits={"open_stops": 2}))) == 2
    assert len(moved(fleet, known, settings(limits={"open_stops": 1}))) < 2


def test_what_a_better_order_of_their_own_stops_saves_is_no_reason_for_an_exchange():
    good, bad = (one_busy(order) for order in (("e1", "e2", "w1", "w2"), ("e1", "w1", "e2", "w2")))
    saved = [plan_exchanges(*case, ZONE, TRAVEL, NOON)[0].saved_s for case in (good, bad)]
    assert saved[0] == pytest.approx(saved[1])


def test_without_time_nothing_is_exchanged():
    fleet, known = crossed()
    assert plan_exchanges(fleet, known, ZONE, TRAVEL, NOON, may_go_on=lambda: False) == []


def random_fleet(rng):
    """Drivers on their ways, some with goods on board, some heading for a stop, some with what a person gave them."""
    known, fleet = {}, []
    skills = ("cold_box",)
    for number in range(rng.randint(2, 4)):
        kind = rng.choice((VehicleKind.CAR, VehicleKind.BICYCLE))
        vehicle = Vehicle(kind=kind, max_weight_g=rng.choice((3000, 50_000)), max_volume_l=200)
        driver = own_driver(
            f"d{number}",
            vehicle=vehicle,
            skills=rng.choice(((), skills)),
            standing=SUSPENDED if rng.random() < 0.1 else Standing(),
        )
        stops = []
        for nth in range(rng.randint(0, 3)):
            name = f"{driver.id}-{nth}"
            life = delivery(
                name,
                pickup=at(rng.choice((0, 700, -700))),
                dropoff=at(rng.uniform(-4000, 4000), rng.uniform(-4000, 4000)),
                priority=rng.choice((Priority.NORMAL, Priority.NORMAL, Priority.URGENT)),
                requirements=Requirements(skills=skills if driver.skills and rng.random() < 0.3 else ()),
            ).assign(driver.id, NOON, rng.choice(("dispatch", "dispatch", "ana")), None)
            if rng.random() < 0.2:
                life = life.reassign(driver.id, NOON, "dispatch", "polished", None)
            elif rng.random() < 0.2:
                life = life.depart(StopKind.PICKUP, NOON).arrive(StopKind.PICKUP, NOON).pick_up(NOON)
            known[name] = life
            stops.append(list(stops_of(life, ZONE.travel)))
        mixed = []
        while any(stops):
            mixed.append(rng.choice([one for one in stops if one]).pop(0))
        if mixed and rng.random() < 0.5:
            head = mixed[0]
            mixed[0] = head.model_copy(update={"started": True})
            life = known[head.delivery_id]
            known[life.id] = life.depart(head.kind, NOON)
        entry = under_way(driver, at(rng.uniform(-3000, 3000), rng.uniform(-3000, 3000)), mixed)
        if fits(mixed, entry.capacity):
            fleet.append(entry)
    return fleet, known


@how(max_examples=150)
@given(st.integers(0, 10**9), st.integers(0, 3), st.sampled_from([0, 60]), st.sampled_from([0, 600, 7200]))
def test_whatever_is_exchanged_it_costs_less_and_what_is_fixed_stays(seed, most, worth, delay):
    fleet, known = random_fleet(random.Random(seed))
    zone = settings(exchange={"moves": most, "worth_s": worth, "delay_s": delay})
    found = plan_exchanges(fleet, known, zone, TRAVEL, NOON, steps=15)
    entries = {entry.driver.id: entry for entry in fleet}
    assert sum(len(exchange.moved) for exchange in found) <= most
    changed = [driver_id for exchange in found for driver_id in exchange.routes]
    assert len(changed) == len(set(changed)), "exchanges are apart from each other"
    for exchange in found:
        assert exchange.moved
        assert exchange.saved_s >= worth * len(exchange.moved)
        before = [stop for name in exchange.routes for stop in entries[name].route.stops]
        after = [stop for stops in exchange.routes.values() for stop in stops]
        assert Counter(stop.stop_id for stop in before) == Counter(stop.stop_id for stop in after)
        cost = [
            sum(cost_of(stops, Start(entries[name].at, NOON), TRAVEL).total(WEIGHT) for name, stops in routes.items())
            for routes in ({name: entries[name].route.stops for name in exchange.routes}, exchange.routes)
        ]
        assert cost[1] < cost[0]
        for name, stops in exchange.routes.items():
            entry = entries[name]
            assert fits(stops, entry.capacity)
            assert in_order(stops)
            had = entry.route.stops
            if had and had[0].started:
                assert stops[0] == had[0], "the stop in progress stays"
            for stop in had:
                if not may_move(known[stop.delivery_id], zone.dispatch.exchange, NOON):
                    assert stop in stops, "what may not move stays with its driver"
        for job, name in exchange.moved.items():
            assert known[job].state is State.ASSIGNED
            assert known[job].driver_id != name
            assert not entries[name].driver.standing.bars(NOON.date())
            assert unsuitable(entries[name], [known[job]], zone, NOON) is None
            late = timed(exchange.routes[name], Start(entries[name].at, NOON), TRAVEL)
            assert [stop.kind for stop in late if stop.delivery_id == job] == ["pickup", "dropoff"]
