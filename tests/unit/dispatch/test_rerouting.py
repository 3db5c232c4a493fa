"""What a dispatcher makes of routes under way, and what that never touches."""

import random

import pytest
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st

from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.resequence.rules import Rerouted, better_order, put_at, rearranged
from crowdship.dispatch.transfer.rules import Moving, distribute
from crowdship.drivers.model import Driver, DriverKind, Duty, Vehicle
from crowdship.kernel.errors import Unprocessable
from crowdship.routes.route import Route
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import fixed_head, stops_of
from crowdship.routes.timetable import Load, Start, cost_of, fits, in_order
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.vehicles import VehicleKind
from crowdship.travel.times import GreatCircle
from tests.city import NOON, at, delivery, settings

ZONE = settings(limits={"open_stops": 20})
TRAVEL = GreatCircle(ZONE.travel)
HERE = Start(at(), NOON)
BIG = Load(50_000, 200)


def pair(name, east_m=1000, north_m=0, **fields):
    return stops_of(delivery(name, at(0, north_m), at(east_m, north_m), **fields), ZONE.travel)


def names(stops):
    return [stop.stop_id for stop in stops]


def test_stops_come_in_the_order_asked_for_and_are_pinned_as_asked():
    stops = (*pair("a"), *pair("b"))
    order = ["b:pickup", "a:pickup", "b:dropoff", "a:dropoff"]
    new = rearranged(stops, order, {"a:pickup"}, BIG)
    assert names(new) == order
    assert [stop.pinned for stop in new] == [False, True, False, False]
    assert fixed_head(new) == 2
    assert not any(stop.pinned for stop in rearranged(new, order, (), BIG)), "what is not named is pinned no longer"


@pytest.mark.parametrize(
    ("order", "pinned", "told"),
    [
        (["a:pickup"], (), "missing: a:dropoff, b:dropoff, b:pickup"),
        (["a:pickup", "a:pickup", "a:dropoff", "b:pickup", "b:dropoff"], (), "each open stop once"),
        (["a:pickup", "a:dropoff", "b:pickup", "b:dropoff", "c:pickup"], (), "not on the route: c:pickup"),
        (["a:pickup", "a:dropoff", "b:dropoff", "b:pickup"], (), "pickup of b before its drop-off"),
        (["b:pickup", "a:pickup", "a:dropoff", "b:dropoff"], (), "set out for a:pickup: it must come first"),
        (["a:pickup", "b:pickup", "a:dropoff", "b:dropoff"], (), "vehicle holds, 1500 g"),
        (["a:pickup", "a:dropoff", "b:pickup", "b:dropoff"], ("c:pickup",), "Not on the route: c:pickup"),
    ],
)
def test_an_order_that_can_not_be_driven_is_refused_with_what_would_be_right(order, pinned, told):
    first, *rest = pair("a")
    stops = (first.model_copy(update={"started": True}), *rest, *pair("b"))
    with pytest.raises(Unprocessable, match=told):
        rearranged(stops, order, pinned, Load(1500, 200))


def test_a_delivery_comes_where_it_is_wished_but_before_nothing_that_keeps_its_place():
    first, second = pair("a")
    stops = (first.model_copy(update={"pinned": True}), second)
    assert names(put_at(stops, pair("b"), (1, 3), BIG)) == ["a:pickup", "b:pickup", "a:dropoff", "b:dropoff"]
    for places in ((0, 1), (2, 1), (2, 4), (1, 1)):
        with pytest.raises(Unprocessable, match="1 to 3"):
            put_at(stops, pair("b"), places, BIG)


def test_a_comparison_tells_who_becomes_late_and_by_how_much():
    near, far = pair("near", 500)[1], pair("far", 9000)[1]
    before = Route(id="drv_1", zone_id="z", stops=(near, far))
    compared = Rerouted.of(before, before.replan((far, near), NOON, "edited_by_hand"), HERE, TRAVEL)
    assert compared.after.cost.driving_s > compared.before.cost.driving_s
    ((stop, was, becomes),) = compared.later()
    assert (stop.delivery_id, was) == ("near", 0)
    assert becomes == pytest.approx((9000 + 8500) / 5 + 120 - 3600, abs=5)


