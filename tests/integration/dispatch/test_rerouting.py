"""Dispatchers change routes under way: what drivers confirm, what stays, what changes hands."""

import json
from datetime import timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import CompletionReason, State
from crowdship.deliveries.store import DeliveryRow
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.board import service as board
from crowdship.dispatch.resequence.service import improve
from crowdship.dispatch.transfer import service as transfer
from crowdship.drivers import duty
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import ProofRow
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.routes.store import RouteRow
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from crowdship.travel import current
from crowdship.travel.incidents import Incident
from tests.city import City, at
from tests.contracts import validate_event

AWAY = (("near", 500), ("far", 4000))

pytestmark = pytest.mark.usefixtures("aws")


def last_events(row, identity):
    return json.loads(row.find(identity, row.SORT).events)


def test_a_change_that_a_driver_has_not_confirmed_stands_on_the_board_until_they_do():
    city = City.open()
    driver = city.driver()
    assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    (event,) = last_events(RouteRow, driver.id)
    validate_event(event)
    assert (event["data"]["by"], event["data"]["revision"]) == ("ana", 1)
    (line,) = board.of_zone("testville", city.clock).unconfirmed
    assert (line.driver_id, line.unconfirmed_since) == (driver.id, city.clock.now())
    assert line.reasons == ("deliveries_assigned",)
    seen = stops.route_view(driver.id, city.clock)
    assert (seen.revision, seen.confirmed_revision, [change.by for change in seen.pending]) == (1, 0, ["staff"])
    routing.confirm(driver.id, seen.revision)
    assert board.of_zone("testville", city.clock).unconfirmed == ()


def test_what_a_driver_accepted_or_has_set_out_for_needs_no_confirmation():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    assert board.of_zone("testville", city.clock).unconfirmed == ()
    assignment.assign_by_hand(city.order("order-2").id, driver.id, "ana", city.clock)
    assert board.of_zone("testville", city.clock).unconfirmed
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    assert board.of_zone("testville", city.clock).unconfirmed == ()


class Trouble:
    """Two drivers; the first has goods on board and another delivery that is still at the shop."""

    def __init__(self, **rules):
        self.city = City.open(**rules)
        self.sick = self.city.driver(east_m=200)
        self.carried, self.waiting = self.give("carried"), self.give("waiting")
        for step in (stops.depart, stops.arrive):
            step(self.carried, self.sick.id, StopKind.PICKUP, None, self.city.clock)
        stops.pick_up(self.carried, self.sick.id, None, self.city.clock)
        self.city.later(minutes=3)
        tracking.record(self.sick.id, [Fix(point=at(900), device_at=self.city.clock.now())], self.city.clock)
        self.healthy = self.city.driver(east_m=-300)

    def give(self, name):
        return assignment.assign_by_hand(self.city.order(name).id, self.sick.id, "ana", self.city.clock).id

    def transfer(self, **wish):
        revision = wish.pop("revision", routing.of(self.sick.id).revision)
        return transfer.transfer(self.sick.id, revision, "ana", self.city.clock, **wish)

    def stops(self, driver):
        return [(stop.delivery_id, stop.kind) for stop in routing.of(driver.id).stops]


def test_a_sick_drivers_goods_are_fetched_from_them_and_the_rest_changes_hands():
    trouble = Trouble()
    done = trouble.transfer()
    assert done.moved == {trouble.carried: trouble.healthy.id, trouble.waiting: trouble.healthy.id}
    assert (done.fetched_there, done.reopened, done.stays) == (frozenset({trouble.carried}), (), ())
    assert trouble.stops(trouble.sick) == []
    carried, waiting = (deliveries.get(name) for name in (trouble.carried, trouble.waiting))
    assert (carried.state, carried.transfer_point, carried.driver_id) == (State.ASSIGNED, at(900), trouble.healthy.id)
    assert (waiting.state, waiting.transfer_point, waiting.driver_id) == (State.ASSIGNED, None, trouble.healthy.id)
    for row, name, kind in (
        (RouteRow, trouble.sick.id, "route.changed"),
        (RouteRow, trouble.healthy.id, "route.changed"),
        (DeliveryRow, trouble.carried, "delivery.reassigned"),
        (DeliveryRow, trouble.waiting, "delivery.reassigned"),
    ):
        (event,) = (event for event in last_events(row, name) if event["type"] == kind)
        validate_event(event)
    pickup = next(s for s in routing.of(trouble.healthy.id).stops if s.stop_id == f"{trouble.carried}:pickup")
    assert pickup.point == at(900)
    seen = {stop.stop_id: stop for stop in stops.route_view(trouble.healthy.id, trouble.city.clock).stops}
    assert seen[f"{trouble.carried}:pickup"].is_transfer
    assert seen[f"{trouble.carried}:pickup"].contact is None, "it is not the shop"
    assert seen[f"{trouble.waiting}:pickup"].contact
    assert duty.relieve(trouble.sick.id, "ana", trouble.city.clock).duty is None


