"""Stops, jobs and vehicles: the input of sequencing, insertion and the day plan.

Places are rows of a matrix of travel times. Times are seconds of any common clock. Loads are whole numbers, one for
each thing that is counted (grams, litres), the same things in the same order for jobs and vehicles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

Matrix = Sequence[Sequence[float]]
"""``matrix[a][b]``: seconds from place ``a`` to place ``b``."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit to a place for a job.

    Parameters
    ----------
    job : str
        Id of the job that the stop belongs to.
    place : int
        Row of the matrix.
    pickup : bool
        True if it comes before the other stop of its job.
    load : tuple of int
        Change of what is on board: positive at a pickup, negative at a drop-off.
    opens_at, closes_at : float
        Between these service may begin; a vehicle that comes earlier waits.
    service_s : float
        Seconds of service.
    """

    job: str
    place: int
    pickup: bool = False
    load: tuple[int, ...] = ()
    opens_at: float = 0.0
    closes_at: float = inf
    service_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery to plan: a pickup and a drop-off, or a single stop for what is loaded at the start or only fetched.

    Parameters
    ----------
    stops : tuple of Stop
        One, or a pickup and its drop-off.
    skills : frozenset of str
        Skills that its vehicle must have.
    priority : int
        0 to 100; where not all jobs can be served, those of higher priority are.
    """

    id: str
    stops: tuple[Stop, ...]
    skills: frozenset[str] = frozenset()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its driver.

    Parameters
    ----------
    start : int
        Place where it is at ``on_at``.
    end : int or None
        Place where it has to be by ``off_at``; None if it may end anywhere.
    capacity : tuple of int
        The most of each counted thing that it holds.
    on_at, off_at : float
        Its shift: it neither leaves earlier nor arrives, or serves, later.
    """

    id: str
    start: int
    end: int | None = None
    capacity: tuple[int, ...] = ()
    on_at: float = 0.0
    off_at: float = inf
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Weights:
    """The price of waiting and of lateness, in seconds of driving for each second.

    Parameters
    ----------
    waiting : float
        Price of being early, from 0 to 1.
    lateness : float
        Price of serving after a stop closes and of being under way after the shift; infinite if neither may be.
    """

    waiting: float = 0.25
    lateness: float = inf


def on_board(stops: Iterable[Stop], things: int) -> tuple[int, ...]:
    """Return the load on board before the first stop: all that is dropped off without having been picked up."""
    listed = tuple(stops)
    fetched = {stop.job for stop in listed if stop.pickup}
    brought = [stop for stop in listed if not stop.pickup and stop.job not in fetched]
    return tuple(sum(max(0, -stop.load[n]) for stop in brought if stop.load) for n in range(things))