def test_no_order_is_looked_for_that_a_route_could_not_get():
    route = Route(id="drv_1", zone_id="z", stops=(*pair("far", 4000), *pair("near", 500)))

    class Asked(GreatCircle):
        asked = False

        def seconds(self, a, b):
            self.asked = True
            return super().seconds(a, b)

    def looked_for(route, **rules):
        travel = Asked(ZONE.travel)
        better_order(route, HERE, BIG, travel, settings(**rules).dispatch)
        return travel.asked

    assert looked_for(route)
    assert not looked_for(route, limits={"automatic_changes": 0})
    assert not looked_for(route.ordered(NOON))


def driver(name, grams=50_000):
    return Driver(
        id=name,
        kind=DriverKind.CROWD,
        home_zone_id="testville",
        person_token="pii_1",
        vehicle=Vehicle(kind=VehicleKind.CAR, max_weight_g=grams, max_volume_l=200),
        documents=(),
        created_at=NOON,
        duty=Duty(zone_id="testville", since=NOON),
    )


def under_way(name, place, stops=(), grams=50_000):
    route = Route(id=name, zone_id="testville", stops=tuple(stops))
    return Available(driver(name, grams), place, NOON, route, Load(grams, 200))


def moving(name, east_m=1000, north_m=0, **fields):
    given_up = delivery(name, at(0, north_m), at(east_m, north_m), **fields)
    return Moving(given_up, stops_of(given_up, ZONE.travel))


def shared(what, takers, able=None, zone=ZONE, **more):
    everybody = {entry.driver.id for entry in takers}
    allowed = able or {each.delivery.id: everybody for each in what}
    return distribute(what, takers, allowed, zone, TRAVEL, NOON, **more)


def test_each_delivery_goes_to_the_driver_on_whose_way_it_is():
    north, south = under_way("north", at(0, 3000)), under_way("south", at(0, -3000))
    found = shared([moving("n1", 500, 3000), moving("s1", 500, -3000), moving("n2", 900, 3000)], [north, south])
    assert found.given == {"n1": "north", "s1": "south", "n2": "north"}
    assert found.left == ()


def test_who_may_not_take_a_delivery_does_not_get_it_and_what_nobody_may_take_is_left():
    near, far = under_way("near", at()), under_way("far", at(0, 4000))
    found = shared([moving("a"), moving("b")], [near, far], {"a": {"far"}, "b": set()})
    assert (found.given, found.left) == ({"a": "far"}, ("b",))


def test_what_does_not_fit_into_any_vehicle_is_left():
    small = under_way("small", at(), grams=1500)
    found = shared([moving("heavy", parcel=Parcel(weight_g=2000)), moving("light")], [small])
    assert (found.given, found.left) == ({"light": "small"}, ("heavy",))


def test_nobody_gets_more_open_stops_than_the_zone_allows():
    found = shared(
        [moving(str(n)) for n in range(6)], [under_way("one", at())], zone=settings(limits={"open_stops": 6})
    )
    assert (len(found.given), len(found.routes["one"])) == (4, 8), "who has six stops open is asked for one more"


def test_of_many_drivers_the_nearest_of_those_with_room_are_asked():
    full = under_way("full", at(), [stop for n in range(7) for stop in pair(f"own-{n}", n)])
    crowd = [under_way(f"drv_{n}", at(0, 5000 + 100 * n)) for n in range(90)]
    measured = []

    class Counted:
        def know(self, points):
            measured.extend(points)
            return TRAVEL.know(points)

        def __getattr__(self, name):
            return getattr(TRAVEL, name)

    found = distribute(
        [moving("a")],
        [*crowd[::-1], full],
        {"a": {"full", *(e.driver.id for e in crowd)}},
        settings(limits={"open_stops": 12}),
        Counted(),
        NOON,
    )
    assert found.given == {"a": "drv_0"}
    assert len(set(measured)) == 40 + 2, "more drivers would be a matrix that nobody has time for"


