"""Observations from a driver's leg or stay, made from the trail and the delivery's timeline."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.ids import derived_id
from crowdship.routes.stops import stop_of
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import PROFILE_OF, Profile
from crowdship.tracking.geofences.fences import Crossing, Radii, visit_to
from crowdship.tracking.geofences.visits import DONE_AT, said, visit_at
from crowdship.tracking.learning.observations import SHORTEST_STAY_S, leg_of, stay_of
from crowdship.tracking.model import Fix
from crowdship.tracking.store import TrailRow
from crowdship.travel.conditions import Observation, place_key
from crowdship.travel.current import learn, travel_at
from crowdship.travel.engines.maps import travel_times
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.passages import WALKING_MPS, Sighting, passages
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

LEGS = {
    "delivery.arrived_at_pickup": (State.EN_ROUTE_TO_PICKUP, State.ARRIVED_AT_PICKUP),
    "delivery.arrived_at_dropoff": (State.EN_ROUTE_TO_DROPOFF, State.ARRIVED_AT_DROPOFF),
}
STAYS = {
    "delivery.picked_up": (StopKind.PICKUP, State.ARRIVED_AT_PICKUP, State.PICKED_UP),
    "delivery.delivered": (StopKind.DROPOFF, State.ARRIVED_AT_DROPOFF, State.DELIVERED),
}
LEFT = Crossing.LEFT.value

LATEST = timedelta(minutes=5)
"""A departure that positions show later than this is ignored: the stay was learned from the driver's own steps."""

SAID_LATE = timedelta(minutes=1)
"""For a driver who says that they arrived more than this after their positions show it, the positions count."""

ELSEWHERE_M = 300.0
"""An arrival stated farther than this from the stop, in metres, says nothing about how long the way takes."""

LONGEST_LEG = timedelta(hours=3)
"""The longest leg that is learned from; on a longer one, the driver stated a step hours late."""


STAYS_ON = timedelta(minutes=2)
"""A stay ends at most this long after everything was done there; a driver who stays longer has another reason."""

SILENT = timedelta(minutes=1)
SHORTEST_LEG_S, MOST_TIMES = 60.0, 4.0

type ZoneObservation = tuple[str, Observation]
"""The zone's id, and the observation."""


def observation_of(event: DomainEvent) -> ZoneObservation | None:
    """Return the observation that an event ends, with its zone; None if there is nothing to learn."""
    if event.type == LEFT:
        return _of_visit(event)
    if not event.livemode or not event.data["driver_id"] or event.type not in {*LEGS, *STAYS}:
        return None
    delivery = deliveries.get(event.subject)
    if delivery.was_transferred and event.type in ("delivery.arrived_at_pickup", "delivery.picked_up"):
        return None  # the goods may have been taken over anywhere, not at the shop
    observation = _of_stay(event, delivery) if event.type in STAYS else _of_leg(event, delivery)
    return (delivery.zone_id, observation) if observation else None


def _of_stay(event: DomainEvent, delivery: Delivery) -> Observation | None:
    """Return the observation of a finished stay: from positions where there are some, else from the driver's steps."""
    kind, arrived, done = STAYS[event.type]
    visit = visit_at(delivery, kind, event.time + LATEST)
    if visit and visit.left_at is None:
        return None  # the driver is still there; the event of leaving is learned from instead
    done_at = said(delivery, done)
    if visit and visit.dwell_s is not None and visit.arrived_at and visit.left_at and done_at:
        return _by_position(delivery, kind, visit.arrived_at, visit.left_at, done_at)
    stay = stay_of(delivery, arrived, done)
    place = place_key(delivery.pickup) if kind is StopKind.PICKUP else None
    return stay and Observation(id=event.id, ended_at=stay[0], stay_at=place, stay_s=stay[1])


def _of_visit(event: DomainEvent) -> ZoneObservation | None:
    """Return the observation of a visit that is over, with its zone.

    The result is None if nothing was done during the visit: then it was no stay, or the driver has yet to state the
    step, and the step's event is learned from. The result is also None if the positions came later than ``LATEST``:
    then the stay was learned from the driver's steps.
    """
    if event.data["dwell_s"] is None:
        return None
    came, went = (datetime.fromisoformat(event.data[name]) for name in ("arrived_at", "device_at"))
    if event.time - went > LATEST:
        return None
    stops = [stop_of(stop_id) for stop_id in event.data["stop_ids"]]
    known = deliveries.get_many(delivery_id for delivery_id, _ in stops)
    done: list[tuple[datetime, Delivery, StopKind]] = []
    for delivery_id, kind in stops:
        delivery = known.get(delivery_id)
        done_at = delivery and kind in DONE_AT and said(delivery, DONE_AT[kind])
        if delivery and done_at and done_at >= came and delivery.driver_id == event.subject:
            done.append((done_at, delivery, kind))
    if not done:
        return None
    _, delivery, kind = done[0]
    observation = _by_position(delivery, kind, came, went, max(done_at for done_at, _, _ in done))
    return (delivery.zone_id, observation) if observation else None


