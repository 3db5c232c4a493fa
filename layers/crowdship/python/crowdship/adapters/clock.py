"""The clock of a deployment, as the environment sets it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crowdship.adapters.settings import Settings, settings


@dataclass(frozen=True)
class RunningClock:
    """A clock of business time that runs at ``speed`` times wall time from a common anchor.

    Parameters
    ----------
    speed : float
        Business seconds per wall second; 1 in AWS.
    anchor_wall, anchor_business : float
        Unix seconds at which wall and business time were set against each other.

    Examples
    --------
    >>> RunningClock(speed=30.0).wall_seconds(timedelta(minutes=5))
    10.0
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


def clock_from(environment: Mapping[str, str] | None = None) -> RunningClock:
    """Return the clock of this deployment.

    Parameters
    ----------
    environment : mapping of str to str, optional
        Variables to read; those of this process if left out.

    Raises
    ------
    ValueError
        If a stage in AWS is configured with a speed other than 1, or with an anchor.
    """
    given = settings() if environment is None else Settings.from_environment(environment)
    if given.clock_speed == 1.0 and not given.clock_anchor_wall:
        return RunningClock()
    if given.stage != "local":
        detail = f"CLOCK_SPEED is {given.clock_speed} on stage {given.stage}"
        raise ValueError(f"{detail}: only a local stack's time may be set, leave it out")
    return RunningClock(given.clock_speed, given.clock_anchor_wall, given.clock_anchor_business)