def test_who_fetches_the_goods_brings_them_and_the_proof_is_theirs():
    trouble = Trouble()
    trouble.transfer(delivery_ids=[trouble.carried])
    new, clock = trouble.healthy.id, trouble.city.clock
    for stop in (StopKind.PICKUP, StopKind.DROPOFF):
        stops.depart(trouble.carried, new, stop, None, clock)
        stops.arrive(trouble.carried, new, stop, None, clock)
        if stop is StopKind.PICKUP:
            assert deliveries.get(trouble.carried).state is State.ARRIVED_AT_PICKUP
            assert stops.pick_up(trouble.carried, new, None, clock).transfer_point is None
    done = stops.deliver(trouble.carried, new, DeliverInput(device_at=clock.now()), None, clock)
    assert (done.state, done.driver_id) == (State.DELIVERED, new)
    (event,) = last_events(ProofRow, trouble.carried)
    assert event["data"]["driver_id"] == new
    assert trouble.stops(trouble.sick) == [(trouble.waiting, "pickup"), (trouble.waiting, "dropoff")]


def test_a_dry_run_changes_nothing_and_says_what_would_be():
    trouble = Trouble()
    before = [routing.of(driver.id) for driver in (trouble.sick, trouble.healthy)]
    told = trouble.transfer(dry_run=True)
    assert told.moved
    given_up, taken = told.routes
    assert (given_up.driver_id, taken.driver_id) == (trouble.sick.id, trouble.healthy.id)
    assert given_up.after.cost.driving_s == 0 < given_up.before.cost.driving_s
    assert taken.before.cost.driving_s == 0 < taken.after.cost.driving_s
    assert [routing.of(driver.id) for driver in (trouble.sick, trouble.healthy)] == before
    assert deliveries.get(trouble.carried).driver_id == trouble.sick.id


def test_what_nobody_can_take_waits_again_or_stays_if_it_is_on_board():
    trouble = Trouble(limits={"position_minutes": 5})
    trouble.city.later(minutes=30)
    done = trouble.transfer(transfer_point=at(900))
    assert (done.moved, done.reopened, done.stays) == ({}, (trouble.waiting,), (trouble.carried,))
    assert trouble.stops(trouble.sick) == [(trouble.carried, "dropoff")]
    open_again = deliveries.get(trouble.waiting)
    assert (open_again.state, open_again.declined_by) == (State.CREATED, (trouble.sick.id,))
    named = trouble.transfer(to=[trouble.healthy.id], transfer_point=at(900))
    assert named.moved == {trouble.carried: trouble.healthy.id}, "whom a dispatcher names may have been silent"


def test_goods_that_nobody_fetched_yet_are_transferred_again_from_where_they_are():
    trouble = Trouble()
    trouble.transfer(delivery_ids=[trouble.carried], transfer_point=at(1000))
    third = trouble.city.driver(east_m=1200)
    revision = routing.of(trouble.healthy.id).revision
    again = transfer.transfer(trouble.healthy.id, revision, "ana", trouble.city.clock, to=[third.id])
    assert again.fetched_there == {trouble.carried}
    moved = deliveries.get(trouble.carried)
    assert (moved.driver_id, moved.transfer_point) == (third.id, at(1000))


def test_nobody_is_sent_to_where_goods_were_seen_long_ago():
    trouble = Trouble(limits={"position_minutes": 5})
    trouble.city.later(minutes=6)
    with pytest.raises(Conflict, match=r"last seen at \d\d:\d\d UTC; find out .* transfer_point"):
        trouble.transfer(to=[trouble.healthy.id])
    assert trouble.transfer(delivery_ids=[trouble.waiting], to=[trouble.healthy.id]).moved, "nothing is fetched there"


