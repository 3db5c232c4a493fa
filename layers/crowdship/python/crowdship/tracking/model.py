"""Positions and what follows from them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point, distance_m

MAX_SPEED_MPS = 70.0
"""Faster than this between two points is no driving but a wrong point (250 km/h)."""

MAX_AHEAD = timedelta(minutes=2)
"""A device clock may run ahead by this much."""

MAX_ACCURACY_M = 500.0


class Fix(Value):
    """One position as the device saw it.

    Parameters
    ----------
    point : Point
        WGS 84.
    device_at : datetime
        The device's clock when it was there.
    accuracy_m : float
        Radius within which the driver was, metres.
    speed_mps : float or None
        Metres per second, if the device knows.
    """

    point: Point
    device_at: Moment
    accuracy_m: float = Field(default=10, ge=0, le=100_000)
    speed_mps: float | None = Field(default=None, ge=0, le=200)


class Position(Aggregate):
    """The newest known position of a driver, whose id it has."""

    fix: Fix
    received_at: Moment


def plausible(fixes: Iterable[Fix], last: Fix | None, now: datetime) -> tuple[list[Fix], dict[str, int]]:
    """Return the fixes that add something, in the device's order, and how many others there were by reason.

    Late and duplicate points, points from the future, vague ones and jumps that no vehicle makes are left out.
    """
    kept: list[Fix] = []
    dropped: dict[str, int] = {}
    for fix in sorted(fixes, key=lambda fix: fix.device_at):
        before = kept[-1] if kept else last
        reason = _fault(fix, before, now)
        if reason:
            dropped[reason] = dropped.get(reason, 0) + 1
        else:
            kept.append(fix)
    return kept, dropped


def _fault(fix: Fix, before: Fix | None, now: datetime) -> str | None:
    if fix.device_at > now + MAX_AHEAD:
        return "in_the_future"
    if fix.accuracy_m > MAX_ACCURACY_M:
        return "too_vague"
    if before is None:
        return None
    if fix.device_at <= before.device_at:
        return "late_or_duplicate"
    elapsed = (fix.device_at - before.device_at).total_seconds()
    slack = fix.accuracy_m + before.accuracy_m
    if distance_m(before.point, fix.point) > MAX_SPEED_MPS * elapsed + slack:
        return "impossible_jump"
    return None
