"""Messages of two people, numbered in their thread: a driver with the dispatchers, or with the customer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import ClientId, derived_id
from crowdship.vault.model import MessageText, writing_token

TICK = timedelta(milliseconds=1)
"""Messages of a thread are at least this far apart: what a page's clock can tell apart."""


class Party(StrEnum):
    """The parties that write."""

    DRIVER = "driver"
    STAFF = "staff"
    CUSTOMER = "customer"


class MessageInput(Value):
    """A message; the same ``message_id`` again is the same message."""

    message_id: ClientId
    text: MessageText


class ReadInput(Value):
    """The moment of the newest message that was read: the ``at`` of that message."""

    until: Moment


class Message(Aggregate):
    """A message; its text is in the vault.

    Parameters
    ----------
    message_id : str
        The id that the sender's app made; other threads may have the same one.
    number : int
        1, 2, 3 ... in its thread.
    """

    message_id: str
    thread_id: str
    number: int
    at: Moment
    sender: Party
    driver_id: str
    read_at: Moment | None = None

    @property
    def token(self) -> str:
        """The token of its text."""
        return writing_token("message", self.id)

    def repeated_by(self, sender: Party) -> Self:
        """Return the message, if the sender is who sent it first.

        Raises
        ------
        Conflict
            If somebody else used its id.
        """
        if self.sender is not sender:
            detail = f"Message {self.message_id} is from the {self.sender}; a new message needs a new id."
            raise Conflict("message_id_used", detail, "/message_id")
        return self


class Thread(Aggregate):
    """The messages of a driver with one other party.

    Its id is the delivery's if that party is its customer, or the driver's if it is the dispatchers.

    Parameters
    ----------
    length : int
        The number of the newest message.
    unread : dict
        By party, the number of messages to it that it has not read.
    read : dict
        By party, the number of the newest message that it has read.
    waits_since : datetime or None
        Moment at which the oldest message came that staff have not read.
    """

    driver_id: str
    delivery_id: str | None = None
    length: int = 0
    last_at: Moment | None = None
    unread: dict[Party, int] = {}  # noqa: RUF012 - pydantic copies it
    read: dict[Party, int] = {}  # noqa: RUF012
    waits_since: Moment | None = None

    @classmethod
    def with_staff(cls, driver_id: str) -> Self:
        """Return an empty thread of a driver with the dispatchers."""
        return cls(id=driver_id, driver_id=driver_id)

    @classmethod
    def with_customer(cls, delivery_id: str, driver_id: str) -> Self:
        """Return an empty thread of a driver with the customer of a delivery."""
        return cls(id=delivery_id, driver_id=driver_id, delivery_id=delivery_id)

    def other(self, party: Party) -> Party:
        """Return who is written to by a party."""
        if party is not Party.DRIVER:
            return Party.DRIVER
        return Party.CUSTOMER if self.delivery_id else Party.STAFF

    def unread_by(self, party: Party) -> int:
        """Return how many messages a party has not read."""
        return self.unread.get(party, 0)

    def after(self, sender: Party, message_id: str, driver_id: str, now: datetime) -> tuple[Self, Message]:
        """Return the thread after one more message, and the message with its event.

        Parameters
        ----------
        driver_id : str
            The driver who has the delivery now.
        """
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if self.last_at and at <= self.last_at:
            at = self.last_at + TICK
        to, number = self.other(sender), self.length + 1
        message = Message(
            id=derived_id("msg", self.id, message_id),
            message_id=message_id,
            thread_id=self.id,
            number=number,
            at=at,
            sender=sender,
            driver_id=driver_id,
        )
        data = {"message_id": message_id, "to": to, "driver_id": driver_id, "delivery_id": self.delivery_id}
        longer = self.with_changes(
            driver_id=driver_id,
            length=number,
            last_at=at,
            unread={**self.unread, to: self.unread_by(to) + 1},
            waits_since=(self.waits_since or at) if to is Party.STAFF else self.waits_since,
        )
        return longer, message.emitting("message.sent", at, data)

    def after_reading(
        self, reader: Party, seen: Iterable[Message], left: Message | None, now: datetime
    ) -> tuple[Self, list[Message]]:
        """Return the thread after a party has read messages, and those messages that it had not read before.

        Parameters
        ----------
        seen : iterable of Message
            The messages that were read, in order.
        left : Message or None
            The oldest message to the reader that stays unread.
        """
        seen = list(seen)
        marked = [one.with_changes(read_at=now) for one in seen if one.sender is not reader and one.read_at is None]
        if not seen:
            return self, []
        changed = self.with_changes(
            read={**self.read, reader: seen[-1].number},
            # An unread message that has expired no longer counts.
            unread={**self.unread, reader: max(0, self.unread_by(reader) - len(marked)) if left else 0},
            waits_since=(left and left.at) if reader is Party.STAFF else self.waits_since,
        )
        return changed, marked