@given(st.integers(0, 10**6))
@how(max_examples=15)
def test_a_single_delivery_goes_to_whom_it_costs_least_with_all_they_have_in_its_best_order(seed):
    rng = random.Random(seed)

    def place():
        return rng.randint(-3000, 3000), rng.randint(-3000, 3000)

    takers = [
        under_way(f"drv_{n}", at(*place()), [stop for m in range(2 - n) for stop in pair(f"own-{n}-{m}", *place())])
        for n in range(3)
    ]
    new = moving("new", *place())
    weight = ZONE.dispatch.weights.lateness

    def total(changed):
        routes = {entry.driver.id: changed.get(entry.driver.id, entry.route.stops) for entry in takers}
        return sum(cost_of(routes[e.driver.id], Start(e.at, NOON), TRAVEL).total(weight) for e in takers)

    def with_it(entry):
        order = sequence((*entry.route.stops, *new.stops), Start(entry.at, NOON), entry.capacity, TRAVEL, weight)
        return total({entry.driver.id: order})

    assert total(shared([new], takers).routes) <= min(map(with_it, takers)) + 1e-6


def test_with_nobody_on_duty_everything_is_left():
    assert shared([moving("a")], []).left == ("a",)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 6))
@how(max_examples=40)
def test_others_take_over_without_a_change_to_what_is_fixed(seed, drivers, count):
    rng = random.Random(seed)

    def place():
        return rng.randint(-3000, 3000), rng.randint(-3000, 3000)

    takers = []
    for number in range(drivers):
        stops = [stop for n in range(rng.randint(0, 3)) for stop in pair(f"own-{number}-{n}", *place())]
        if stops:
            stops = stops[rng.randint(0, 1) :]  # perhaps the first is on board
            place_of_pin = rng.randrange(len(stops))
            stops[place_of_pin] = stops[place_of_pin].model_copy(update={"pinned": rng.random() < 0.5})
            stops[0] = stops[0].model_copy(update={"started": rng.random() < 0.5})
        takers.append(under_way(f"drv_{number}", at(*place()), stops, grams=rng.choice([2500, 50_000])))
    what = [moving(f"new-{n}", *place()) for n in range(count)]
    able = {each.delivery.id: {e.driver.id for e in takers if rng.random() < 0.8} for each in what}
    found = shared(what, takers, able, steps=60)
    assert sorted([*found.given, *found.left]) == sorted(each.delivery.id for each in what)
    for entry in takers:
        name, before = entry.driver.id, entry.route.stops
        after = found.routes.get(name, before)
        assert in_order(after)
        assert fits(after, entry.capacity) or after == before
        head = fixed_head(before)
        assert names(after)[:head] == names(before)[:head]
        mine = {job for job, who in found.given.items() if who == name}
        assert {stop.delivery_id for stop in after} == {stop.delivery_id for stop in before} | mine
        assert all(name in able[job] for job in mine)


@given(st.integers(0, 10**6))
@example(253)
@how(max_examples=15)
def test_taking_over_costs_no_more_than_one_after_the_other_at_its_best_place(seed):
    rng = random.Random(seed)
    takers = [under_way(f"drv_{n}", at(rng.randint(-3000, 3000), rng.randint(-3000, 3000))) for n in range(3)]
    what = [moving(f"new-{n}", rng.randint(-3000, 3000), rng.randint(-3000, 3000)) for n in range(5)]
    weight = ZONE.dispatch.weights.lateness
    first = shared(what, takers, may_go_on=lambda: False)
    best = shared(what, takers)

    def cost(found):
        starts = {entry.driver.id: Start(entry.at, NOON) for entry in takers}
        return sum(cost_of(stops, starts[name], TRAVEL).total(weight) for name, stops in found.routes.items())

    assert cost(best) <= cost(first) + 1e-6
