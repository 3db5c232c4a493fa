"""A small city for tests: one zone, a bakery, drivers on duty, and orders, all through the use cases."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import Offer
from crowdship.dispatch.rounds import service as rounds
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.model import Driver, DriverInput, DriverKind, Vehicle
from crowdship.drivers.standing import Level, Standing
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.model import DeliveryRequest, Place
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.geo import Point
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant, MerchantInput, Store
from crowdship.pricing.model import RateCard, price_trip
from crowdship.routes.route import Route
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.tariffs import current as tariffs
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from crowdship.travel import current
from crowdship.vault.model import Contact
from crowdship.zones import service as zones
from crowdship.zones.dispatch_rules import DispatchRules
from crowdship.zones.model import TravelRules, ZoneSettings
from crowdship.zones.store import ZoneRow

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SUSPENDED = Standing(level=Level.SUSPENSION, barred_from=date(2026, 1, 1))
CENTRE = Point(lat=41.0, lon=-87.0)
METRES_PER_DEGREE = 111_195


def at(east_m: float = 0, north_m: float = 0) -> Point:
    """Return the point some metres from the city's centre."""
    return Point(lat=41 + north_m / METRES_PER_DEGREE, lon=-87 + east_m / (METRES_PER_DEGREE * 0.7547))


AREA = (at(-6000, -6000), at(6000, -6000), at(6000, 6000), at(-6000, 6000))
BAKER = Contact(name="Corner Bakery", phone="+13125550100", address="1 Main Street", email="baker@example.com")
CUSTOMER = Contact(
    name="Kim Lee", phone="+13125550123", address="9 Lake View", email="kim@example.com", notes="2nd bell"
)


def settings(**dispatch: object) -> ZoneSettings:
    """Return a zone's settings with simple travel: 5 m/s as the crow flies, two minutes a stop.

    Parameters
    ----------
    **dispatch
        Groups of dispatch rules that differ from the defaults.
    """
    return ZoneSettings(
        name="Testville",
        area=AREA,
        dispatch=DispatchRules(**dispatch),
        travel=TravelRules(speed_mps=5, detour_factor=1, pickup_dwell_s=120, dropoff_dwell_s=120),
        rates=RateCard(),
        skills=("cold_box", "two_people"),
    )


_put_before: dict[str, Any] = {}


def put_zone(wanted: ZoneSettings) -> None:
    """Put the zone. What that writes into an empty table is kept: two hundred cells take longer than most tests."""
    from tests.integration.conftest import fill, items_of  # which knows moto, as tests of units need not

    standing = ZoneRow.load("testville")
    if standing and standing.settings == wanted:
        return
    table, key = ZoneRow.Meta.table_name, wanted.model_dump_json()
    if items_of(table):
        zones.put("testville", wanted)
    elif key in _put_before:
        fill(table, _put_before[key])
    else:
        zones.put("testville", wanted)
        _put_before[key] = items_of(table)


def request(
    external_id: str = "order-1", east_m: float = 2000, north_m: float = 0, **fields: object
) -> DeliveryRequest:
    """Return an order to a customer some metres from the centre."""
    return DeliveryRequest(
        external_id=external_id, dropoff=Place(contact=CUSTOMER, point=at(east_m, north_m)), **fields
    )


def delivery(name: str = "dlv_1", pickup: Point = CENTRE, dropoff: Point | None = None, **fields: object) -> Delivery:
    """Return a delivery that was just created, without any store."""
    dropoff = dropoff or at(2000, 0)
    window = Window(opens_at=NOON, closes_at=NOON + timedelta(hours=1))
    given: dict[str, object] = {
        "id": name,
        "merchant_id": "mer_1",
        "external_id": name,
        "zone_id": "testville",
        "pickup": pickup,
        "dropoff": dropoff,
        "pickup_window": window,
        "dropoff_window": window,
        "parcel": Parcel(weight_g=1000, volume_l=5),
        "requirements": Requirements(),
        "priority": Priority.NORMAL,
        "goods": None,
        "price": price_trip(RateCard(), 2000, 400, tip=150),
        "contacts_token": "pii_1",
        "created_at": NOON,
        "plan_from": NOON,
        "search_until": NOON + timedelta(minutes=45),
    }
    return Delivery.create("mer_1", **{**given, **fields})


def driver_input(**fields: object) -> DriverInput:
    """Return a driver with a car and all papers."""
    papers = tuple(Document(kind=kind, valid_until=date(2030, 1, 1)) for kind in DocumentKind)
    given: dict[str, object] = {
        "name": "Ana Diaz",
        "phone": "+13125550199",
        "email": "ana@example.com",
        "home_zone_id": "testville",
        "vehicle": Vehicle(kind=VehicleKind.CAR, max_weight_g=50_000, max_volume_l=200),
        "documents": papers,
    }
    return DriverInput(**{**given, **fields})


def bar(driver_id: str) -> None:
    """Suspend a driver at once, as a decision whose notice has run does."""
    work = UnitOfWork()
    drivers.keep(drivers.get(driver_id).with_changes(standing=SUSPENDED), work)
    work.commit()


@dataclass
class City:
    """The city and its clock."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    merchant: Merchant | None = None

    @classmethod
    def open(cls, **dispatch: object) -> "City":
        """Open a city with one zone, which has these groups of dispatch rules, and a bakery in its middle."""
        city = cls()
        zones._cache.clear()
        merchants._cache.clear()
        rounds._ahead.clear()
        current.forget()
        tariffs.forget()
        put_zone(settings(**dispatch))
        zones._cache.clear()
        store = Store(contact=BAKER, point=CENTRE)
        bakery = MerchantInput(name="Corner Bakery", billing_email="books@example.com", store=store)
        city.merchant = merchants.sign_up(bakery, city.clock)
        return city

    def driver(self, east_m: float = 500, north_m: float = 0, **fields: object) -> Driver:
        """Return a new driver who is on duty at a point."""
        driver = drivers.register(driver_input(**fields), self.clock, lambda driver_id, person: None)
        return duty.begin(driver.id, None, at(east_m, north_m), self.clock)

    def order(self, external_id: str = "order-1", **fields: object) -> Delivery:
        """Return a new delivery of the bakery."""
        assert self.merchant
        return intake.create(self.merchant, request(external_id, **fields), "mer_test", self.clock)

    def seen(self, driver: Driver, east_m: float, north_m: float = 0) -> None:
        """Let a driver's phone tell where it is."""
        here = Fix(point=at(east_m, north_m), device_at=self.clock.now(), accuracy_m=5)
        tracking.record(driver.id, [here], self.clock)

    def tick(self) -> datetime | None:
        """Play one planning round."""
        return rounds.play("testville", self.clock)

    def offers(self, driver: Driver) -> list[Offer]:
        """Return what a driver can answer now."""
        return offering.standing_offers(driver.id, self.clock).answerable

    def assigned(self, driver: Driver, **fields: object) -> Delivery:
        """Return an order that a driver was offered and took."""
        order = self.order(**fields)
        self.tick()
        (offer,) = self.offers(driver)
        answers.accept(driver.id, offer.id, self.clock)
        return deliveries.get(order.id)

    def later(self, **duration: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**duration))


__all__ = ["CENTRE", "NOON", "City", "DriverKind", "Priority", "Requirements", "Route", "at", "delivery"]
