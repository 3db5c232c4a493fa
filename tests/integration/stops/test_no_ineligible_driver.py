"""No sequence of events lets a driver whom the law bars get an offer, take it, or fetch its goods."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import ON_BOARD, OPEN, State
from crowdship.dispatch import assignment
from crowdship.dispatch.offers import answers
from crowdship.dispatch.rounds import service as rounds
from crowdship.dispatch.transfer import service as transfer
from crowdship.drivers import service as drivers
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import DriverChange, DriverKind
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange, DropoffChange
from crowdship.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from crowdship.routes import service as routing
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from tests.city import NOON, City, at
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.stops.test_regulated import city_in

NAMES = ("age_21", "alcohol_certificate", "cannabis_employee")
GOODS = ("alcohol", "cannabis", None)
REFUSALS = (Conflict, Forbidden, NotFound, Unprocessable)

who = st.integers(0, 2)
held = st.dictionaries(st.sampled_from(NAMES), st.integers(-1, 3))
"""Days from today until which each credential counts."""

DEEDS = st.one_of(
    st.tuples(st.just("order"), st.sampled_from(GOODS)),
    st.tuples(st.just("tick"), st.none()),
    st.tuples(st.just("accept"), who),
    st.tuples(st.just("hold"), st.tuples(who, held)),
    st.tuples(st.just("assign"), who),
    st.tuples(st.just("depart"), who),
    st.tuples(st.just("fetch"), who),
    st.tuples(st.just("transfer"), who),
    st.tuples(st.just("move"), st.integers(500, 3000)),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 60 * 14])),
)


class Life:
    """A city with two crowd drivers and one of the shop's own, and checks of what each driver gets."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.city.clock.moment = NOON
        own = {"kind": DriverKind.DEDICATED, "merchant_id": self.city.merchant.id}
        self.drivers = [self.city.driver(100).id, self.city.driver(200).id, self.city.driver(300, **own).id]
        self.orders: list[str] = []

    def is_barred(self, driver_id: str, delivery_id: str) -> bool:
        """Return whether the law bars a driver, reckoned apart from the code that is tested."""
        driver, delivery = drivers.get(driver_id), deliveries.get(delivery_id)
        if delivery.goods is None:
            return False
        needs = {"alcohol": {"age_21", "alcohol_certificate"}, "cannabis": {"age_21", "cannabis_employee"}}
        today = driver.day_of(self.city.clock.now())
        has = {one.name for one in driver.credentials if one.valid_until is None or one.valid_until >= today}
        return not needs[delivery.goods] <= has or (delivery.goods == "cannabis" and driver.merchant_id is None)

    def play(self, name: str, what: object) -> None:
        before = {order: deliveries.get(order) for order in self.orders}
        try:
            getattr(self, name)(what)
        except REFUSALS:
            assert all(deliveries.get(order).state == was.state for order, was in before.items()), name
        for order, was in before.items():
            now = deliveries.get(order)
            if now.driver_id and now.driver_id != was.driver_id:
                assert not self.is_barred(now.driver_id, order), f"{name} gave it to a driver who may not have it"
            if now.state is State.PICKED_UP and was.state is not State.PICKED_UP:
                assert not self.is_barred(now.driver_id, order), "a driver fetched what they may not have"
            if was.state in ON_BOARD:
                assert now.driver_id == was.driver_id or not self.is_barred(now.driver_id, order)

    def order(self, goods: str | None) -> None:
        self.orders.append(self.city.order(f"order-{len(self.orders)}", goods=goods).id)

    def tick(self, _: None) -> None:
        was = {order: deliveries.get(order).offer_id for order in self.orders}
        self.city.tick()
        for driver_id in self.drivers:
            for offer in self.city.offers(drivers.get(driver_id)):
                if any(was.get(order) != offer.id for order in offer.delivery_ids):
                    assert not any(self.is_barred(driver_id, order) for order in offer.delivery_ids)

    def accept(self, number: int) -> None:
        for offer in self.city.offers(drivers.get(self.drivers[number])):
            answers.accept(self.drivers[number], offer.id, self.city.clock)

    def hold(self, change: tuple[int, dict[str, int]]) -> None:
        number, days = change
        today = self.city.clock.now().date()
        credentials = tuple(
            Credential(name=name, valid_until=today + timedelta(days=left)) for name, left in sorted(days.items())
        )
        drivers.change(self.drivers[number], DriverChange(credentials=credentials), self.city.clock)

    def assign(self, number: int) -> None:
        for order in self.orders:
            if deliveries.get(order).state in OPEN:
                assignment.assign_by_hand(order, self.drivers[number], "mira", self.city.clock)

    def _at_pickup(self, number: int) -> str:
        stops_left = routing.of(self.drivers[number]).stops
        found = next((stop.delivery_id for stop in stops_left if stop.kind is StopKind.PICKUP), None)
        if found is None:
            raise NotFound("no_stop", "There is nothing to fetch.")
        return found

    def depart(self, number: int) -> None:
        order = self._at_pickup(number)
        stops.depart(order, self.drivers[number], StopKind.PICKUP, None, self.city.clock)
        stops.arrive(order, self.drivers[number], StopKind.PICKUP, None, self.city.clock)

    def fetch(self, number: int) -> None:
        stops.pick_up(self._at_pickup(number), self.drivers[number], None, self.city.clock)

    def transfer(self, number: int) -> None:
        self.city.seen(drivers.get(self.drivers[number]), 100)
        revision = routing.of(self.drivers[number]).revision
        transfer.transfer(self.drivers[number], revision, "mira", self.city.clock)

    def move(self, east_m: int) -> None:
        for order in self.orders[-1:]:
            wish = DeliveryChange(dropoff=DropoffChange(point=at(east_m)))
            changes.change(order, self.city.merchant.id, wish, self.city.clock)

    def wait(self, minutes: int) -> None:
        self.city.later(minutes=minutes)
        for number, driver_id in enumerate(self.drivers):
            self.city.seen(drivers.get(driver_id), 100 * (number + 1))


@pytest.fixture
def city(aws):
    """Return a city, and how its tables are as it begins; a zone takes longer to make than a life to play."""
    return city_in("US-TX", "US-CA"), saved_tables()


@given(st.lists(DEEDS, min_size=4, max_size=14))
@settings(
    max_examples=12,
    deadline=None,
    # A life takes a second, so a failing one is told as it is, and not made shorter for minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_sequence_of_events_lets_an_ineligible_driver_get_take_or_fetch_goods(city, deeds):
    restore_tables(city[1])
    rounds._ahead.clear()
    life = Life(city[0])
    for name, what in [("order", "alcohol"), ("hold", (0, dict.fromkeys(NAMES, 1))), ("tick", None), *deeds]:
        life.play(name, what)
