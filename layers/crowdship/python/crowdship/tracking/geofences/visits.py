"""Visits of a driver to a delivery's stops, read from the driver's trail."""

from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ARRIVED_AT, State
from crowdship.kernel.clock import Clock
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.geofences.fences import Radii, visit_to
from crowdship.tracking.model import Visit
from crowdship.tracking.store import TrailRow
from crowdship.tracking.views import StopTimes
from crowdship.zones import service as zones

DONE_AT = {StopKind.PICKUP: State.PICKED_UP, StopKind.DROPOFF: State.DELIVERED}
BEGINS_WITH = {StopKind.PICKUP: State.ASSIGNED, StopKind.DROPOFF: State.PICKED_UP}

LONGEST = timedelta(hours=6)
"""A trail is read no farther back than this from the last step at a stop."""

AFTERWARDS = timedelta(minutes=15)
"""A trail is read up to this long after the last step at a stop, as the driver may still be there."""

FAR_OFF = timedelta(minutes=3)
"""A step that was stated more than this before or after the positions show it counts as differing."""


def said(delivery: Delivery, state: State) -> datetime | None:
    """Return when a state was last entered, by the device's clock where there is one."""
    step = delivery.newest_step(state)
    return step.made_at if step else None


def visit_at(delivery: Delivery, kind: StopKind, now: datetime) -> Visit | None:
    """Return the visit of a delivery's driver to one of its stops, or None if the trail shows none."""
    begun = said(delivery, BEGINS_WITH[kind])
    if delivery.driver_id is None or begun is None:
        return None
    until = min(now, (said(delivery, DONE_AT[kind]) or now) + AFTERWARDS)
    trail = TrailRow.between(delivery.driver_id, max(begun, until - LONGEST), until)
    point = delivery.pickup if kind is StopKind.PICKUP else delivery.dropoff
    return visit_to(point, trail, Radii.of(zones.get(delivery.zone_id).settings))


def times_at_stops(delivery: Delivery, clock: Clock) -> tuple[StopTimes, ...]:
    """Return when a delivery's driver was at the stops they reached, by their own steps and by their positions.

    A stop that the driver has not reached is left out; a delivery of test mode has none.
    """
    return tuple(
        _times(kind, arrived_at, said(delivery, DONE_AT[kind]), visit_at(delivery, kind, clock.now()))
        for kind in (StopKind.PICKUP, StopKind.DROPOFF)
        if delivery.livemode and (arrived_at := said(delivery, ARRIVED_AT[kind]))
    )


def _times(kind: StopKind, arrived_at: datetime, done_at: datetime | None, visit: Visit | None) -> StopTimes:
    came, went = (visit.arrived_at, visit.left_at) if visit and visit.sure else (None, None)
    # A driver may stay on after the step is done; a driver who left long before it stated it wrongly.
    early = went is not None and (done_at is None or done_at - went > FAR_OFF)
    return StopTimes(
        kind=kind,
        arrived_at=arrived_at,
        done_at=done_at,
        seen_arriving_at=came,
        seen_leaving_at=went,
        differs=early or (came is not None and abs(came - arrived_at) > FAR_OFF),
    )
