"""Attempts as an endpoint's delivery log shows them."""

from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.notify.sendings import Result, Sending


class AttemptState(StrEnum):
    """The consequence of an attempt."""

    DELIVERED = "delivered"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"
    GONE = "gone"


STATE_OF: dict[Result | None, AttemptState] = {
    Result.SENT: AttemptState.DELIVERED,
    Result.DEAD: AttemptState.GIVEN_UP,
    Result.REFUSED: AttemptState.GIVEN_UP,
    Result.OPTED_OUT: AttemptState.GIVEN_UP,
    Result.GONE: AttemptState.GONE,
    None: AttemptState.RETRYING,
}


class AttemptLine(Value):
    """A line of an endpoint's delivery log: one attempt to send it one event."""

    event_id: str
    type: str
    number: int
    at: Moment
    state: AttemptState
    status: int | None
    error: str | None
    ms: int

    @classmethod
    def of(cls, sending: Sending) -> Self:
        """Return the line of a sending's last attempt."""
        made = sending.attempts[-1]
        return cls(
            event_id=sending.event_id,
            type=sending.event_type or "",
            number=made.number,
            at=made.at,
            state=STATE_OF[sending.result],
            status=made.status,
            error=made.error,
            ms=made.ms,
        )
