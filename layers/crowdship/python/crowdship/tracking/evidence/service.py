"""Check of a driver's step against the positions that their phone sent before it."""

from datetime import datetime
from typing import NamedTuple

from crowdship.deliveries.holds import Doubt
from crowdship.kernel.devices import CLOCK_SKEW
from crowdship.kernel.geo import Point
from crowdship.tracking.evidence.rules import RECENT, doubt_of
from crowdship.tracking.model import Fix, Position
from crowdship.tracking.store import PositionRow, TrailRow


class Witness(NamedTuple):
    """The state of a driver's phone before one of their steps.

    Parameters
    ----------
    position : Position or None
        The newest position of the driver.
    said_at : datetime or None
        When the step was made, by the phone's clock.
    device_at : datetime or None
        The same moment by our clock, as far as the phone's clock is known.
    """

    driver_id: str
    position: Position | None
    said_at: datetime | None
    device_at: datetime | None

    def doubt(self, stop: Point, stated: Point | None, at: datetime) -> Doubt | None:
        """Return why it is doubtful that the driver was at a stop when the step was made, or None if it is not.

        Parameters
        ----------
        at : datetime
            When the step was made, if that is known; else when it was received.
        """
        position = self.position
        if position is None or position.is_said:
            return doubt_of(stop, stated, None, None, at)
        seen: Fix | None = position.fix
        if position.fix.device_at > at + CLOCK_SKEW:
            # The step was made offline and was received after later positions.
            seen = next(reversed(TrailRow.between(self.driver_id, at - RECENT, at)), None)
        return doubt_of(stop, stated, seen, position.jumped_at, at)


def witness(driver_id: str, device_at: datetime | None) -> Witness:
    """Return the state of a driver's phone for a step made at ``device_at``, by the phone's clock."""
    position = PositionRow.load(driver_id)
    return Witness(
        driver_id, position, device_at, position.clock.ours(device_at) if position and device_at else device_at
    )
