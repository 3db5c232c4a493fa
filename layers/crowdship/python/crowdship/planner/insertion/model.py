"""Routes under way, and places for jobs in them."""

from dataclasses import dataclass

from crowdship.planner.routes import Stop, Vehicle

ROUNDING = 1e-9

MAY_DIFFER = 1e-6
"""A stop this much later than it closes is on time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A route under way.

    Parameters
    ----------
    stops : tuple of Stop
        The stops that are still to be made; the goods of a drop-off without its pickup are on board.
    committed : int
        Number of stops at the head that stay there.
    """

    vehicle: Vehicle
    stops: tuple[Stop, ...] = ()
    committed: int = 0


@dataclass(frozen=True, slots=True)
class InsertionPoint:
    """The place of a job in a route.

    Parameters
    ----------
    spots : tuple of int
        For each stop of the job, the number of the present stop that it comes before.
    added : float
        Cost that the job adds to the route, in seconds of driving.
    late_s : float
        Lateness that the job adds, in seconds: summed over all stops after they close, and the end of the shift.
    """

    spots: tuple[int, ...]
    added: float
    late_s: float
