"""Cadence of a driver's pay, and the day on which what was earned is due."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate

SUNDAY = 6
"""Last day of a pay week, as ``date.weekday`` counts: the run of Sunday pays the week, on Monday."""


class Cadence(StrEnum):
    """Cadence of a driver's pay."""

    DAILY = "daily"
    WEEKLY = "weekly"


class PaySchedule(Aggregate):
    """The cadence that a driver chose; drivers who chose none have the stage's."""

    driver_id: str
    cadence: Cadence
    chosen_at: Moment

    @staticmethod
    def id_of(driver_id: str) -> str:
        """Return the id of a driver's schedule."""
        return f"SCHEDULE#{driver_id}"

    @classmethod
    def chosen(cls, driver_id: str, cadence: Cadence, now: datetime) -> "PaySchedule":
        """Return the schedule of a driver who chooses it for the first time."""
        return cls(id=cls.id_of(driver_id), driver_id=driver_id, cadence=cadence, chosen_at=now)


def payday(period: date, cadence: Cadence) -> date:
    """Return the period whose run pays what was earned in a period.

    Examples
    --------
    >>> payday(date(2026, 3, 3), Cadence.DAILY).isoformat(), payday(date(2026, 3, 3), Cadence.WEEKLY).isoformat()
    ('2026-03-03', '2026-03-08')
    """
    return period if cadence is Cadence.DAILY else period + timedelta(days=SUNDAY - period.weekday())
