"""Messages to a customer as the merchant reads them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.notify.channel import Channel
from crowdship.notify.reach.model import Because, Lift, Reach
from crowdship.notify.reach.reports import Fate
from crowdship.notify.sendings import Result, Sending


class NoticeState(StrEnum):
    """The outcome of a message to a customer."""

    SENT = "sent"
    WAITING = "waiting"
    ADDRESS_REFUSED = "address_refused"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    OVERTAKEN = "overtaken"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


STATES = {
    Result.SENT: NoticeState.SENT,
    Result.REFUSED: NoticeState.ADDRESS_REFUSED,
    Result.OPTED_OUT: NoticeState.OPTED_OUT,
    Result.SUPPRESSED: NoticeState.SUPPRESSED,
    Result.OVERTAKEN: NoticeState.OVERTAKEN,
}
FATES = {Fate.BOUNCED: NoticeState.BOUNCED, Fate.COMPLAINED: NoticeState.COMPLAINED}


class NoticeView(Value):
    """A message to a customer.

    Parameters
    ----------
    state : NoticeState
        ``waiting`` is retried. ``opted_out``: the customer replied STOP to an SMS, and gets e-mail if there is an
        address. ``suppressed``: an earlier mail to the address bounced or was reported as spam. ``bounced`` and
        ``complained``: this one was. ``overtaken``: it waited until nobody needed it any more.
    waits_until : datetime or None
        The end of the quiet hours that it waits for.
    delayed : bool
        True if the provider reported that the mail is late.
    """

    event_id: str
    type: str
    channel: Channel
    state: NoticeState
    at: Moment | None
    waits_until: Moment | None = None
    delayed: bool = False

    @classmethod
    def of(cls, sending: Sending) -> Self:
        """Return the view of a sending to a customer."""
        by_result = STATES.get(sending.result, NoticeState.WAITING) if sending.result else NoticeState.WAITING
        return cls(
            event_id=sending.event_id,
            type=sending.event_type or "",
            channel=Channel(sending.recipient),
            state=FATES.get(Fate(sending.fate), by_result) if sending.fate else by_result,
            at=sending.attempts[-1].at if sending.attempts else None,
            waits_until=sending.waits_until,
            delayed=sending.fate == Fate.DELAYED,
        )


class AddressView(Value):
    """The reach of the customer's address on a channel.

    Parameters
    ----------
    because : Because or None
        Why it is not; null if it is.
    lifted : Lift or None
        By whom, why and when it was written to again, if it ever was not.
    """

    channel: Channel
    because: Because | None
    since: Moment | None
    lifted: Lift | None

    @classmethod
    def of(cls, reach: Reach) -> Self:
        """Return the view of what is known of an address."""
        return cls(channel=reach.channel, because=reach.because, since=reach.since, lifted=reach.lifted)


class Notices(Value):
    """Messages to the customer of a delivery, sent or not: of its events in their order, then of the driver's messages.

    Parameters
    ----------
    addresses : tuple of AddressView
        The addresses that they went to: the newest of each channel, as things are now.
    """

    notices: tuple[NoticeView, ...]
    addresses: tuple[AddressView, ...] = ()

    @classmethod
    def of(cls, sendings: Iterable[Sending], addresses: Iterable[Reach]) -> Self:
        """Return the view of the sendings to a customer."""
        return cls(
            notices=tuple(NoticeView.of(sending) for sending in sendings),
            addresses=tuple(AddressView.of(reach) for reach in addresses),
        )
