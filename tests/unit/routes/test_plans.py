"""A driver's plan: what changed it, what they have confirmed, and that it does not flip by itself."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict
from crowdship.routes.route import MOST_PENDING, SETTLED_FOR, Route
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import fixed_head, stops_of
from crowdship.routes.timetable import Load, Start, cost_of, insert, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import GreatCircle
from crowdship.zones.model import TravelRules
from tests.city import NOON, at, delivery

RULES = TravelRules(speed_mps=5, detour_factor=1, pickup_dwell_s=120, dropoff_dwell_s=120)
TRAVEL = GreatCircle(RULES)
HERE = Start(at(), NOON)
BIG = Load(10**6, 10**6)
MOST = 4


def pair(name, east_m=1000, north_m=0):
    return stops_of(delivery(name, at(), at(east_m, north_m)), RULES)


def brought(name, east_m=1000, north_m=0):
    """What is on board already."""
    return pair(name, east_m, north_m)[1]


def route(*stops):
    return Route(id="drv_1", zone_id="z", stops=stops)


def test_what_others_change_waits_for_the_driver_to_confirm_it():
    given_work = route().replan(pair("a"), NOON, "deliveries_assigned", "ana")
    assert (given_work.revision, given_work.confirmed_revision, given_work.unconfirmed_since) == (1, 0, NOON)
    (change,) = given_work.pending
    assert (change.by, change.reason, change.added) == ("ana", "deliveries_assigned", ("a:pickup", "a:dropoff"))
    confirmed = given_work.confirm(1)
    assert (confirmed.confirmed_revision, confirmed.unconfirmed_since) == (1, None)
    assert confirmed.confirm(1) is confirmed


def test_what_drivers_do_themselves_needs_no_confirmation():
    taken = route().replan(pair("a"), NOON, "deliveries_assigned", "drv_1")
    done = taken.begin("a", StopKind.PICKUP, NOON).finish("a", StopKind.PICKUP, NOON)
    assert (done.revision, done.confirmed_revision, done.pending) == (2, 2, ())


def test_setting_out_for_a_stop_confirms_the_plan():
    changed = route(*pair("a")).replan((*pair("a"), *pair("b")), NOON, "deliveries_assigned", "ana")
    assert changed.begin("a", StopKind.PICKUP, NOON).unconfirmed_since is None


def test_setting_out_offline_confirms_only_what_had_changed_by_then():
    first = route(*pair("a")).replan((*pair("a"), *pair("b")), NOON, "deliveries_assigned", "ana")
    later = NOON + timedelta(minutes=6)
    second = first.replan((*first.stops, *pair("c")), later, "deliveries_assigned", "ana")
    begun = second.begin("a", StopKind.PICKUP, later + timedelta(minutes=2), NOON + timedelta(minutes=1))
    assert (begun.confirmed_revision, begun.unconfirmed_since) == (1, later)
    assert second.begin("a", StopKind.PICKUP, later, later + timedelta(days=9)).unconfirmed_since is None


def test_new_times_need_no_confirmation():
    planned = route(*pair("a"))
    later = planned.replan(timed(planned.stops, HERE, TRAVEL), NOON, "expected_otherwise")
    assert (later.revision, later.pending) == (0, ())


def test_a_change_says_what_came_what_went_and_whether_the_rest_is_in_another_order():
    before = route(brought("a"), brought("b"), brought("c"))
    after = before.replan((brought("c"), brought("a"), brought("d")), NOON, "edited_by_hand", "ana")
    (change,) = after.pending
    assert (change.added, change.removed, change.reordered) == (("d:dropoff",), ("b:dropoff",), True)
    told = after.events[0].data
    assert (told["reason"], told["by"], told["added"], told["revision"]) == ("edited_by_hand", "ana", ["d:dropoff"], 1)
    moved = brought("c", 50)
    (change,) = after.confirm(1).amend((moved, *after.stops[1:]), NOON, "delivery_updated", "mer_1").pending
    assert (change.changed, change.reordered) == (("c:dropoff",), False)


def test_confirming_an_older_plan_leaves_what_came_after_it():
    first = route().replan(pair("a"), NOON, "deliveries_assigned", "ana")
    second = first.replan((), NOON + timedelta(minutes=1), "delivery_cancelled", "mer_1")
    seen = second.confirm(1)
    assert (seen.confirmed_revision, seen.unconfirmed_since) == (1, NOON + timedelta(minutes=1))


def test_a_plan_that_is_not_there_yet_can_not_be_confirmed():
    with pytest.raises(Conflict, match="there is no 1 yet"):
        route().confirm(1)


def test_who_decides_on_an_older_plan_is_told_so():
    changed = route().replan(pair("a"), NOON, "deliveries_assigned", "ana")
    changed.must_be_at(1)
    with pytest.raises(Conflict, match="at revision 1, not 0"):
        changed.must_be_at(0)


def test_a_driver_who_never_confirms_does_not_make_the_route_grow_without_end():
    plan = route()
    for minute in range(3 * MOST_PENDING):
        stops = pair("a") if minute % 2 == 0 else ()
        plan = plan.replan(stops, NOON + timedelta(minutes=minute), "edited_by_hand", "ana")
    assert len(plan.pending) == MOST_PENDING
    assert plan.unconfirmed_since == NOON, "it still says since when"
    assert plan.pending[-1].revision == plan.revision


def test_pinned_stops_and_all_before_them_keep_their_place():
    far, near = brought("far", 4000), brought("near", 100)
    pinned = far.model_copy(update={"pinned": True})
    assert [stop.delivery_id for stop in sequence((far, near), HERE, BIG, TRAVEL, 5)] == ["near", "far"]
    assert [stop.delivery_id for stop in sequence((pinned, near), HERE, BIG, TRAVEL, 5)] == ["far", "near"]
    assert fixed_head((near, pinned, far)) == 2
    found = insert((near, pinned), [pair("new", 150)], HERE, BIG, TRAVEL, 5)
    assert [stop.stop_id for stop in found.stops[:2]] == ["near:dropoff", "far:dropoff"]


def test_a_route_changes_by_itself_only_so_often_in_an_hour():
    plan, now = route(*(brought(str(n), 100 * n) for n in range(6))), NOON
    rng = random.Random(1)
    for _ in range(MOST):
        order = rng.sample(plan.stops, len(plan.stops))
        assert plan.may_change_to(order, now, MOST)
        plan, now = plan.replan(order, now, "resequenced"), now + timedelta(minutes=5)
    other = rng.sample(plan.stops, len(plan.stops))
    assert not plan.may_change_to(other, now, MOST)
    assert plan.may_change_to(other, NOON + SETTLED_FOR, MOST), "the first is an hour ago"
    assert plan.replan(other, now, "edited_by_hand", "ana").left == plan.left, "what people change is not counted"


def test_an_order_that_a_person_gave_is_left_for_an_hour():
    a, b, c = (brought(name) for name in "abc")
    given_order = route(a, b, c).replan((b, a, c), NOON, "edited_by_hand", "ana").ordered(NOON)
    soon = NOON + SETTLED_FOR - timedelta(minutes=1)
    assert not given_order.may_change_to((c, b, a), soon, MOST)
    assert not given_order.replan((b, a), soon, "stop_done", "drv_1").may_change_to((a, b), soon, MOST)
    assert given_order.may_change_to((c, b, a), NOON + SETTLED_FOR, MOST)


def test_a_route_does_not_go_back_by_itself_to_a_plan_it_left():
    a, b, c = (brought(name) for name in "abc")
    swapped = route(a, b, c).replan((b, a, c), NOON, "resequenced")
    soon = NOON + timedelta(minutes=59)
    assert not swapped.may_change_to((a, b, c), soon, MOST)
    assert not swapped.replan((b, a), soon, "delivery_cancelled").may_change_to((a, b), soon, MOST)
    assert swapped.may_change_to((a, b, c), NOON + SETTLED_FOR, MOST)
    grown = swapped.replan((b, a, c, brought("d")), soon, "deliveries_assigned")
    assert grown.may_change_to((a, b, c, brought("d")), soon, MOST), "with a new stop it is another plan"


class Noisy:
    """Travel times that are a little different each time somebody asks for them."""

    def __init__(self, rng, share):
        self._rng, self._share, self._known = rng, share, {}

    def seconds(self, a, b):
        return self.seconds_between((a.lat, a.lon), (b.lat, b.lon))

    def seconds_between(self, a, b):
        if (a, b) not in self._known:
            noise = 1 + self._share * self._rng.uniform(-1, 1)
            self._known[a, b] = noise * TRAVEL.seconds_between(a, b)
        return self._known[a, b]

    def know(self, places):
        """Nothing is to be prepared."""

    know_legs = know


@given(st.integers(0, 10**6), st.integers(3, 5), st.integers(0, 400), st.floats(0, 0.6))
@settings(max_examples=40)
def test_with_noise_in_positions_and_travel_times_no_plan_flips_back_within_the_hour(seed, count, metres, share):
    rng = random.Random(seed)
    plan = route(*(brought(str(n), rng.randint(-1500, 1500), rng.randint(-1500, 1500)) for n in range(count)))
    history = [(NOON, tuple(stop.stop_id for stop in plan.stops))]
    changes = []
    for step in range(40):
        now = NOON + timedelta(minutes=3 * step)
        here = Start(at(rng.uniform(-metres, metres), rng.uniform(-metres, metres)), now)
        travel = Noisy(rng, share)
        order = sequence(plan.stops, here, BIG, travel, 5)
        saved = cost_of(plan.stops, here, travel).total(5) - cost_of(order, here, travel).total(5)
        if saved > 0 and plan.may_change_to(order, now, MOST):
            plan = plan.replan(order, now, "resequenced")
            changes.append(now)
        ids = tuple(stop.stop_id for stop in plan.stops)
        if ids != history[-1][1]:
            left_at = now
            again = [when for (_, was), (when, _) in pairwise([*history, (now, ids)]) if was == ids]
            assert all(left_at - when >= SETTLED_FOR for when in again), "it went back to what it left"
            history.append((now, ids))
    for number, when in enumerate(changes):
        assert sum(when - SETTLED_FOR < other <= when for other in changes[: number + 1]) <= MOST
