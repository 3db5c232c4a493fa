"""Urgency of a delivery, 0 to 100: how much it needs a dispatcher now, and why. Pure.

Each reason has points, and the urgency is their sum, 100 at most. Lateness grows by the minute; the other reasons that
grow are the end of the search and the number of drivers who did not want it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MOST = 100

LATE_PER_MINUTE = 2.0
LATE_MOST = 60.0
"""Points of a delivery that comes half an hour or more after its promise."""

PROMISE_BROKEN = 10.0
"""Points in addition once the promised moment is over."""

SEARCH_SOON_S = 15 * 60
SEARCH_MOST = 30.0
"""Points at the end of the search; none ``SEARCH_SOON_S`` seconds before it."""

PER_REFUSAL = 5.0
REFUSALS_MOST = 15.0


class Reason(StrEnum):
    """Reasons why a delivery needs a dispatcher."""

    LATE = "late"
    WILL_BE_LATE = "will_be_late"
    SEARCH_ENDS_SOON = "search_ends_soon"
    NO_DRIVER = "no_driver"
    DECLINED = "declined"
    DRIVER_SILENT = "driver_silent"
    OFF_ROUTE = "off_route"
    LONG_STOP = "long_stop"
    UNCONFIRMED_PLAN = "unconfirmed_plan"
    URGENT_PRIORITY = "urgent_priority"
    EMERGENCY = "emergency"
    PIN_LOCKED = "pin_locked"


FLAT = {
    Reason.EMERGENCY: 60.0,
    Reason.PIN_LOCKED: 40.0,
    Reason.NO_DRIVER: 25.0,
    Reason.DRIVER_SILENT: 20.0,
    Reason.OFF_ROUTE: 15.0,
    Reason.LONG_STOP: 10.0,
    Reason.UNCONFIRMED_PLAN: 10.0,
    Reason.URGENT_PRIORITY: 10.0,
}
"""Points of the reasons that do not grow."""


@dataclass(frozen=True)
class Facts:
    """Facts about a delivery that its urgency follows from.

    Parameters
    ----------
    late_s : float
        Seconds by which it is expected later than promised.
    overdue_s : float
        Seconds since the promised moment.
    search_left_s : float or None
        Seconds until the search for a driver ends; None if a driver has it.
    refusals : int
        Drivers who declined it, and offers that ran out.
    flat : frozenset of Reason
        Those of ``FLAT`` that hold.
    """

    late_s: float = 0.0
    overdue_s: float = 0.0
    search_left_s: float | None = None
    refusals: int = 0
    flat: frozenset[Reason] = frozenset()


@dataclass(frozen=True)
class Urgency:
    """The points of a delivery, and its reasons, the weightiest first."""

    points: int
    reasons: tuple[Reason, ...]


def urgency(facts: Facts) -> Urgency:
    """Return the urgency that follows from some facts.

    Examples
    --------
    >>> half_late = urgency(Facts(late_s=900.0))
    >>> half_late.points, [str(reason) for reason in half_late.reasons]
    (30, ['will_be_late'])
    >>> urgency(Facts()).points
    0
    """
    found = sorted(_points(facts), key=lambda pair: (-pair[1], pair[0]))
    total = min(float(MOST), sum(points for _, points in found))
    return Urgency(round(total), tuple(reason for reason, _ in found))


def _points(facts: Facts) -> Iterator[tuple[Reason, float]]:
    late_s = max(facts.late_s, facts.overdue_s)
    by_minutes = min(LATE_MOST, LATE_PER_MINUTE * late_s / 60)
    if facts.overdue_s > 0:
        yield Reason.LATE, PROMISE_BROKEN + by_minutes
    elif late_s > 0:
        yield Reason.WILL_BE_LATE, by_minutes
    if facts.search_left_s is not None and facts.search_left_s < SEARCH_SOON_S:
        yield Reason.SEARCH_ENDS_SOON, SEARCH_MOST * (1 - max(0.0, facts.search_left_s) / SEARCH_SOON_S)
    if facts.refusals:
        yield Reason.DECLINED, min(REFUSALS_MOST, PER_REFUSAL * facts.refusals)
    for reason in facts.flat:
        yield reason, FLAT[reason]
