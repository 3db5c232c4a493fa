"""What the driver's app sends, and what staff see of a driver's time at stops."""

from pydantic import ConfigDict, Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.filtering import Reading


class PositionBatch(Value):
    """Positions that the app buffered, in any order; one that can't be used is counted and costs no other."""

    model_config = ConfigDict(extra="ignore")

    fixes: tuple[Reading, ...] = Field(min_length=1, max_length=200)


class StopTimes(Value):
    """When a driver was at a stop: what they said, and what their positions say.

    Parameters
    ----------
    arrived_at, done_at : datetime or None
        As they said, by the device's clock.
    seen_arriving_at, seen_leaving_at : datetime or None
        By position, by the same clock; None if the trail does not show it.
    differs : bool
        Whether they said that they arrived, or had done, minutes before or after their positions say so.
    """

    kind: StopKind
    arrived_at: Moment | None
    done_at: Moment | None
    seen_arriving_at: Moment | None
    seen_leaving_at: Moment | None
    differs: bool
