"""What a driver sees of a customer, and when, over all lives of a delivery."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.sight import SEEN_AFTER, area_of, may_see
from crowdship.deliveries.states import State
from crowdship.dispatch.offers.views import OfferedDelivery
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.geo import Point, distance_m
from crowdship.routes.contacts import StopContact
from crowdship.routes.route import Route
from crowdship.routes.stops import stops_of
from crowdship.routes.views import RouteView
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault.model import Contact, DeliveryContacts
from crowdship.zones.model import TravelRules
from tests.city import CENTRE, NOON, delivery
from tests.unit.deliveries.test_life import DOUBTFUL, HAPPY, STEPS, TO_THE_SHOP, lived

SHOP = Contact(name="Ann at the counter", phone="+13125550100", email="shop@example.com", address="1 Market Street")
KIM = Contact(
    name="Kim Lee-Planted",
    company="Plantedworks",
    phone="+13125550123",
    email="kim@planted.example",
    address="9 Planted View",
    notes="planted: ring twice",
)
PEOPLE = DeliveryContacts(id="pii_1", pickup=SHOP, dropoff=KIM, pin="482913")

MOVES = {
    **STEPS,
    "transfer": lambda d, at: d.transfer("drv_2", CENTRE, at, "ana", None),
    "an hour passes": lambda d, at: d,
}
BEGINNINGS = [(), TO_THE_SHOP, HAPPY[:6], HAPPY[:7], HAPPY, DOUBTFUL, (*HAPPY, "correct"), (*HAPPY[:7], "fail")]
BEGINNINGS += [(*HAPPY[:6], "transfer"), (*HAPPY[:6], "transfer", "staff give up")]


def seen_on_the_route(life, now):
    """Return what the driver of a delivery is answered about its route, as one text, and its drop-off stop if any."""
    route = Route(id="drv_1", zone_id="testville")
    stops = stops_of(life, TravelRules()) if life.driver_id and life.state not in ENDED else ()
    shown = RouteView.of(route.with_changes(stops=stops), {life.id: life}, {life.id: PEOPLE}, now, [life])
    dropoffs = [stop for stop in shown.stops if stop.kind is StopKind.DROPOFF]
    return shown.model_dump_json(), dropoffs[0] if dropoffs else None


ENDED = {State.DELIVERED, State.CANCELLED, State.EXPIRED, State.FAILED, State.RETURNED}


class Watched:
    """A life with what may be seen of its customer, kept by the steps alone and not by the rule under test."""

    def __init__(self):
        self.on_board, self.ended_at, self.earlier = False, None, (False, None)

    def note(self, before, after, now):
        for step in after.timeline[len(before.timeline) :]:
            if step.corrects:
                self.on_board, self.ended_at = self.earlier
            elif step.state is State.ASSIGNED:
                self.on_board, self.ended_at = False, None
            elif step.state is State.PICKED_UP:
                self.on_board = True
            elif step.state in (State.DELIVERED, State.FAILED, State.RETURNING) and self.ended_at is None:
                self.earlier = self.on_board, None
                self.ended_at = now

    def allows(self, life, now):
        in_time = self.ended_at is None or now < self.ended_at + timedelta(hours=1)
        return bool(life.driver_id) and self.on_board and in_time


@given(st.sampled_from(BEGINNINGS), st.lists(st.sampled_from(sorted(MOVES)), max_size=25))
def test_nobody_reads_a_customers_name_before_the_pickup_or_an_hour_after_the_stop(begun, steps):
    life, now, watched = delivery(), NOON, Watched()
    for step in (*begun, *steps):
        now += timedelta(hours=1) if step == "an hour passes" else timedelta(minutes=1)
        before = life
        with suppress(Conflict, Unprocessable):
            life = MOVES[step](life, now)
        watched.note(before, life, now)
        allowed = watched.allows(life, now)
        assert may_see(life, now) == allowed, [str(each.state) for each in life.timeline]
        said, dropoff = seen_on_the_route(life, now)
        assert KIM.phone not in said
        assert "example" not in said, "an e-mail address is never shown"
        assert PEOPLE.pin not in said
        if not allowed:
            assert "lanted" not in said, "the customer's name, company, door or notes are shown"
        if dropoff:
            assert dropoff.is_area == (not allowed)
            assert (dropoff.point == life.dropoff) == allowed
            assert dropoff.contact.name == (KIM.name if allowed else "Kim")


def test_a_driver_who_is_to_fetch_goods_from_another_one_sees_the_customer_once_they_have_them():
    life = lived(*HAPPY[:6])
    assert may_see(life, NOON)
    moved = life.transfer("drv_2", CENTRE, NOON + timedelta(minutes=9), "ana", None)
    assert not may_see(moved, NOON + timedelta(minutes=10))
    there = moved.depart(StopKind.PICKUP, NOON + timedelta(minutes=11)).arrive(StopKind.PICKUP, NOON)
    assert may_see(there.pick_up(NOON + timedelta(minutes=13)), NOON + timedelta(minutes=13))


def test_the_hour_ends_to_the_moment():
    life = lived(*HAPPY)
    stop = life.timeline[-1].at
    assert may_see(life, stop + SEEN_AFTER - timedelta(microseconds=1))
    assert not may_see(life, stop + SEEN_AFTER)


@given(
    st.floats(min_value=-80, max_value=80, allow_nan=False),
    st.floats(min_value=-180, max_value=180, allow_nan=False),
)
def test_an_area_is_near_the_door_and_the_same_for_all_doors_in_it(lat, lon):
    door = Point(lat=lat, lon=lon)
    area = area_of(door)
    assert distance_m(area, door) < 900
    assert area_of(area) == area


def test_an_offer_shows_the_area_and_not_the_door():
    life = delivery()
    offered = OfferedDelivery.of(life)
    assert offered.dropoff == area_of(life.dropoff) != life.dropoff
    assert offered.pickup == life.pickup


@pytest.mark.parametrize("seen", [True, False])
def test_a_customer_is_shown_without_phone_and_mail(seen):
    shown = StopContact.of_customer(KIM, seen=seen)
    assert shown.phone is None
    assert "kim@" not in shown.model_dump_json()


def test_the_shop_is_shown_with_its_phone_and_without_its_mail():
    shown = StopContact.of_shop(SHOP)
    assert (shown.name, shown.phone, shown.address) == (SHOP.name, SHOP.phone, SHOP.address)
    assert "shop@" not in shown.model_dump_json()
