"""The clock of a deployment: wall time in AWS, and on a local stack the time that its clock file sets."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crowdship.adapters.settings import Settings, settings
from crowdship.kernel.clock import Clock


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


@dataclass
class ClockOnFile:
    """A clock that a file sets, and sets anew while the platform runs: its speed changes, or it jumps ahead.

    Parameters
    ----------
    path : str
        A JSON object with the fields of ``RunningClock``.
    """

    path: str
    _set_at: int = field(default=0, repr=False)
    _clock: RunningClock = field(default_factory=RunningClock, repr=False)

    def _present(self) -> RunningClock:
        written = os.stat(self.path).st_mtime_ns
        if written != self._set_at:
            with open(self.path, encoding="utf-8") as file:
                self._clock = RunningClock(**json.load(file))
            self._set_at = written
        return self._clock

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self._present().now()

    def wall_seconds(self, duration: timedelta) -> float:
        """Return the wall seconds that ``duration`` of business time takes at the present speed."""
        return self._present().wall_seconds(duration)


def clock_from(environment: Mapping[str, str] | None = None) -> Clock:
    """Return the clock of this deployment.

    Parameters
    ----------
    environment : mapping of str to str, optional
        Variables to read; those of this process if left out.

    Raises
    ------
    ValueError
        If a stage in AWS is configured with a clock file.
    """
    given = settings() if environment is None else Settings.from_environment(environment)
    if not given.clock_file:
        return RunningClock()
    if given.stage != "local":
        raise ValueError(
            f"CLOCK_FILE is set on stage {given.stage}: only a local stack's time may be set, leave it out"
        )
    return ClockOnFile(given.clock_file)
