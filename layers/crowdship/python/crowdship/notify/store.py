"""The notify table: what was sent to whom, merchants' endpoints, their delivery logs, and the log of their events."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Self
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from crowdship.adapters.storage import Row, UnitOfWork, meta, region
from crowdship.kernel.errors import StaleWrite
from crowdship.kernel.events import DomainEvent
from crowdship.notify.sendings import AttemptLine, Sending
from crowdship.notify.webhooks.bodies import Message
from crowdship.notify.webhooks.endpoints import Endpoint, Replay

KEPT = timedelta(days=30)
"""How long sendings, the delivery log and the event log are kept: longer than any retry or replay takes."""

JUST_AFTER = "!"
"""Sorts before every character of a key, so that nothing is between a key and the same with this behind it."""


def _expiry(now: datetime) -> int:
    return int((now + KEPT).timestamp())


def _milliseconds(moment: datetime) -> str:
    return f"{int(moment.timestamp() * 1000):013d}"


def key_at(moment: datetime) -> str:
    """Return the key that is before all that is logged at a moment or later, and after all before it."""
    return _milliseconds(moment)


def moment_of(key: str) -> datetime:
    """Return the moment at which something was logged, by its key.

    Raises
    ------
    ValueError
        If that is no key.
    """
    return datetime.fromtimestamp(int(key.partition("#")[0]) / 1000, UTC)


def _day_of(key: str) -> date:
    return moment_of(key).date()


class SendingRow(Row):
    """An event to a recipient, under the event's id; a partition holds the few recipients of one event."""

    Meta = meta("notify")

    @classmethod
    def load(cls, event: DomainEvent | Message, recipient: str) -> Sending:
        """Return what is known of a sending; one that nobody has begun if there is nothing."""
        row = cls.find(event.id, recipient)
        return row.as_aggregate(Sending) if row else Sending.first(event, recipient)

    @classmethod
    def of_event(cls, event_id: str) -> list[Sending]:
        """Return all sendings of an event."""
        return [row.as_aggregate(Sending) for row in cls.query(event_id)]

    @classmethod
    def of_endpoint(cls, event_ids: Iterable[str], endpoint_id: str) -> dict[str, Sending]:
        """Return what is known of sending some events to an endpoint, by event."""
        keys = [(event_id, endpoint_id) for event_id in event_ids]
        rows = cls.batch_get(keys, consistent_read=True) if keys else ()
        return {row.pk: row.as_aggregate(Sending) for row in rows}

    @classmethod
    def keep(cls, sending: Sending, now: datetime) -> Sending:
        """Write a sending, guarded, and return it as it is now stored."""
        return cls._write(sending, now, UnitOfWork())

    @classmethod
    def keep_attempt(cls, sending: Sending, now: datetime) -> Sending:
        """Write a sending to an endpoint after a try, together with the line in the endpoint's delivery log."""
        work = UnitOfWork()
        work.put(AttemptRow.of(sending), None)
        return cls._write(sending, now, work)

    @classmethod
    def _write(cls, sending: Sending, now: datetime, work: UnitOfWork) -> Sending:
        work.store(cls.holding(sending, sending.event_id, sending.recipient, expires_at=_expiry(now)))
        work.commit()
        return sending.with_changes(stored_version=sending.stored_version + 1)


class DayRow(Row):
    """A row of a log that has a partition for every owner and day, so that none grows without an end."""

    KIND: str

    @classmethod
    def partition(cls, owner: str, key: str) -> str:
        """Return the partition of a key."""
        return f"{cls.KIND}#{owner}#{_day_of(key)}"

    @classmethod
    def forward(cls, owner: str, after: str, before: str, limit: int) -> list[Self]:
        """Return up to ``limit`` rows with keys after one and before another, the oldest first."""
        first, last = _day_of(after), _day_of(before)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return list(cls._walk(owner, days, after + JUST_AFTER, before, limit, newest_first=False))

    @classmethod
    def backward(cls, owner: str, after: str, before: str, limit: int) -> list[Self]:
        """Return up to ``limit`` rows with keys after one and before another, the newest first."""
        first, last = _day_of(after), _day_of(before)
        days = [last - timedelta(days=n) for n in range((last - first).days + 1)]
        return list(cls._walk(owner, days, after + JUST_AFTER, before, limit, newest_first=True))

    @classmethod
    def _walk(
        cls, owner: str, days: Iterable[date], low: str, high: str, limit: int, *, newest_first: bool
    ) -> Iterator[Self]:
        left = limit
        for day in days:
            if left <= 0 or low >= high:
                return
            rows = cls.query(
                f"{cls.KIND}#{owner}#{day}",
                cls.sk.between(low, high),
                consistent_read=True,
                scan_index_forward=not newest_first,
                limit=left + 1,
            )
            for row in rows:
                if left and row.sk < high:  # the upper end of a key condition is included
                    left -= 1
                    yield row


class AttemptRow(DayRow):
    """A line of an endpoint's delivery log."""

    Meta = meta("notify")
    KIND = "ATTEMPTS"

    @classmethod
    def of(cls, sending: Sending) -> "AttemptRow":
        """Return the line of a sending's last try."""
        line = AttemptLine.of(sending)
        key = f"{_milliseconds(line.at)}#{line.event_id}#{line.number}"
        return cls(cls.partition(sending.recipient, key), key, body=line.model_dump_json(), expires_at=_expiry(line.at))

    @property
    def line(self) -> AttemptLine:
        """The line."""
        return AttemptLine.model_validate_json(self.body)


@cache
def _appending() -> Connection:
    """Return a connection that gives up soon.

    What is appended has to be there before readers are told of its time, so a request may not linger.
    """
    return Connection(region=region(), connect_timeout_seconds=1, read_timeout_seconds=2, max_retry_attempts=0)


