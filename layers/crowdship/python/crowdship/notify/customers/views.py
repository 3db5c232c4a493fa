"""Messages to a customer as the merchant reads them."""

from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.notify.notices import Channel
from crowdship.notify.sendings import Result, Sending


class NoticeState(StrEnum):
    """The outcome of a message to a customer."""

    SENT = "sent"
    WAITING = "waiting"
    ADDRESS_REFUSED = "address_refused"
    OPTED_OUT = "opted_out"


class NoticeView(Value):
    """A message to a customer.

    Parameters
    ----------
    state : NoticeState
        ``waiting`` is retried. ``opted_out``: the customer replied STOP to an SMS, and gets e-mail if there is an
        address.
    """

    event_id: str
    type: str
    channel: Channel
    state: NoticeState
    at: Moment | None

    @classmethod
    def of(cls, sending: Sending) -> Self:
        """Return the view of a sending to a customer."""
        states = {
            Result.SENT: NoticeState.SENT,
            Result.REFUSED: NoticeState.ADDRESS_REFUSED,
            Result.OPTED_OUT: NoticeState.OPTED_OUT,
        }
        return cls(
            event_id=sending.event_id,
            type=sending.event_type or "",
            channel=Channel(sending.recipient),
            state=states.get(sending.result, NoticeState.WAITING) if sending.result else NoticeState.WAITING,
            at=sending.attempts[-1].at if sending.attempts else None,
        )


class Notices(Value):
    """Messages to the customer of a delivery, sent or not, in the order of its events."""

    notices: tuple[NoticeView, ...]
