"""API models of tracking: the driver's batch of positions, and the times at stops that staff see."""

from pydantic import ConfigDict, Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.filtering import Reading


class PositionBatch(Value):
    """Positions that the app buffered, in any order. Unusable ones are counted; the others are stored."""

    model_config = ConfigDict(extra="ignore")

    fixes: tuple[Reading, ...] = Field(min_length=1, max_length=200)


class StopTimes(Value):
    """Times of a driver at a stop: what the driver stated, and what their positions show.

    Parameters
    ----------
    arrived_at, done_at : datetime or None
        The driver's own steps, by the device's clock.
    seen_arriving_at, seen_leaving_at : datetime or None
        Arrival and departure by position, by the same clock; None if the trail does not show them.
    differs : bool
        True if the stated arrival is minutes from the one by position, or if the driver left minutes before they were
        done.
    """

    kind: StopKind
    arrived_at: Moment | None
    done_at: Moment | None
    seen_arriving_at: Moment | None
    seen_leaving_at: Moment | None
    differs: bool