class EventRow(DayRow):
    """An event in its merchant's log, in the order of arrival; beside it, by event id, where it is."""

    Meta = meta("notify")
    KIND = "EVENTS"

    @classmethod
    def append(cls, merchant_id: str, message: Message, wall_now: Callable[[], datetime]) -> bool:
        """Put an event at the end of a merchant's log; return False if it is there already.

        The event and what makes it unique are one transaction: whoever finds one finds the other, and the moment of
        arrival never becomes older than the request that carries it.

        Raises
        ------
        StaleWrite
            If somebody else is appending the same event at this moment.
        """
        now = wall_now()
        key = f"{_milliseconds(now)}#{message.id}"
        pk, expires_at = cls.partition(merchant_id, key), _expiry(now)
        marker = cls(_marker(message.id), "LOGGED", body=json.dumps([pk, key]), expires_at=expires_at)
        try:
            with TransactWrite(connection=_appending(), client_request_token=str(uuid4())) as transaction:
                transaction.save(marker, condition=cls.pk.does_not_exist())
                transaction.save(cls(pk, key, body=message.model_dump_json(), expires_at=expires_at))
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason}
            if "ConditionalCheckFailed" in codes:
                return False
            if "TransactionConflict" in codes:
                raise StaleWrite(str(error)) from error
            raise
        return True

    @classmethod
    def of_events(cls, merchant_id: str, event_ids: Iterable[str]) -> list["EventRow"]:
        """Return those of some events that are in a merchant's log, in the order of arrival."""
        markers = list(cls.batch_get([(_marker(event_id), "LOGGED") for event_id in event_ids]))
        places = [(pk, sk) for pk, sk in (json.loads(row.body) for row in markers) if pk.split("#")[1] == merchant_id]
        return sorted(cls.batch_get(places) if places else (), key=lambda row: row.sk)

    @property
    def message(self) -> Message:
        """The event."""
        return Message.model_validate_json(self.body)


def _marker(event_id: str) -> str:
    return f"LOGGED#{event_id}"


class EndpointRow(Row):
    """An endpoint; those of one merchant are in one partition, and few."""

    Meta = meta("notify")

    @classmethod
    def load(cls, merchant_id: str, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint of a merchant, or None."""
        row = cls.find(_endpoints(merchant_id), endpoint_id)
        return row.as_aggregate(Endpoint) if row else None

    @classmethod
    def of_merchant(cls, merchant_id: str) -> list[Endpoint]:
        """Return all endpoints of a merchant, the oldest first."""
        found = [row.as_aggregate(Endpoint) for row in cls.query(_endpoints(merchant_id), consistent_read=True)]
        return sorted(found, key=lambda endpoint: (endpoint.created_at, endpoint.id))

    @classmethod
    def keep(cls, endpoint: Endpoint) -> Endpoint:
        """Write an endpoint, guarded, and return it as it is now stored."""
        work = UnitOfWork()
        work.store(cls.holding(endpoint, _endpoints(endpoint.merchant_id), endpoint.id))
        work.commit()
        return endpoint.with_changes(stored_version=endpoint.stored_version + 1, events=())

    @classmethod
    def add(cls, endpoint: Endpoint, known: Iterable[Endpoint]) -> Endpoint:
        """Write a new endpoint unless others were added or removed since ``known`` were read, and return it.

        All endpoints of a merchant share a row with their ids, which is written along: two that are added at once can't
        both find room for the last one.

        Raises
        ------
        StaleWrite
            If the endpoints are no longer those.
        """
        work = UnitOfWork()
        work.store(cls.holding(endpoint, _endpoints(endpoint.merchant_id), endpoint.id))
        cls._move_ids(work, endpoint.merchant_id, known, [*known, endpoint])
        work.commit()
        return endpoint.with_changes(stored_version=endpoint.stored_version + 1, events=())

    @classmethod
    def remove(cls, endpoint: Endpoint, known: Iterable[Endpoint]) -> None:
        """Forget an endpoint, unless others were added or removed since ``known`` were read.

        Raises
        ------
        StaleWrite
            If the endpoints are no longer those.
        """
        left = [other for other in known if other.id != endpoint.id]
        work = UnitOfWork()
        work.delete(cls(_endpoints(endpoint.merchant_id), endpoint.id))
        cls._move_ids(work, endpoint.merchant_id, known, left)
        work.commit()

    @classmethod
    def _move_ids(
        cls, work: UnitOfWork, merchant_id: str, before: Iterable[Endpoint], after: Iterable[Endpoint]
    ) -> None:
        was, now = (json.dumps(sorted(endpoint.id for endpoint in those)) for those in (before, after))
        unchanged = (cls.body == was) | cls.pk.does_not_exist()
        work.put(cls(f"ENDPOINT-IDS#{merchant_id}", "IDS", body=now, version=1), unchanged)


def _endpoints(merchant_id: str) -> str:
    return f"ENDPOINTS#{merchant_id}"


class ReplayRow(Row):
    """A replay, under its endpoint."""

    Meta = meta("notify")

    @classmethod
    def load(cls, endpoint_id: str, replay_id: str) -> Replay | None:
        """Return a replay to an endpoint, or None."""
        row = cls.find(endpoint_id, f"REPLAY#{replay_id}")
        return row.as_aggregate(Replay) if row else None

    @classmethod
    def keep(cls, replay: Replay) -> Replay:
        """Write a replay, guarded, and return it as it is now stored."""
        expires_at = _expiry(replay.created_at)
        work = UnitOfWork()
        work.store(cls.holding(replay, replay.endpoint_id, f"REPLAY#{replay.id}", expires_at=expires_at))
        work.commit()
        return replay.with_changes(stored_version=replay.stored_version + 1)
