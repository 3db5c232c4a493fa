"""Pause of a zone: for a while no orders are taken, or no offers are made. Pure."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value

Reason = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class PauseInput(Value):
    """A pause as staff ask for it.

    Parameters
    ----------
    orders : bool
        True if new orders and quotes are refused.
    offers : bool
        True if no driver is asked. Drivers go on with what they have, and staff still assign by hand.
    until : datetime or None
        Moment at which the pause ends by itself; null if it lasts until staff end it.
    reason : str
        Reason, for other staff; without personal data.
    """

    orders: bool
    offers: bool
    until: Moment | None = None
    reason: Reason

    @model_validator(mode="after")
    def _pauses_something(self) -> Self:
        if not (self.orders or self.offers):
            raise ValueError("a pause is of orders, of offers or of both; to end one, delete it")
        return self


class Pause(Value):
    """A pause of a zone, by whom and since when."""

    orders: bool
    offers: bool
    until: Moment | None
    reason: str
    by: str = Field(description="The sign-in name of whoever paused the zone")
    since: Moment

    @classmethod
    def of(cls, asked: PauseInput, by: str, now: datetime) -> Self:
        """Return the pause that somebody asks for now.

        Raises
        ------
        Unprocessable
            If it would be over already.
        """
        if asked.until is not None and asked.until <= now:
            detail = f"until is {written(asked.until)}, and it is {written(now)} already; name a later moment, or null."
            raise Unprocessable("until_is_past", detail, "/until")
        return cls(**asked.model_dump(), by=by, since=now)

    def stands(self, now: datetime) -> bool:
        """Return whether the pause is not over."""
        return self.until is None or now < self.until

    @property
    def end(self) -> str:
        """The end of the pause as a part of a sentence."""
        return f"until {written(self.until)}" if self.until else "until staff end the pause"
