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
        What is still to be done; a drop-off without its pickup is on board.
    committed : int
        So many stops at the head stay there.
    """

    vehicle: Vehicle
    stops: tuple[Stop, ...] = ()
    committed: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a route a job goes.

    Parameters
    ----------
    spots : tuple of int
        For each of its stops, before which stop of the present route it comes.
    added : float
        What the route costs more, in seconds of driving.
    late_s : float
        How much later than they close the stops of the route, and its end, are reached than before, in all.
    """

    spots: tuple[int, ...]
    added: float
    late_s: float
