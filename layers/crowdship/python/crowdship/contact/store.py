"""The contact table: emergencies, threads, their messages, and the index of what waits for staff."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.contact.emergency import Emergency, EmergencyState
from crowdship.contact.message import Message, Thread
from crowdship.kernel.clock import written

EMERGENCY = "EMERGENCY"
MESSAGES = "MESSAGES"
NAMED = "MESSAGE_ID#"
NUMBERED = "MESSAGE#"
RAISED = "RAISED#"
WROTE = "WROTE#"


class ByWaiting(GlobalSecondaryIndex["EmergencyRow"]):
    """Open emergencies, and threads with messages that staff have not read, the longest waiting first."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    waits_since = UnicodeAttribute(range_key=True)


class EmergencyRow(AggregateRow[Emergency]):
    """An emergency."""

    Meta = meta("contact")
    AGGREGATE = Emergency
    SORT = EMERGENCY

    waits_for = UnicodeAttribute(null=True)
    waits_since = UnicodeAttribute(null=True)
    by_waiting = ByWaiting()

    @classmethod
    def indexed(cls, emergency: Emergency) -> dict[str, Any]:
        """Return the moment since which an open emergency waits."""
        waits = emergency.state is EmergencyState.OPEN
        return {"waits_for": EMERGENCY, "waits_since": written(emergency.raised_at)} if waits else {}

    @classmethod
    def lasting(cls, emergency: Emergency, until: datetime | None) -> "EmergencyRow":
        """Return the row of an emergency; DynamoDB deletes it some time after ``until``."""
        row = cls.of(emergency)
        row.expires_at = int(until.timestamp()) if until else None
        return row

    @classmethod
    def waiting_ids(cls, kind: str) -> list[str]:
        """Return the ids of what waits for staff, the longest waiting first (eventually consistent)."""
        return [row.pk for row in cls.by_waiting.query(kind)]


class OpenEmergencyRow(Row):
    """A line of the list of a driver's open emergencies."""

    Meta = meta("contact")

    @classmethod
    def of(cls, emergency: Emergency) -> "OpenEmergencyRow":
        """Return the line of an emergency."""
        return cls(emergency.driver_id, f"{EMERGENCY}#{emergency.id}", body="")

    @classmethod
    def ids(cls, driver_id: str) -> list[str]:
        """Return the ids of a driver's open emergencies."""
        lines = cls.query(driver_id, cls.sk.startswith(f"{EMERGENCY}#"), consistent_read=True)
        return [row.sk.removeprefix(f"{EMERGENCY}#") for row in lines]


class RaisedRow(Row):
    """A line of the list of all emergencies of a driver, by which their texts are found to be erased."""

    Meta = meta("contact")

    @classmethod
    def of(cls, emergency: Emergency) -> "RaisedRow":
        """Return the line of an emergency."""
        return cls(emergency.driver_id, f"{RAISED}{emergency.id}", body="")

    @classmethod
    def ids(cls, driver_id: str) -> list[str]:
        """Return the ids of all emergencies of a driver."""
        return [row.sk.removeprefix(RAISED) for row in cls.query(driver_id, cls.sk.startswith(RAISED))]


class ThreadRow(AggregateRow[Thread]):
    """A thread."""

    Meta = meta("contact")
    AGGREGATE = Thread
    SORT = "THREAD"

    waits_for = UnicodeAttribute(null=True)
    waits_since = UnicodeAttribute(null=True)

    @classmethod
    def indexed(cls, thread: Thread) -> dict[str, Any]:
        """Return the moment since which a thread waits for staff."""
        return {"waits_for": MESSAGES, "waits_since": written(thread.waits_since)} if thread.waits_since else {}

    @classmethod
    def lasting(cls, thread: Thread, until: datetime) -> "ThreadRow":
        """Return the row of a thread; DynamoDB deletes it some time after ``until``."""
        row = cls.of(thread)
        row.expires_at = int(until.timestamp())
        return row


class MessageRow(Row):
    """A message under its number."""

    Meta = meta("contact")

    @classmethod
    def of(cls, message: Message, until: datetime) -> "MessageRow":
        """Return the row of a message."""
        return cls.holding(message, message.thread_id, cls._key(message.number), expires_at=int(until.timestamp()))

    @classmethod
    def load(cls, thread_id: str, number: int) -> Message | None:
        """Return a message by its number, or None."""
        row = cls.find(thread_id, cls._key(number))
        return row.as_aggregate(Message) if row else None

    @classmethod
    def after(cls, thread_id: str, number: int, limit: int) -> list[Message]:
        """Return up to ``limit`` messages after a number, the oldest first."""
        span = cls.sk.between(cls._key(number + 1), f"{NUMBERED}:")
        return [row.as_aggregate(Message) for row in cls.query(thread_id, span, limit=limit, consistent_read=True)]

    @staticmethod
    def _key(number: int) -> str:
        return f"{NUMBERED}{number:010d}"


class MessageIdRow(Row):
    """The number of a message by the id that its sender's app made."""

    Meta = meta("contact")

    @classmethod
    def claim(cls, message: Message, until: datetime, work: UnitOfWork) -> None:
        """Add the claim of an id to a unit of work; it fails if the id is in use."""
        name, expires_at = f"{NAMED}{message.message_id}", int(until.timestamp())
        row = cls(message.thread_id, name, body=str(message.number), expires_at=expires_at)
        work.put(row, cls.pk.does_not_exist())

    @classmethod
    def lookup(cls, thread_id: str, message_id: str) -> int | None:
        """Return the number of the message with an id, or None."""
        row = cls.find(thread_id, f"{NAMED}{message_id}")
        return int(row.body) if row else None


class WroteRow(Row):
    """A thread with a customer in which a driver wrote, listed by driver so that all is found to be erased."""

    Meta = meta("contact")

    @classmethod
    def note(cls, message: Message, until: datetime, work: UnitOfWork) -> None:
        """Add to a unit of work that a driver wrote in a thread."""
        row = cls(message.driver_id, f"{WROTE}{message.thread_id}", body="", expires_at=int(until.timestamp()))
        work.put(row, None)

    @classmethod
    def thread_ids(cls, driver_id: str) -> list[str]:
        """Return the ids of the threads with customers in which a driver wrote."""
        return [row.sk.removeprefix(WROTE) for row in cls.query(driver_id, cls.sk.startswith(WROTE))]


def emergencies_of(driver_id: str) -> list[Emergency]:
    """Return a driver's open emergencies, the oldest first."""
    return sorted(EmergencyRow.load_many(OpenEmergencyRow.ids(driver_id)), key=lambda one: one.raised_at)


def messages_after(thread_id: str, number: int = 0) -> Iterator[Message]:
    """Yield the messages of a thread after a number, the oldest first."""
    while some := MessageRow.after(thread_id, number, 100):
        yield from some
        number = some[-1].number
