"""A merchant's own drivers exchange what they have not set out for, and nothing is lost by it."""

import json
from collections import Counter

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.exchange import service as polishing
from crowdship.drivers import service as drivers
from crowdship.kernel.errors import StaleWrite
from crowdship.kernel.events import DomainEvent
from crowdship.pricing.terms import CancelReason
from crowdship.routes import service as routing
from crowdship.routes.store import RouteRow
from crowdship.stops import service as stops
from tests.city import City, DriverKind, bar
from tests.contracts import validate_event
from tests.faults import Lost, each_call_failing

pytestmark = pytest.mark.usefixtures("aws")


class Fleet:
    """Two of the bakery's own drivers; each was given the order whose customer the other one passes."""

    def __init__(self, crossed_by="dispatch", **exchange):
        self.city = City.open(exchange={"worth_s": 60, **exchange})
        own = {"kind": DriverKind.DEDICATED, "merchant_id": self.city.merchant.id}
        self.east, self.west = self.city.driver(east_m=50, **own), self.city.driver(east_m=-50, **own)
        # The first order of each is what they are bound to; the second had better be the other's.
        self.first = [self.give("east-1", self.east, 4000), self.give("west-1", self.west, -4000)]
        self.crossed = [
            self.give("west-2", self.east, -4200, crossed_by),
            self.give("east-2", self.west, 4200, crossed_by),
        ]

    def give(self, name, driver, east_m, actor="dispatch"):
        order = self.city.order(name, east_m=east_m)
        return assignment.assign_by_hand(order.id, driver.id, actor, self.city.clock)

    def polish(self):
        return polishing.polish_fleet("testville", self.city.merchant.id, self.city.clock)

    def carriers(self):
        return {delivery.external_id: deliveries.get(delivery.id).driver_id for delivery in self.all}

    @property
    def all(self):
        return [*self.first, *self.crossed]

    def whole(self):
        """Every delivery is on exactly the route of the driver who has it, with both of its stops."""
        on_route = Counter()
        for driver in (self.east, self.west):
            for stop in routing.of(driver.id).stops:
                assert deliveries.get(stop.delivery_id).driver_id == driver.id
                on_route[stop.delivery_id] += 1
        return on_route == Counter({delivery.id: 2 for delivery in self.all})


def last_events(row, identity):
    return json.loads(row.find(identity, row.SORT).events)


def test_two_drivers_who_pass_each_others_customers_exchange_them():
    fleet = Fleet()
    (exchange,) = fleet.polish()
    assert exchange.saved_s > 60
    assert fleet.whole()
    carriers = fleet.carriers()
    assert carriers["east-1"] == carriers["east-2"] != carriers["west-1"] == carriers["west-2"]
    moved = [deliveries.get(delivery_id) for delivery_id in exchange.moved]
    assert moved
    for delivery in moved:
        assert (delivery.state, delivery.given.actor, delivery.given.reason) == (State.ASSIGNED, "dispatch", "polished")
        assert delivery.eta == routing.of(delivery.driver_id).eta_of(delivery.id, "dropoff")
    for driver in (fleet.east, fleet.west):
        (event,) = last_events(RouteRow, driver.id)
        validate_event(event)
        assert (event["type"], event["data"]["reason"]) == ("route.changed", "polished")


def test_what_changed_hands_stays_where_it_is_for_a_while():
    fleet = Fleet()
    (exchange,) = fleet.polish()
    moved = set(exchange.moved)
    assert fleet.polish() == []
    for delivery_id in moved:
        assert len([step for step in deliveries.get(delivery_id).timeline if step.reason == "polished"]) == 1


def test_a_zone_can_turn_it_off():
    fleet = Fleet(moves=0)
    assert fleet.polish() == []


def test_what_a_dispatcher_gave_to_a_driver_stays_with_them():
    fleet = Fleet(crossed_by="ana", worth_s=0)
    fleet.polish()
    after = fleet.carriers()
    assert (after["west-2"], after["east-2"]) == (fleet.east.id, fleet.west.id)


def test_crowd_drivers_keep_what_they_accepted():
    city = City.open(exchange={"worth_s": 0})
    taker = city.driver(east_m=50)
    taken = city.assigned(taker, external_id="taken", east_m=-4000)
    own = {"kind": DriverKind.DEDICATED, "merchant_id": city.merchant.id}
    for east_m in (-50, -100):
        city.driver(east_m=east_m, **own)
    assert polishing.after(_assigned(taken, city), city.clock) == []
    assert polishing.polish_fleet("testville", city.merchant.id, city.clock) == []
    assert deliveries.get(taken.id).driver_id == taker.id


