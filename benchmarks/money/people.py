"""Zones, drivers and deliveries of a world, stored as their rooms store them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from random import Random

from benchmarks.money.drivers import certify, driver_id_of, give_account
from benchmarks.money.floors import ZONE_OF
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.store import DeliveryRow
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.geo import Point
from crowdship.kernel.reading import STORED
from crowdship.payouts import queries as payouts
from crowdship.payouts.schedule import Cadence
from crowdship.pricing.model import RateCard
from crowdship.zones.model import Zone, ZoneSettings
from crowdship.zones.store import ZoneRow
from tests.city import driver_input
from tests.unit.claims.deliveries import delivered

FIRST = date(2026, 11, 23)
"""First day of every other world, a Monday before a bank holiday; deliveries of ``tests/unit/claims`` end on it."""

BEFORE_THE_MONTHS_END = date(2026, 11, 27)
"""First day of the other worlds: their lives begin on both sides of the month's end."""

GIVEN = datetime(2026, 9, 1, tzinfo=UTC)
"""The moment at which drivers gave their accounts and forms."""

CURRENCY_OF = {"sim-usd": "USD", "sim-eur": "EUR", **dict.fromkeys(ZONE_OF.values(), "USD")}
"""Currency of each zone."""

PLACE_OF = {zone_id: (place,) for place, zone_id in ZONE_OF.items()}
"""Jurisdictions of the zones whose law sets a floor for pay."""

_PARTNER = driver_input()
_DELIVERED = delivered(tip=300)
_CORNERS = tuple(Point(lat=lat, lon=lon) for lat, lon in ((41, -87), (41, -86.9), (41.1, -86.9)))


@dataclass(frozen=True)
class Person:
    """A driver of a world."""

    number: int
    zone_id: str

    @property
    def id(self) -> str:
        """The driver's id."""
        return driver_id_of(self.number)

    @property
    def currency(self) -> str:
        """The currency of the driver's zone."""
        return CURRENCY_OF[self.zone_id]


def first_day_of(seed: int) -> date:
    """Return the first day of a world."""
    return FIRST if seed % 2 else BEFORE_THE_MONTHS_END


def put_zones() -> None:
    """Store the zones."""
    work = UnitOfWork()
    for zone_id, currency in CURRENCY_OF.items():
        settings = ZoneSettings(
            name=zone_id,
            area=_CORNERS,
            rates=RateCard(currency=currency),
            adjusted_alone=1500,
            jurisdictions=PLACE_OF.get(zone_id, ()),
        )
        work.store(ZoneRow.of(Zone(id=zone_id, settings=settings)))
    work.commit()


def hired(number: int, random: Random, clock: object, zone_id: str | None = None) -> Person:
    """Store a driver: some paid weekly, one in eight in the other currency, one in eight without a tax form.

    Parameters
    ----------
    zone_id : str, optional
        Zone of the driver, who is paid in its currency.
    """
    drawn = "sim-eur" if random.random() < 0.125 else "sim-usd"
    person = Person(number, zone_id or drawn)
    work = UnitOfWork()
    kept = {"vehicle": _PARTNER.vehicle, "documents": _PARTNER.documents, "home_zone_id": person.zone_id}
    drivers.keep(Driver(id=person.id, person_token=f"pii_{number}", created_at=GIVEN, **kept), work)
    work.commit()
    give_account(number, GIVEN, GIVEN.date())
    if random.random() > 0.125:
        certify(number, GIVEN)
    if random.random() < 0.3:
        payouts.choose_schedule(person.id, Cadence.WEEKLY, clock)  # type: ignore[arg-type]  # a FixedClock
    return person


@cache
def _delivered_on(day: date) -> Delivery:
    body = _DELIVERED.model_dump_json().replace(FIRST.isoformat(), day.isoformat())
    return Delivery.model_validate_json(body, context=STORED)


def keep_delivery(delivery_id: str, merchant_id: str, person: Person, day: date) -> Delivery:
    """Store a delivery that ended on a day, once, and return it."""
    if known := DeliveryRow.load(delivery_id):
        return known
    about = {"merchant_id": merchant_id, "driver_id": person.id, "zone_id": person.zone_id}
    one = _delivered_on(day).model_copy(update={"id": delivery_id, **about, "events": (), "stored_version": 0})
    work = UnitOfWork()
    work.store(DeliveryRow.of(one))
    work.commit()
    return one
