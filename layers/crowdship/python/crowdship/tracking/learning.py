"""What a driver's leg or stay teaches, from the trail and the delivery's timeline."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery, State
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.geo import Point
from crowdship.kernel.observability import MetricUnit, metrics
from crowdship.routing.conditions import Lesson, leg_of, place_key, stay_of
from crowdship.routing.current import learn, travel_at
from crowdship.routing.maps import travel_times
from crowdship.routing.traffic import WALKING_MPS, Sighting, passages
from crowdship.tracking.model import Fix
from crowdship.tracking.store import TrailRow
from crowdship.zones import service as zones
from crowdship.zones.model import PROFILE_OF, Profile, Zone

LEGS = {
    "delivery.arrived_at_pickup": (State.EN_ROUTE_TO_PICKUP, State.ARRIVED_AT_PICKUP),
    "delivery.arrived_at_dropoff": (State.EN_ROUTE_TO_DROPOFF, State.ARRIVED_AT_DROPOFF),
}
STAYS = {
    "delivery.picked_up": (State.ARRIVED_AT_PICKUP, State.PICKED_UP),
    "delivery.delivered": (State.ARRIVED_AT_DROPOFF, State.DELIVERED),
}

LONGEST_LEG = timedelta(hours=3)
"""Who says an hour late that they left taught nothing."""


SILENT = timedelta(minutes=1)
SHORTEST_LEG_S, MOST_TIMES = 60.0, 4.0

type Taught = tuple[str, Lesson]
"""In which zone, and what."""


def lesson_of(event: DomainEvent) -> Taught | None:
    """Return the zone in which an event taught something, and what; None if it taught nothing."""
    if not event.livemode or not event.data["driver_id"] or event.type not in {*LEGS, *STAYS}:
        return None
    delivery = deliveries.get(event.subject)
    if delivery.was_handed_on and event.type in ("delivery.arrived_at_pickup", "delivery.picked_up"):
        return None  # it may have been beside a broken van, not at the shop
    if event.type in STAYS:
        arrived, done = STAYS[event.type]
        stay = stay_of(delivery, arrived, done)
        place = place_key(delivery.pickup) if done is State.PICKED_UP else None
        lesson = stay and Lesson(id=event.id, ended_at=stay[0], stay_at=place, stay_s=stay[1])
    else:
        lesson = _of_leg(event, delivery)
    return (delivery.zone_id, lesson) if lesson else None


def _of_leg(event: DomainEvent, delivery: Delivery) -> Lesson | None:
    left, arrived = LEGS[event.type]
    span = leg_of(delivery, left, arrived)
    if span is None or span[1] - span[0] > LONGEST_LEG:
        return None
    zone, driver = zones.get(delivery.zone_id), drivers.get(event.data["driver_id"])
    profile = PROFILE_OF[driver.vehicle.kind]
    if profile != zone.settings.travel.profile:
        return None  # a bicycle tells nothing of how cars get on
    trail = TrailRow.between(driver.id, *span)
    if not trail:
        return None
    to = delivery.pickup if arrived is State.ARRIVED_AT_PICKUP else delivery.dropoff
    walking = 0.0 if profile is Profile.FOOT else WALKING_MPS
    seen = [Sighting(f.point.lat, f.point.lon, f.device_at, f.accuracy_m, f.speed_mps) for f in trail]
    foretold_s, took_s = _foretold(zone, trail[0], to, span[0]), (span[1] - span[0]).total_seconds()
    # Of a phone that was silent at first, of a few steps, and of who brought something else on the way, the cells tell
    # something, but the whole says nothing of how well it was foretold.
    whole = (
        trail[0].device_at - span[0] <= SILENT and foretold_s >= SHORTEST_LEG_S and took_s <= MOST_TIMES * foretold_s
    )
    return Lesson(
        id=event.id,
        ended_at=span[1],
        passed=tuple(passages(seen, travel_times(zone.settings.travel), walking)),
        foretold_s=foretold_s if whole else 0.0,
        took_s=took_s if whole else 0.0,
    )


def _foretold(zone: Zone, first: Fix, to: Point, left_at: datetime) -> float:
    return travel_at(zone, left_at).seconds(first.point, to)


def take_in(taught: Iterable[Taught | None], clock: Clock) -> None:
    """Learn lessons, with one write for each zone; None taught nothing."""
    by_zone: dict[str, list[Lesson]] = {}
    for zone_id, lesson in filter(None, taught):
        by_zone.setdefault(zone_id, []).append(lesson)
    for zone_id, lessons in by_zone.items():
        learn(zones.get(zone_id), lessons, clock.now())
        metrics.add_metric("LessonsLearned", MetricUnit.Count, len(lessons))