def _assigned(delivery, city, event_id="evt_1"):
    data = {"driver_id": delivery.driver_id, "zone_id": delivery.zone_id}
    return DomainEvent(
        id=event_id, type="delivery.assigned", time=city.clock.now(), subject=delivery.id, sequence=3, data=data
    )


def test_of_many_events_of_one_tick_the_first_polishes_for_all_and_its_retry_is_let_through(monkeypatch):
    fleet = Fleet()
    early = [_assigned(delivery, fleet.city, f"evt_{n}") for n, delivery in enumerate(fleet.all)]
    fleet.city.later(seconds=1)
    assert len(polishing.after(early[0], fleet.city.clock)) == 1
    asked = []
    monkeypatch.setattr(polishing, "polish_fleet", lambda *given: asked.append(given) or [])
    for event in early[1:]:
        polishing.after(event, fleet.city.clock)
    assert not asked, "what the first one saw is not looked at again"
    polishing.after(early[0], fleet.city.clock)
    assert len(asked) == 1, "one that died comes again"
    fleet.city.later(seconds=1)
    polishing.after(_assigned(fleet.first[0], fleet.city, "evt_later"), fleet.city.clock)
    assert len(asked) == 2, "what happened since is looked at"


def test_a_second_copy_of_an_event_polishes_nothing_while_the_first_is_at_it(monkeypatch):
    fleet, asked = Fleet(), []
    event = _assigned(fleet.crossed[0], fleet.city)
    fleet.city.later(seconds=1)

    def polish(*given):
        asked.append(given)
        assert polishing.after(event, fleet.city.clock) == []
        return []

    monkeypatch.setattr(polishing, "polish_fleet", polish)
    polishing.after(event, fleet.city.clock)
    assert len(asked) == 1


def test_a_driver_who_sets_out_at_that_moment_is_not_overruled(monkeypatch):
    fleet = Fleet()
    plan, steps = polishing.plan_exchanges, []

    def overtaken(*given, **more):
        found = plan(*given, **more)
        if not steps:
            steps.append(found[0])
            _depart(fleet, next(iter(found[0].moved)))
        return found

    monkeypatch.setattr(polishing, "plan_exchanges", overtaken)
    made = fleet.polish()
    gone = next(iter(steps[0].moved))
    assert fleet.whole()
    assert all(gone not in exchange.moved for exchange in made)
    assert deliveries.get(gone).state is State.EN_ROUTE_TO_PICKUP


def _depart(fleet, delivery_id):
    delivery = deliveries.get(delivery_id)
    stops.depart(delivery_id, delivery.driver_id, "pickup", None, fleet.city.clock)


def test_a_driver_who_is_suspended_at_that_moment_is_given_nothing(monkeypatch):
    fleet = Fleet()
    plan, suspended = polishing.plan_exchanges, []

    def overtaken(*given, **more):
        found = plan(*given, **more)
        if not suspended:
            suspended.append(next(iter(found[0].moved.values())))
            bar(suspended[0])
        return found

    monkeypatch.setattr(polishing, "plan_exchanges", overtaken)
    made = fleet.polish()
    assert fleet.whole()
    assert all(suspended[0] not in exchange.moved.values() for exchange in made)


def test_an_exchange_that_is_always_overtaken_is_left_alone(monkeypatch):
    fleet = Fleet()

    def refuse(_):
        raise StaleWrite("somebody was faster")

    monkeypatch.setattr(polishing.UnitOfWork, "commit", refuse)
    before = fleet.carriers()
    assert fleet.polish() == []
    assert fleet.carriers() == before


@pytest.mark.parametrize("lost", list(Lost))
def test_an_exchange_that_dies_at_any_call_loses_nothing_and_a_retry_ends_it(lost):
    for n, faulty in enumerate(each_call_failing(lost)):
        fleet = Fleet()
        for old in drivers.on_duty("testville"):
            if old.id not in (fleet.east.id, fleet.west.id):
                bar(old.id)
        event = _assigned(fleet.crossed[0], fleet.city, f"evt_{lost}_{n}")
        fleet.city.later(seconds=1)
        with faulty as calls:
            polishing.after(event, fleet.city.clock)
        assert fleet.whole(), calls.failed
        polishing.after(event, fleet.city.clock)
        assert fleet.whole()
        carriers = fleet.carriers()
        assert carriers["east-1"] == carriers["east-2"] != carriers["west-1"] == carriers["west-2"]
        for delivery in fleet.all:
            cancellation.cancel(delivery.id, "staff", CancelReason.OTHER, fleet.city.clock)
