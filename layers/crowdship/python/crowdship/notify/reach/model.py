"""Addresses to which nothing is sent: because their holder said so, or because mails do not arrive there.

An address is known by a keyed hash of it, so that no address is outside of the vault.
"""

import hmac
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Forbidden
from crowdship.kernel.events import Aggregate, Value
from crowdship.notify.channel import Channel


class Because(StrEnum):
    """Why nothing is sent to an address."""

    STOP = "stop"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


class LiftReason(StrEnum):
    """Why an address is written to again."""

    ADDRESS_CONFIRMED = "address_confirmed"
    MAILBOX_REPAIRED = "mailbox_repaired"
    RECIPIENT_ASKED = "recipient_asked"


class Lift(Value):
    """The act by which an address is written to again; ``by`` is a merchant's or staff's id, or ``recipient``."""

    by: str
    reason: LiftReason
    at: Moment


BY_RECIPIENT = "recipient"

MOST_REMEMBERED = 50
"""Reports of delays and passing bounces that an address remembers, so that none counts twice."""


class Reach(Aggregate):
    """The reach of an address: it is written to, or not, and why.

    Parameters
    ----------
    because : Because or None
        Why not; None if it is.
    since : datetime or None
        When that was said, by the provider's clock.
    told_by : str or None
        The id of the report or the reply that made it so, or that lifted it.
    lifted : Lift or None
        The last lift.
    delays : tuple of str
        Ids of reports of mails that were late or bounced for a passing reason; they change nothing.
    """

    channel: Channel
    because: Because | None = None
    since: Moment | None = None
    told_by: str | None = None
    lifted: Lift | None = None
    delays: tuple[str, ...] = ()

    @classmethod
    def first(cls, key: str, channel: Channel) -> "Reach":
        """Return the value for an address of which nothing was said."""
        return cls(id=key, channel=channel)

    def suppressed(self, because: Because, told_by: str, said_at: datetime) -> Self:
        """Return it with nothing being sent to it; a report that is older than what is known changes nothing.

        A complaint outweighs a bounce, and a STOP is only lifted by a START. The same once more only moves the moment
        that a START has to be later than; ``told_by`` stays, so it is not answered again.
        """
        if self._is_overtaken(told_by, said_at) or (self.because and RANK[self.because] > RANK[because]):
            return self
        if self.because is because:
            return self.with_changes(since=said_at)
        return self.with_changes(because=because, told_by=told_by, since=said_at)

    def restarted(self, told_by: str, said_at: datetime) -> Self:
        """Return it after its holder replied START; a STOP that was said before and comes in later changes nothing."""
        if self.because not in (None, Because.STOP) or self._is_overtaken(told_by, said_at):
            return self
        lift = Lift(by=BY_RECIPIENT, reason=LiftReason.RECIPIENT_ASKED, at=said_at)
        return self.with_changes(because=None, since=None, told_by=told_by, lifted=lift)

    def lift(self, by: str, reason: LiftReason, now: datetime, *, is_staff: bool) -> Self:
        """Return it written to again, by a merchant or a person on the staff; the same again changes nothing.

        Raises
        ------
        Conflict
            If its holder replied STOP: only their START lifts that.
        Forbidden
            If a merchant lifts what its holder complained about.
        """
        if self.because is None:
            return self
        if self.because is Because.STOP:
            detail = "The holder of this number replied STOP; only their START brings SMS back."
            raise Conflict("only_start_lifts_stop", detail)
        if self.because is Because.COMPLAINT and not is_staff:
            detail = "The holder of this address reported a mail as spam; ask our staff to lift that."
            raise Forbidden("only_staff_lift_complaints", detail)
        return self.with_changes(because=None, since=None, lifted=Lift(by=by, reason=reason, at=now))

    def delayed(self, told_by: str) -> Self:
        """Return it with one more report of a delay or a passing bounce."""
        if told_by in self.delays:
            return self
        return self.with_changes(delays=(*self.delays, told_by)[-MOST_REMEMBERED:])

    def _is_overtaken(self, told_by: str, said_at: datetime) -> bool:
        newest = max((moment for moment in (self.since, self.lifted and self.lifted.at) if moment), default=None)
        return told_by == self.told_by or (newest is not None and said_at < newest)


RANK = {Because.BOUNCE: 0, Because.COMPLAINT: 1, Because.STOP: 2}


class LiftInput(Value):
    """A wish to write to an address again.

    Parameters
    ----------
    channel : Channel
        ``sms`` or ``email``: of the delivery's customer.
    """

    channel: Channel = Field(examples=["email"])
    reason: LiftReason


def key_of(secret: str, channel: Channel, address: str) -> str:
    """Return the key by which an address is known; letters of a mail address count the same in either case.

    Examples
    --------
    >>> key_of("s", Channel.EMAIL, "Ana@Example.com ") == key_of("s", Channel.EMAIL, "ana@example.com")
    True
    >>> key_of("s", Channel.SMS, "+14155550123").startswith("adr_")
    True
    """
    plain = address.strip().casefold()
    return "adr_" + hmac.digest(secret.encode(), f"{channel}:{plain}".encode(), "sha256").hex()[:40]
