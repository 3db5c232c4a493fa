"""The standing table: cases with their indexes, a list of each driver's cases, and policies."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.kernel.clock import written
from crowdship.standing.case import Case
from crowdship.standing.policy import ConductPolicy

CASE = "CASE#"
DUE = "DUE"
POLICIES = "POLICIES"


class ByWaiting(GlobalSecondaryIndex["CaseRow"]):
    """Cases that wait for people, by what for, the longest waiting first."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    waits_since = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["CaseRow"]):
    """Cases that time changes, by when."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class CaseRow(AggregateRow[Case]):
    """A case."""

    Meta = meta("standing")
    AGGREGATE = Case
    SORT = "CASE"

    waits_for = UnicodeAttribute(null=True)
    waits_since = UnicodeAttribute(null=True)
    by_waiting = ByWaiting()
    due = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, case: Case) -> dict[str, Any]:
        """Return what a case waits for, and the next moment that changes it."""
        keys: dict[str, Any] = {}
        if waits := case.waits_for:
            since = case.appeal.made_at if case.appeal else case.opened_at
            keys |= {"waits_for": str(waits), "waits_since": written(since)}
        if due := case.due_at:
            keys |= {"due": DUE, "due_at": written(due)}
        return keys

    @classmethod
    def waiting_ids(cls, kind: str, limit: int) -> list[str]:
        """Return the ids of cases that wait for something, the longest waiting first (eventually consistent)."""
        return [row.pk for row in cls.by_waiting.query(kind, limit=limit)]

    @classmethod
    def due_ids(cls, until: datetime, limit: int) -> list[str]:
        """Return the ids of cases with a moment that has come, the earliest first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(DUE, ByDue.due_at <= written(until), limit=limit)]


class CaseLine(Row):
    """A line of the list of a driver's cases."""

    Meta = meta("standing")

    @classmethod
    def add(cls, case: Case, work: UnitOfWork) -> None:
        """Add the line of a case to a unit of work."""
        work.put(cls(case.driver_id, f"{CASE}{case.id}", body=""), None)

    @classmethod
    def ids(cls, driver_id: str) -> list[str]:
        """Return the ids of a driver's cases."""
        rows = cls.query(driver_id, cls.sk.startswith(CASE), consistent_read=True)
        return [row.sk.removeprefix(CASE) for row in rows]


class PolicyRow(Row):
    """A version of the policy."""

    Meta = meta("standing")

    @classmethod
    def of(cls, policy: ConductPolicy) -> "PolicyRow":
        """Return the row of a version."""
        return cls.holding(policy, POLICIES, f"{policy.version:06d}")

    @classmethod
    def all(cls) -> list[ConductPolicy]:
        """Return all versions, the oldest first."""
        return [row.as_aggregate(ConductPolicy) for row in cls.query(POLICIES, consistent_read=True)]
