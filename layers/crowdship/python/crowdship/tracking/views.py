"""What the driver's app sends."""

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.tracking.model import Fix


class PositionBatch(Value):
    """Positions that the app buffered, in any order."""

    fixes: tuple[Fix, ...] = Field(min_length=1, max_length=200)