def test_where_goods_are_fetched_is_put_right_for_who_goes_there_and_for_who_takes_over():
    trouble = Trouble()
    trouble.transfer(delivery_ids=[trouble.carried])
    clock, second, third = trouble.city.clock, trouble.healthy, trouble.city.driver(east_m=1200)

    def goes_to():
        delivery = deliveries.get(trouble.carried)
        stops = routing.of(delivery.driver_id).stops
        return delivery.driver_id, delivery.transfer_point, next(s.point for s in stops if s.kind is StopKind.PICKUP)

    stops.depart(trouble.carried, second.id, StopKind.PICKUP, None, clock)
    stops.arrive(trouble.carried, second.id, StopKind.PICKUP, None, clock)
    wish = {"to": [second.id], "transfer_point": at(1500)}
    transfer.transfer(second.id, routing.of(second.id).revision, "ana", clock, **wish, dry_run=True)
    assert goes_to() == (second.id, at(900), at(900))
    told = transfer.transfer(second.id, routing.of(second.id).revision, "ana", clock, **wish)
    assert told.routes[0].after.cost.driving_s > told.routes[0].before.cost.driving_s
    assert goes_to() == (second.id, at(1500), at(1500))
    (first, *_), route = routing.of(second.id).stops, routing.of(second.id)
    assert (first.started, first.arrived_at, route.pending[-1].reason) == (True, None, "transfer_point_moved")
    transfer.transfer(second.id, route.revision, "ana", clock, to=[third.id], transfer_point=at(1700))
    assert goes_to() == (third.id, at(1700), at(1700))
    for wish, told in (
        ({}, "has no goods to fetch"),
        ({"delivery_ids": [trouble.waiting]}, "not to be fetched from another"),
    ):
        with pytest.raises(Conflict, match=told):
            trouble.transfer(to=[trouble.sick.id], transfer_point=at(), **wish)


def test_a_customer_whose_driver_is_sent_elsewhere_for_the_goods_is_told_of_the_later_arrival():
    trouble = Trouble()
    trouble.transfer(delivery_ids=[trouble.carried])
    second, clock, told = trouble.healthy, trouble.city.clock, deliveries.get(trouble.carried).eta
    wish = {"to": [second.id], "transfer_point": at(-9000)}
    transfer.transfer(second.id, routing.of(second.id).revision, "ana", clock, **wish)
    assert deliveries.get(trouble.carried).eta == told
    trouble.city.later(seconds=30)
    tracking.record(second.id, [Fix(point=at(-300), device_at=clock.now())], clock)
    (event,) = last_events(DeliveryRow, trouble.carried)
    assert event["type"] == "delivery.eta_changed"
    assert deliveries.get(trouble.carried).eta > told


def test_who_has_only_goods_on_their_way_back_is_silent_without_harm():
    trouble = Trouble(limits={"position_minutes": 5})
    cancellation.cancel(trouble.carried, "ana", "other", trouble.city.clock)
    trouble.city.later(minutes=6)
    assert trouble.transfer(to=[trouble.healthy.id]).moved == {trouble.waiting: trouble.healthy.id}


@pytest.mark.parametrize("who", ["sick", "healthy"])
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_what_a_phone_offline_could_not_say_is_completed_for_the_driver_who_brought_it(who, steps):
    trouble = Trouble()
    trouble.transfer()
    brought, clock = getattr(trouble, who), trouble.city.clock
    for step in (stops.depart, stops.arrive)[:steps]:
        step(trouble.carried, trouble.healthy.id, StopKind.PICKUP, None, clock)
    done = by_hand.complete_by_hand(trouble.carried, CompletionReason.APP_FAILED, "ana", None, clock, by=brought.id)
    assert (done.state, done.driver_id, done.transfer_point) == (State.DELIVERED, brought.id, None)
    (event,) = last_events(DeliveryRow, trouble.carried)
    validate_event(event)
    assert event["data"]["driver_id"] == brought.id, "who is paid"
    record = ProofRow.load(trouble.carried)
    assert (record.driver_id, record.voucher.actor) == (brought.id, "ana")
    assert trouble.stops(trouble.healthy) == [(trouble.waiting, "pickup"), (trouble.waiting, "dropoff")]
    late = stops.deliver(trouble.carried, brought.id, DeliverInput(device_at=clock.now()), None, clock)
    assert late.state is State.DELIVERED, "what their app kept is answered as it stands"


