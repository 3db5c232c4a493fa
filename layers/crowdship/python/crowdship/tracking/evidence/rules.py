"""Evidence that a driver was at a stop: the positions that their phone sent before the step."""

from datetime import datetime, timedelta

from crowdship.deliveries.delivery.endings import AT_STOP_M
from crowdship.deliveries.holds import Doubt
from crowdship.kernel.geo import Point, distance_m
from crowdship.tracking.model import Fix

RECENT = timedelta(minutes=5)
"""A position older than this is no evidence; apps send one a minute."""

JUMPED = timedelta(minutes=15)
"""For this long after a phone's positions jumped to another place they are no evidence."""

FASTEST_MPS = 25.0
"""The highest average speed at which a driver may have moved since the last position (90 km/h, in a town)."""


def doubt_of(
    stop: Point, stated: Point | None, seen: Fix | None, jumped_at: datetime | None, at: datetime
) -> Doubt | None:
    """Return why it is doubtful that a driver was at a stop at a moment, or None if their positions confirm it.

    Parameters
    ----------
    stop : Point
        Where the driver has to be.
    stated : Point or None
        The place that the phone sent with the step itself.
    seen : Fix or None
        The last position from before the moment; its time is by our clock.
    jumped_at : datetime or None
        When the phone's positions last gave way to others that no drive could reach.
    """
    if stated and distance_m(stated, stop) > AT_STOP_M:
        return Doubt.FAR_FROM_STOP
    if seen is None or at - seen.device_at > RECENT:
        return Doubt.NO_RECENT_POSITION
    if jumped_at and at - jumped_at <= JUMPED:
        return Doubt.TRACK_JUMPED
    driven_m = FASTEST_MPS * max((at - seen.device_at).total_seconds(), 0.0)
    if distance_m(seen.point, stated or stop) > AT_STOP_M + seen.accuracy_m + driven_m:
        return Doubt.OFF_TRACK
    return None