def _by_position(
    delivery: Delivery, kind: StopKind, came: datetime, left_at: datetime, done_at: datetime
) -> Observation | None:
    if kind is StopKind.PICKUP and delivery.was_transferred:
        return None
    window = delivery.pickup_window if kind is StopKind.PICKUP else delivery.dropoff_window
    went = min(left_at, done_at + STAYS_ON)
    seconds = (went - max(came, window.opens_at)).total_seconds()
    if seconds < SHORTEST_STAY_S:
        return None
    place = place_key(delivery.pickup) if kind is StopKind.PICKUP else None
    # Whatever teaches it, and for whichever delivery of a bundle: a visit is learned once.
    visit = derived_id("vst", delivery.driver, came.isoformat())
    return Observation(id=visit, ended_at=went, stay_at=place, stay_s=seconds)


def _of_leg(event: DomainEvent, delivery: Delivery) -> Observation | None:
    left, arrived = LEGS[event.type]
    span = leg_of(delivery, left, arrived)
    if span is None or span[1] - span[0] > LONGEST_LEG:
        return None
    zone, driver = zones.get(delivery.zone_id), drivers.get(event.data["driver_id"])
    profile = PROFILE_OF[driver.vehicle.kind]
    if profile != zone.settings.travel.profile:
        return None  # the pace of a bicycle says nothing about that of cars
    trail = TrailRow.between(driver.id, *span)
    if not trail:
        return None
    to = delivery.pickup if arrived is State.ARRIVED_AT_PICKUP else delivery.dropoff
    elsewhere = distance_m(trail[-1].point, to) > ELSEWHERE_M
    visit = visit_to(to, trail, Radii.of(zone.settings))
    there_at = visit.arrived_at if visit and visit.is_there and visit.sure else None
    if there_at and span[0] < there_at < span[1] - SAID_LATE:
        span, trail = (span[0], there_at), [fix for fix in trail if fix.device_at <= there_at]
    walking = 0.0 if profile is Profile.FOOT else WALKING_MPS
    seen = [Sighting(f.point.lat, f.point.lon, f.device_at, f.accuracy_m, f.speed_mps) for f in trail]
    foretold_s, took_s = _foretold(zone, trail[0], to, span[0]), (span[1] - span[0]).total_seconds()
    # The whole leg says nothing about the forecast if the phone was silent at first, if the leg was very short, or if
    # the driver brought something else on the way. Its cells are learned in any case.
    whole = (
        trail[0].device_at - span[0] <= SILENT
        and not elsewhere
        and SHORTEST_LEG_S <= foretold_s < NO_WAY_S
        and took_s <= MOST_TIMES * foretold_s
    )
    return Observation(
        id=event.id,
        ended_at=span[1],
        passed=tuple(passages(seen, travel_times(zone.settings.travel), walking)),
        foretold_s=foretold_s if whole else 0.0,
        took_s=took_s if whole else 0.0,
    )


def _foretold(zone: Zone, first: Fix, to: Point, left_at: datetime) -> float:
    return travel_at(zone, left_at).foretold(first.point, to)


def store_observations(observed: Iterable[ZoneObservation | None], clock: Clock) -> None:
    """Store observations, with one write for each zone; None is skipped.

    Raises
    ------
    ExceptionGroup
        The errors of the zones that failed, after the observations of all other zones were stored.
    """
    by_zone: dict[str, list[Observation]] = {}
    for zone_id, observation in filter(None, observed):
        by_zone.setdefault(zone_id, []).append(observation)
    failed: list[Exception] = []
    for zone_id, observations in by_zone.items():
        try:
            learn(zones.get(zone_id), observations, clock.now())
        except Exception as error:  # an error in one zone must not stop the others
            failed.append(error)
        else:
            metrics.add_metric("ObservationsLearned", MetricUnit.Count, len(observations))
    if failed:
        raise ExceptionGroup(f"Observations of {len(failed)} zones were not learned", failed)
