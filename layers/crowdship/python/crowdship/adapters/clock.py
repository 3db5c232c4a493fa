"""The clock of a deployment, as the environment sets it."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class RunningClock:
    """Business time that runs at ``speed`` times wall time from a common anchor.

    Parameters
    ----------
    speed : float
        Business seconds per wall second; 1 in AWS.
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


def clock_from(environment: Mapping[str, str] = os.environ) -> RunningClock:
    """Return the clock of this deployment.

    Raises
    ------
    ValueError
        If a stage in AWS is configured with a speed other than 1, or with an anchor.
    """
    speed = float(environment.get("CLOCK_SPEED", "1"))
    if speed == 1.0 and not float(environment.get("CLOCK_ANCHOR_WALL", "0")):
        return RunningClock()
    if (stage := environment.get("STAGE", "prod")) != "local":
        raise ValueError(f"CLOCK_SPEED is {speed} on stage {stage}: only a local stack's time may be set, leave it out")
    return RunningClock(
        speed,
        float(environment.get("CLOCK_ANCHOR_WALL", "0")),
        float(environment.get("CLOCK_ANCHOR_BUSINESS", "0")),
    )
