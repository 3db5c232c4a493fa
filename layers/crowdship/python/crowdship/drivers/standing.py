"""Standing of a driver: how far a gradual removal has gone, and the days on which the driver gets no work. Pure.

Only a person's decision raises it (room ``standing``). The days are in it, so a notice that has run, or an end that has
come, counts from that day on without any further write.
"""

from datetime import date
from enum import StrEnum

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value


class Level(StrEnum):
    """Levels of standing, the best first."""

    GOOD = "good"
    WARNING = "warning"
    PROBATION = "probation"
    SUSPENSION = "suspension"
    DEACTIVATION = "deactivation"

    @property
    def step(self) -> int:
        """The number of steps below ``good``."""
        return list(Level).index(self)

    @property
    def bars(self) -> bool:
        """True if a driver of this level gets no work."""
        return self in (Level.SUSPENSION, Level.DEACTIVATION)


class Standing(Value):
    """A driver's standing.

    Parameters
    ----------
    level : Level
        The level that was decided; one that bars counts from ``barred_from``.
    since : datetime or None
        When it was decided; None if nothing ever was.
    case_id : str or None
        The case with the decision.
    barred_from : date or None
        First day without work, where the driver works.
    until : date or None
        Day from which the level no longer counts; None for an open end.
    """

    level: Level = Level.GOOD
    since: Moment | None = None
    case_id: str | None = None
    barred_from: Day | None = None
    until: Day | None = None

    def counts(self, on: date) -> bool:
        """Return whether the level still counts on a day."""
        return self.until is None or on < self.until

    def bars(self, on: date) -> bool:
        """Return whether the driver gets no work on a day.

        Examples
        --------
        >>> week = Standing(level=Level.SUSPENSION, barred_from=date(2026, 6, 15), until=date(2026, 6, 22))
        >>> [week.bars(date(2026, 6, day)) for day in (14, 15, 21, 22)]
        [False, True, True, False]
        """
        return self.barred_from is not None and self.barred_from <= on and self.counts(on)
