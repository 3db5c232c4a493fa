"""Guarded storage: rows under a version, written one at a time or together in one transaction.

A row's ``events`` are the events that its last write emitted. The table's stream carries them to the bus, so an
event leaves exactly when its change is stored.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, ClassVar, Self, cast
from uuid import uuid4

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from crowdship.adapters.settings import settings
from crowdship.kernel.errors import StaleWrite
from crowdship.kernel.events import Aggregate
from crowdship.kernel.reading import STORED

LONGEST_KEY = 1024
"""Bytes of a sort key, the shorter one of DynamoDB's keys. A longer or empty key is refused, also in a read."""

MAX_TRANSACTION_ITEMS = 100
"""DynamoDB's limit on the items of one TransactWriteItems."""


class Row(Model):
    """The shape that all tables share: keys, a version, the aggregate as JSON, the events of the last write."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute(default=1)
    body = UnicodeAttribute()
    events = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)

    @classmethod
    def find(cls, pk: str, sk: str, *, consistent: bool = True) -> Self | None:
        """Return the row under a key, or None; under a key that no row can have there is none."""
        if any(not key or len(key.encode()) > LONGEST_KEY for key in (pk, sk)):
            return None
        try:
            return cls.get(pk, sk, consistent_read=consistent)
        except DoesNotExist:
            return None

    @classmethod
    def holding(cls, aggregate: Aggregate, pk: str, sk: str, **attributes: Any) -> Self:
        """Return the row that stores an aggregate and publishes its events."""
        events = [event.model_dump(mode="json") for event in aggregate.events]
        return cls(
            pk,
            sk,
            version=aggregate.stored_version + 1,
            body=aggregate.model_dump_json(),
            events=json.dumps(events, separators=(",", ":")) if events else None,
            **{name: value for name, value in attributes.items() if value is not None},
        )

    def as_aggregate[T: Aggregate](self, kind: type[T]) -> T:
        """Return the stored aggregate, remembering the version it was read at."""
        return kind.model_validate_json(self.body, context=STORED).with_changes(stored_version=int(self.version))

    def unchanged(self) -> Condition:
        """Return the condition that nobody wrote since this row's aggregate was read."""
        if self.version == 1:
            return type(self).pk.does_not_exist()
        return type(self).version == self.version - 1


class AggregateRow[T: Aggregate](Row):
    """A row that holds one kind of aggregate under its id.

    A subclass names the aggregate, the sort key, and whether reads must see the last write.
    """

    AGGREGATE: ClassVar[Any]
    SORT: ClassVar[str]
    CONSISTENT: ClassVar[bool] = True

    @classmethod
    def of(cls, aggregate: T) -> Self:
        """Return the row for an aggregate."""
        return cls.holding(aggregate, aggregate.id, cls.SORT, **cls.indexed(aggregate))

    @classmethod
    def indexed(cls, aggregate: T) -> dict[str, Any]:
        """Return the attributes of indexes. An aggregate whose attribute is None is not in that index."""
        return {}

    @classmethod
    def load(cls, aggregate_id: str, *, consistent: bool | None = None) -> T | None:
        """Return an aggregate, or None; with the last write if ``consistent``, by default ``CONSISTENT``, says so."""
        row = cls.find(aggregate_id, cls.SORT, consistent=cls.CONSISTENT if consistent is None else consistent)
        return cast(T, row.as_aggregate(cls.AGGREGATE)) if row else None

    @classmethod
    def load_many(cls, aggregate_ids: Iterable[str]) -> list[T]:
        """Return the aggregates that exist among some ids, in no order."""
        keys = [(aggregate_id, cls.SORT) for aggregate_id in dict.fromkeys(aggregate_ids)]
        rows = cls.batch_get(keys, consistent_read=cls.CONSISTENT) if keys else ()
        return [cast(T, row.as_aggregate(cls.AGGREGATE)) for row in rows]


def meta(table: str) -> Any:
    """Return a PynamoDB ``Meta`` for a table whose name comes from ``<TABLE>_TABLE``."""
    return type(
        "Meta",
        (),
        {
            "table_name": settings().table(table),
            "region": settings().region,
            "connect_timeout_seconds": 2,
            "read_timeout_seconds": 5,
            "max_retry_attempts": 4,
        },
    )


@cache
def _transactions() -> Connection:
    """Return the one connection of this process for transactions; making a client takes tens of milliseconds."""
    return Connection(region=settings().region, connect_timeout_seconds=2, read_timeout_seconds=5, max_retry_attempts=4)