def test_staff_say_who_brought_goods_that_change_hands_and_complete_none_that_are_at_the_shop():
    trouble = Trouble()

    def complete(name, by=None):
        by_hand.complete_by_hand(name, CompletionReason.APP_FAILED, "ana", None, trouble.city.clock, by=by)

    for name, by, refusal, told in (
        (trouble.waiting, None, Conflict, "goods are still at the shop"),
        (trouble.waiting, trouble.sick.id, Conflict, "goods are still at the shop"),
        (trouble.carried, trouble.healthy.id, Unprocessable, f"with {trouble.sick.id}; leave driver_id out"),
    ):
        with pytest.raises(refusal, match=told):
            complete(name, by)
    trouble.transfer()
    had, fetches = trouble.sick.id, trouble.healthy.id
    with pytest.raises(Unprocessable, match=f"from {had} to {fetches}; name who brought them") as refused:
        complete(trouble.carried)
    assert refused.value.pointer == "/driver_id"
    with pytest.raises(NotFound):
        complete(trouble.carried, "drv_nobody")


def test_a_transfer_that_was_decided_on_another_plan_or_can_not_be_is_refused():
    trouble = Trouble()
    for wish, refusal, told in (
        ({"revision": 0}, Conflict, "read it again"),
        ({"delivery_ids": ["dlv_none"]}, Unprocessable, "Not on the route: dlv_none"),
        ({"to": [trouble.sick.id]}, Unprocessable, "name another driver"),
        ({"to": ["drv_none"]}, Conflict, "not on duty"),
    ):
        with pytest.raises(refusal, match=told):
            trouble.transfer(**wish)
    empty = transfer.read(trouble.healthy.id, trouble.city.clock)[0]
    with pytest.raises(Conflict, match="nothing to transfer"):
        transfer.transfer(trouble.healthy.id, empty.revision, "ana", trouble.city.clock)


def test_a_dispatcher_rearranges_a_route_and_what_is_pinned_stays():
    city = City.open()
    driver = city.driver(east_m=0)
    near = assignment.assign_by_hand(city.order("near", east_m=500).id, driver.id, "ana", city.clock).id
    far = assignment.assign_by_hand(city.order("far", east_m=4000).id, driver.id, "ana", city.clock).id
    route, sketch, _ = transfer.read(driver.id, city.clock)
    assert sketch.cost.driving_s > 0
    order = [f"{far}:pickup", f"{far}:dropoff", f"{near}:pickup", f"{near}:dropoff"]
    wish = driver.id, route.revision, order, {f"{near}:pickup"}, "ana", city.clock
    told, _ = transfer.rearrange(*wish, dry_run=True)
    assert told.after.cost.driving_s > told.before.cost.driving_s
    assert routing.of(driver.id) == route
    transfer.rearrange(*wish)
    changed = routing.of(driver.id)
    assert [stop.stop_id for stop in changed.stops] == order
    assert (changed.revision, changed.pending[-1].by, changed.pending[-1].reordered) == (
        route.revision + 1,
        "ana",
        True,
    )
    improve(driver.id, "testville", city.clock)
    assert [stop.stop_id for stop in routing.of(driver.id).stops] == order, "all before a pin keep their places too"
    with pytest.raises(Conflict, match="read it again"):
        transfer.rearrange(*wish)


