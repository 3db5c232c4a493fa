"""Shifts: spans in which a dedicated driver of the platform works in a zone, as staff plan them. Pure.

Crowd drivers have none: they are contractors, and choose their hours. A merchant's dedicated drivers have none here
either, as their merchant plans their work.
"""

from datetime import datetime, timedelta

from pydantic import Field, ValidationInfo, field_validator

from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.events import Value

LONGEST = timedelta(hours=14)
"""Longest shift; none of ours spans more than one service of a day."""

AHEAD = timedelta(days=60)
"""The longest time ahead for which a shift may be planned."""

KEPT = timedelta(days=7)
"""Time after its end for which a shift stays on the driver's record."""

MOST = 60
"""The most shifts on a driver's record."""


class PlannedShift(Value):
    """A span of work in a zone; its end is not part of it."""

    zone_id: str = Field(min_length=1, max_length=40)
    on_at: Moment
    off_at: Moment

    @field_validator("off_at")
    @classmethod
    def _ends_later(cls, off_at: datetime, info: ValidationInfo) -> datetime:
        on_at = info.data.get("on_at")
        if on_at and not timedelta(0) < off_at - on_at <= LONGEST:
            raise ValueError(f"off_at must be after on_at, by {LONGEST // timedelta(hours=1)} hours at most")
        return off_at

    def covers(self, zone_id: str, now: datetime) -> bool:
        """Return whether it is a shift in a zone at a moment."""
        return self.zone_id == zone_id and self.on_at <= now < self.off_at

    def meets(self, since: datetime, until: datetime) -> bool:
        """Return whether it has a moment in common with a span."""
        return self.on_at < until and since < self.off_at


def on_shift(shifts: tuple[PlannedShift, ...], zone_id: str, now: datetime) -> bool:
    """Return whether one of some shifts is in a zone at a moment."""
    return any(shift.covers(zone_id, now) for shift in shifts)


def with_shift(shifts: tuple[PlannedShift, ...], planned: PlannedShift, now: datetime) -> tuple[PlannedShift, ...]:
    """Return a driver's shifts with one more, without those that ended long ago, the earliest first.

    The same shift again changes nothing.

    Raises
    ------
    Unprocessable
        If it is over, too far ahead, or one too many.
    Conflict
        If it overlaps another one.
    """
    if planned in shifts:
        return shifts
    if planned.off_at <= now:
        detail = f"It ended at {written(planned.off_at)}; plan shifts that end after {written(now)}."
        raise Unprocessable("shift_over", detail, "/off_at")
    if planned.on_at > now + AHEAD:
        detail = f"It begins at {written(planned.on_at)}; plan at most {AHEAD.days} days ahead."
        raise Unprocessable("shift_too_far_ahead", detail, "/on_at")
    for other in shifts:
        if other.meets(planned.on_at, planned.off_at):
            detail = (
                f"It overlaps the shift from {written(other.on_at)} to {written(other.off_at)} in {other.zone_id}; "
                "choose another span, or cancel that one."
            )
            raise Conflict("shifts_overlap", detail, "/on_at")
    kept = tuple(shift for shift in shifts if shift.off_at > now - KEPT)
    if len(kept) >= MOST:
        raise Unprocessable("too_many_shifts", f"The driver has {len(kept)} shifts; at most {MOST} are planned.")
    return tuple(sorted((*kept, planned), key=lambda shift: shift.on_at))


def without_shift(shifts: tuple[PlannedShift, ...], on_at: datetime) -> tuple[PlannedShift, ...]:
    """Return a driver's shifts without the one that begins at a moment.

    Raises
    ------
    NotFound
        If there is none.
    """
    left = tuple(shift for shift in shifts if shift.on_at != on_at)
    if len(left) == len(shifts):
        raise NotFound("no_such_shift", f"No shift of this driver begins at {written(on_at)}; read their shifts.")
    return left
