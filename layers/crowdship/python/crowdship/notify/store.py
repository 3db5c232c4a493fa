"""The notify table: what was sent to whom, and the endpoints that asked for no more."""

from datetime import datetime, timedelta

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.storage import Row, UnitOfWork, meta
from crowdship.notify.model import Sending

KEPT = timedelta(days=30)
"""How long the log of a sending is kept: longer than any retry or replay takes."""


class SendingRow(Row):
    """An event to a recipient, under the event's id; a partition holds the few recipients of one event."""

    Meta = meta("notify")

    @classmethod
    def load(cls, event: DomainEvent, recipient: str) -> Sending:
        """Return what is known of a sending; one that nobody has begun if there is nothing."""
        row = cls.find(event.id, recipient)
        return row.as_aggregate(Sending) if row else Sending.first(event, recipient)

    @classmethod
    def of_event(cls, event_id: str) -> list[Sending]:
        """Return all sendings of an event."""
        return [row.as_aggregate(Sending) for row in cls.query(event_id)]

    @classmethod
    def keep(cls, sending: Sending, now: datetime) -> Sending:
        """Write a sending, guarded, and return it as it is now stored."""
        row = cls.holding(sending, sending.event_id, sending.recipient, expires_at=int((now + KEPT).timestamp()))
        work = UnitOfWork()
        work.store(row)
        work.commit()
        return sending.with_changes(stored_version=sending.stored_version + 1)


class StoppedEndpointRow(Row):
    """An endpoint that answered 410: nothing is sent there until someone says so."""

    Meta = meta("notify")

    @classmethod
    def add(cls, endpoint_id: str, now: datetime) -> None:
        """Remember that an endpoint wants no more."""
        cls(endpoint_id, "STOPPED", body=now.isoformat()).save(add_version_condition=False)

    @classmethod
    def stopped_at(cls, endpoint_id: str) -> datetime | None:
        """Return since when an endpoint wants no more, or None."""
        row = cls.find(endpoint_id, "STOPPED")
        return datetime.fromisoformat(row.body) if row else None

    @classmethod
    def remove(cls, endpoint_id: str) -> None:
        """Forget it."""
        cls(endpoint_id, "STOPPED").delete(add_version_condition=False)
