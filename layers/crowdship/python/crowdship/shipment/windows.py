"""Windows of time in which a pickup or a drop-off may happen."""

from datetime import timedelta
from typing import Self

from pydantic import model_validator

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value

SHORTEST_WINDOW = timedelta(minutes=10)


class Window(Value):
    """A span of time, in UTC."""

    opens_at: Moment
    closes_at: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes_at <= self.opens_at:
            raise ValueError("closes_at must be after opens_at")
        return self
