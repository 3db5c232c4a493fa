"""Evidence that a driver was at a stop: the positions that their phone sent before they said so."""

from datetime import datetime, timedelta

from crowdship.deliveries.delivery.endings import AT_STOP_M
from crowdship.deliveries.holds import Doubt
from crowdship.kernel.geo import Point, distance_m
from crowdship.tracking.model import Fix

RECENT = timedelta(minutes=5)
"""A position older than this bears out nothing; apps send one a minute."""

JUMPED = timedelta(minutes=15)
"""A track that gave way to another place bears out nothing for this long."""

FASTEST_MPS = 25.0
"""A driver who is under way to a stop in a town is no faster than this on average (90 km/h)."""


def doubt_of(
    stop: Point, stated: Point | None, seen: Fix | None, jumped_at: datetime | None, at: datetime
) -> Doubt | None:
    """Return why it is doubtful that a driver was at a stop at a moment, or None if their positions bear it out.

    Parameters
    ----------
    stop : Point
        Where the driver has to be.
    stated : Point or None
        Where the phone says it is, with the step itself.
    seen : Fix or None
        The last position that the phone sent from before the moment, by our clock.
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