class UnitOfWork:
    """Guarded writes that are committed together: all of them or none.

    One write goes out as a conditional PutItem, several as one TransactWriteItems.

    Examples
    --------
    A delivery and the route that it is on change together, or not at all::

        def attempt() -> Delivery:
            delivery, route = deliveries.get(delivery_id), routes.of(driver_id)
            work = UnitOfWork()
            deliveries.keep(delivery.assign(...), work)
            routes.keep(route.replan(...), work)
            work.commit()

        persistently(attempt)
    """

    def __init__(self) -> None:
        self._puts: list[tuple[Model, Condition | None]] = []
        self._deletes: list[tuple[Model, Condition | None]] = []
        self._checks: list[tuple[type[Model], str, str, Condition]] = []
        self._updates: list[tuple[Model, Sequence[Action], Condition]] = []
        self._token = str(uuid4())  # makes a retry of a commit whose answer was lost the same write

    def put(self, row: Model, condition: Condition | None) -> None:
        """Add a write that holds only if ``condition`` does."""
        self._puts.append((row, condition))

    def store(self, row: Row) -> None:
        """Add the write of an aggregate's row, guarded by its version."""
        self.put(row, row.unchanged())

    def delete(self, row: Model, condition: Condition | None = None) -> None:
        """Add a deletion."""
        self._deletes.append((row, condition))

    def check(self, kind: type[Model], pk: str, sk: str, condition: Condition) -> None:
        """Add a condition on a row that is not written."""
        self._checks.append((kind, pk, sk, condition))

    def update(self, row: Model, actions: Sequence[Action], condition: Condition) -> None:
        """Add an update of some attributes of a row in place, for counters that many writers share.

        Only the row's key is used: its attributes need not have been read.
        """
        self._updates.append((row, actions, condition))

    def commit(self) -> None:
        """Write everything; without any write this does nothing.

        Raises
        ------
        StaleWrite
            If a condition did not hold; then nothing was written.
        """
        if not (self._puts or self._deletes or self._checks or self._updates):
            return
        if len(self._puts) == 1 and not (self._deletes or self._checks or self._updates):
            row, condition = self._puts[0]
            try:
                row.save(condition=condition, add_version_condition=False)
            except PutError as error:
                if error.cause_response_code in {
                    "ConditionalCheckFailedException",
                    "TransactionConflictException",
                }:
                    raise StaleWrite(str(error)) from error
                raise
            return
        try:
            with TransactWrite(connection=_transactions(), client_request_token=self._token) as transaction:
                for kind, pk, sk, condition in self._checks:
                    transaction.condition_check(kind, pk, sk, condition=condition)
                for row, condition in self._puts:
                    transaction.save(row, condition=condition)
                for row, actions, condition in self._updates:
                    transaction.update(row, actions=list(actions), condition=condition, add_version_condition=False)
                for row, condition in self._deletes:
                    transaction.delete(row, condition=condition, add_version_condition=False)
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason}
            if codes & {"ConditionalCheckFailed", "TransactionConflict"}:
                raise StaleWrite(str(error)) from error
            raise


CONTENTION_ATTEMPTS = 6
BACK_OFF_S = 0.02


def persistently[T](
    attempt: Callable[[], T], tries: int = CONTENTION_ATTEMPTS, wait: Callable[[float], None] = time.sleep
) -> T:
    """Return what an attempt to load, decide and save returns; try again if somebody else wrote in between.

    Between two tries is a random wait of up to 0.04, 0.08, 0.16 ... seconds (exponential backoff with full jitter), so
    that racing writers do not meet again at the same moment.

    Parameters
    ----------
    attempt : callable
        Loads, decides and saves. It raises StaleWrite if somebody else wrote in between.
    tries : int
        Attempts at most.
    wait : callable
        Waits for some seconds.

    Raises
    ------
    StaleWrite
        If others kept changing the same thing; nothing was written.

    Examples
    --------
    >>> interferences = [StaleWrite("somebody was faster")]
    >>> def attempt() -> str:
    ...     if interferences:
    ...         raise interferences.pop()
    ...     return "saved"
    >>> persistently(attempt, wait=lambda seconds: None)
    'saved'
    """
    for number in range(1, tries):
        try:
            return attempt()
        except StaleWrite:
            wait(random.uniform(0, BACK_OFF_S * 2**number))
    return attempt()


def changed[Before, After](
    load: Callable[[], Before],
    decide: Callable[[Before], After],
    row: Callable[[After], Row],
    tries: int = CONTENTION_ATTEMPTS,
) -> After:
    """Return an aggregate after a change that is stored; one that changes nothing writes nothing.

    Parameters
    ----------
    load : callable
        Reads what is stored.
    decide : callable
        Returns the aggregate as it shall be, or the very one that it was given if nothing changes. It is called again
        if somebody else wrote in between.
    row : callable
        Returns the row of an aggregate, which is written under the version that was read.
    tries : int
        Attempts at most.

    Raises
    ------
    StaleWrite
        If others kept changing the same aggregate; nothing was written.
    """

    def attempt() -> After:
        before = load()
        after = decide(before)
        if after is not before:
            work = UnitOfWork()
            work.store(row(after))
            work.commit()
        return after

    return persistently(attempt, tries)
