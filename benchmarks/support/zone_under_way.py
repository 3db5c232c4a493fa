"""Made-up zones with a merchant's own drivers under way, the same for a seed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.transfer.rules import Moving, distribute
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.model import Driver, DriverKind, Duty, Vehicle
from crowdship.kernel.geo import METRES_PER_DEGREE, Point
from crowdship.pricing.model import RateCard, price_trip
from crowdship.routes.route import Route
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import Stop, stops_of
from crowdship.routes.timetable import Load, Start, cost_of
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from crowdship.zones.dispatch_rules import DispatchLimits, DispatchRules
from crowdship.zones.model import TravelRules, ZoneSettings

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


HALF_M = 3000.0


AREA = tuple(Point(lat=41 + y, lon=-87 + x) for x, y in ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1)))


ZONE = ZoneSettings(
    name="z", area=AREA, dispatch=DispatchRules(limits=DispatchLimits(open_stops=14)), travel=TravelRules(speed_mps=6)
)


WEIGHT = ZONE.dispatch.weights.lateness


TRAVEL = GreatCircle(ZONE.travel)


Routes = dict[str, tuple[Stop, ...]]


@dataclass
class Zone:
    """Drivers under way at a moment."""

    drivers: dict[str, Available]
    known: dict[str, Delivery]

    def start(self, name: str) -> Start:
        """Return where and when a driver goes on."""
        return Start(self.drivers[name].at, NOON)

    def routes(self) -> Routes:
        """Return what each driver has to do."""
        return {name: entry.route.stops for name, entry in self.drivers.items()}

    def with_routes(self, routes: Mapping[str, Sequence[Stop]]) -> "Zone":
        """Return the zone with other stops on some routes."""
        drivers = {
            name: replace(entry, route=entry.route.with_changes(stops=tuple(routes.get(name, entry.route.stops))))
            for name, entry in self.drivers.items()
        }
        return replace(self, drivers=drivers)

    def cost(self, routes: Routes) -> float:
        """Return what all routes cost, in seconds of driving."""
        return sum(cost_of(stops, self.start(name), TRAVEL).total(WEIGHT) for name, stops in routes.items())

    def lateness(self, routes: Routes) -> float:
        """Return by how much stops are late, in all."""
        return sum(cost_of(stops, self.start(name), TRAVEL).late_s for name, stops in routes.items())


def point(rng: random.Random) -> Point:
    """Return a place in the city."""
    east, north = (rng.uniform(-HALF_M, HALF_M) / METRES_PER_DEGREE for _ in range(2))
    return Point(lat=41 + north, lon=-87 + east / 0.7547)


def delivery(name: str, pickup: Point, rng: random.Random, **fields: Any) -> Delivery:
    """Return a delivery with a window of an hour or so."""
    pickup_window = Window(opens_at=NOON - timedelta(hours=1), closes_at=NOON + timedelta(minutes=rng.randint(20, 90)))
    window = Window(opens_at=NOON - timedelta(hours=1), closes_at=NOON + timedelta(minutes=rng.randint(35, 110)))
    given: dict[str, Any] = {"pickup_window": pickup_window, "dropoff_window": window, **fields}
    return Delivery.create(
        "mer_1",
        id=name,
        merchant_id="mer_1",
        external_id=name,
        zone_id="z",
        pickup=pickup,
        dropoff=point(rng),
        parcel=Parcel(weight_g=rng.randint(500, 4000), volume_l=5),
        requirements=Requirements(),
        priority=Priority.NORMAL,
        goods=None,
        price=price_trip(RateCard(), 2000, 400),
        contacts_token="pii_1",
        created_at=NOON,
        plan_from=NOON,
        search_until=NOON + timedelta(hours=1),
        **given,
    )


def driver(name: str) -> Driver:
    """Return one of the merchant's own drivers."""
    papers = tuple(Document(kind=kind, valid_until=NOON.date() + timedelta(days=99)) for kind in DocumentKind)
    return Driver(
        id=name,
        kind=DriverKind.DEDICATED,
        merchant_id="mer_1",
        home_zone_id="z",
        person_token="pii_1",
        vehicle=Vehicle(kind=VehicleKind.CAR, max_weight_g=20_000, max_volume_l=200),
        documents=papers,
        created_at=NOON,
        duty=Duty(zone_id="z", since=NOON),
    )


def zone_of(seed: int) -> Zone:
    """Return a zone: its deliveries are given out as the platform would, then drivers do a part of that."""
    rng = random.Random(f"zone {seed}")
    shops = [point(rng) for _ in range(rng.randint(2, 5))]
    drivers = {}
    for number in range(rng.randint(3, 6)):
        name = f"drv_{number}"
        holds = Load(20_000, 200)
        drivers[name] = Available(driver(name), point(rng), NOON, Route(id=name, zone_id="z"), holds)
    wanted = [delivery(f"dlv_{n}", rng.choice(shops), rng) for n in range(3 * len(drivers) + rng.randint(0, 6))]
    plan = shared(Zone(drivers, {}), [Moving(d, stops_of(d, ZONE.travel)) for d in wanted], ())
    asked = {d.id: d for d in wanted}
    known = {job: asked[job].assign(who, NOON, "dispatch", None) for job, who in plan.given.items()}
    zone = Zone(drivers, known).with_routes(plan.routes)
    for name, entry in zone.drivers.items():
        stops = list(entry.route.stops)
        for stop in stops[: rng.randint(0, len(stops) // 2)]:
            stops.remove(stop)
            if stop.kind is StopKind.PICKUP:
                known[stop.delivery_id] = known[stop.delivery_id].with_changes(state=State.PICKED_UP)
            else:
                del known[stop.delivery_id]
            zone.drivers[name] = replace(zone.drivers[name], at=stop.point)
        if stops and rng.random() < 0.6:
            stops[0] = stops[0].model_copy(update={"started": True})
            state = State.EN_ROUTE_TO_PICKUP if stops[0].kind is StopKind.PICKUP else State.EN_ROUTE_TO_DROPOFF
            known[stops[0].delivery_id] = known[stops[0].delivery_id].with_changes(state=state)
        if len(stops) > 2 and rng.random() < 0.15:
            pin = rng.randrange(2)
            stops[pin] = stops[pin].model_copy(update={"pinned": True})
        # As resequencing leaves it: what is measured is the event, not what came before it.
        capacity = zone.drivers[name].capacity
        zone = zone.with_routes({name: sequence(stops, zone.start(name), capacity, TRAVEL, WEIGHT)})
    return zone


def shared(zone: Zone, moving: Sequence[Moving], but: Sequence[str]) -> Any:
    """Return who takes over what, as the platform finds it."""
    takers = [entry for name, entry in zone.drivers.items() if name not in but]
    able = {each.delivery.id: {entry.driver.id for entry in takers} for each in moving}
    return distribute(moving, takers, able, ZONE, TRAVEL, NOON)