def test_a_delivery_goes_where_on_the_route_a_dispatcher_wants_it():
    city = City.open()
    first, second = city.driver(east_m=0), city.driver(east_m=100)
    near = assignment.assign_by_hand(city.order("near", east_m=500).id, first.id, "ana", city.clock).id
    far = assignment.assign_by_hand(city.order("far", east_m=4000).id, second.id, "ana", city.clock).id
    chosen = {"position": (0, 1), "revision": routing.of(first.id).revision}
    told, routes = assignment.place_by_hand(far, first.id, "ana", city.clock, dry_run=True, **chosen)
    assert (told.driver_id, [route.driver_id for route in routes]) == (second.id, [second.id, first.id])
    given, _ = assignment.place_by_hand(far, first.id, "ana", city.clock, **chosen)
    assert given.driver_id == first.id
    improve(first.id, "testville", city.clock)
    stops = routing.of(first.id).stops
    assert [stop.delivery_id for stop in stops] == [far, far, near, near], "it is not undone"
    assert [stop.pinned for stop in stops] == [True, True, False, False]
    with pytest.raises(Conflict, match="read it again"):
        assignment.place_by_hand(city.order("third").id, first.id, "ana", city.clock, **chosen)


def test_goods_on_board_are_not_given_away_without_a_transfer():
    trouble = Trouble()
    with pytest.raises(Conflict, match="transfer it"):
        assignment.assign_by_hand(trouble.carried, trouble.healthy.id, "ana", trouble.city.clock)


def test_a_route_gets_no_more_orders_by_itself_than_the_zone_allows():
    for allowed, expected in ((0, "far"), (1, "near")):
        city = City.open(limits={"automatic_changes": allowed})
        driver = city.driver(east_m=0)
        placed = {name: city.order(name, east_m=east_m) for name, east_m in (("near", 500), ("far", 4000))}
        for order in placed.values():
            assignment.assign_by_hand(order.id, driver.id, "ana", city.clock)
        route = routing.of(driver.id)
        far_first = sorted(route.stops, key=lambda s: (s.delivery_id != placed["far"].id, s.kind is StopKind.DROPOFF))
        work = UnitOfWork()
        routing.keep(route.replan(far_first, city.clock.now(), ChangeReason.DELIVERIES_ASSIGNED), work)
        work.commit()
        improve(driver.id, "testville", city.clock)
        dropoffs = [s.delivery_id for s in routing.of(driver.id).stops if s.kind is StopKind.DROPOFF]
        assert dropoffs[0] == placed[expected].id


def test_an_order_that_a_dispatcher_chose_is_kept_for_an_hour():
    city = City.open()
    driver = city.driver(east_m=0)
    near, far = (
        assignment.assign_by_hand(city.order(n, east_m=m).id, driver.id, "ana", city.clock).id for n, m in AWAY
    )
    order = [f"{name}:{kind}" for name in (far, near) for kind in ("pickup", "dropoff")]
    transfer.rearrange(driver.id, routing.of(driver.id).revision, order, (), "ana", city.clock)
    assert improve(driver.id, "testville", city.clock) is None
    third = assignment.assign_by_hand(city.order("third", east_m=4100).id, driver.id, "ana", city.clock)
    kept = [stop.stop_id for stop in routing.of(driver.id).stops if stop.delivery_id != third.id]
    assert kept == order, "what comes in does not change it"
    city.later(minutes=61)
    assert improve(driver.id, "testville", city.clock)
    assert routing.of(driver.id).stops[-1].delivery_id != near


def test_a_closed_street_on_the_way_brings_another_order_once_it_is_worth_it():
    city = City.open()
    driver = city.driver(east_m=0)
    first = assignment.assign_by_hand(city.order("east", east_m=1500).id, driver.id, "ana", city.clock).id
    second = assignment.assign_by_hand(city.order("west", east_m=-1700).id, driver.id, "ana", city.clock).id
    for name in (first, second):
        stops.depart(name, driver.id, StopKind.PICKUP, None, city.clock)
        stops.arrive(name, driver.id, StopKind.PICKUP, None, city.clock)
        stops.pick_up(name, driver.id, None, city.clock)
    improve(driver.id, "testville", city.clock)
    assert [stop.delivery_id for stop in routing.of(driver.id).stops] == [first, second]
    ends = city.clock.now() + timedelta(minutes=25)
    jam = Incident(centre=at(900), radius_m=500, begins_at=city.clock.now(), ends_at=ends, slowdown=10)
    current.report("testville", jam, "water main burst", "ana", city.clock)
    improve(driver.id, "testville", city.clock)
    changed = routing.of(driver.id)
    assert [stop.delivery_id for stop in changed.stops] == [second, first]
    assert (changed.pending[-1].reason, changed.unconfirmed_since) == ("resequenced", city.clock.now())
