"""Time as a dependency: every rule is handed the present moment, none asks the machine for it."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Protocol

from pydantic import AfterValidator, AwareDatetime


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC it must be in the years 1 to 9999") from error


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A point in time with a zone, kept in UTC; written as RFC 3339 with ``Z``."""


def written(moment: datetime) -> str:
    """Return a moment in UTC as RFC 3339 has it, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def next_minute(moment: datetime) -> datetime:
    """Return the moment if it is a whole minute, else the next one."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


class Clock(Protocol):
    """Business time."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...

    def wall_seconds(self, duration: timedelta) -> float:
        """Return how many seconds of wall time pass while ``duration`` of business time does."""
        ...


@dataclass(frozen=True)
class RunningClock:
    """Business time that runs at ``speed`` times wall time from a common anchor.

    Parameters
    ----------
    speed : float
        Business seconds per wall second; 1 in production.
    anchor_wall, anchor_business : float
        Epoch seconds at which wall and business time were set against each other.
    """

    speed: float = 1.0
    anchor_wall: float = 0.0
    anchor_business: float = 0.0

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        business = self.anchor_business + (time.time() - self.anchor_wall) * self.speed
        return datetime.fromtimestamp(business, UTC)

    def wall_seconds(self, duration: timedelta) -> float:
        """Return the wall seconds that ``duration`` of business time takes."""
        return duration.total_seconds() / self.speed


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and replays."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self.moment

    def wall_seconds(self, duration: timedelta) -> float:
        """Return ``duration`` in seconds."""
        return duration.total_seconds()

    def advance(self, duration: timedelta) -> None:
        """Move the clock forward."""
        self.moment += duration


def clock_from(environment: Mapping[str, str] = os.environ) -> RunningClock:
    """Return the clock of this deployment.

    Raises
    ------
    ValueError
        If a production stage is configured with a speed other than 1.
    """
    speed = float(environment.get("CLOCK_SPEED", "1"))
    if speed == 1.0 and not float(environment.get("CLOCK_ANCHOR_WALL", "0")):
        return RunningClock()
    if environment.get("STAGE") == "prod":
        raise ValueError(f"CLOCK_SPEED is {speed} on stage prod: production time can't be accelerated, set it to 1")
    return RunningClock(
        speed,
        float(environment.get("CLOCK_ANCHOR_WALL", "0")),
        float(environment.get("CLOCK_ANCHOR_BUSINESS", "0")),
    )
