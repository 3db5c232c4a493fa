"""The data_rights table: exports, requests for correction, and the lists of both."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.data_rights.model import Correction, CorrectionState, Export
from crowdship.kernel import retention
from crowdship.kernel.clock import written

ASKED = "CORRECTION#"
WAITING = "CORRECTIONS"


class ExportRow(AggregateRow[Export]):
    """An export."""

    Meta = meta("data_rights")
    AGGREGATE = Export
    SORT = "EXPORT"

    @classmethod
    def lasting(cls, export: Export, wall_now: datetime) -> "ExportRow":
        """Return the row of an export; DynamoDB deletes it some time after its file is gone."""
        row = cls.of(export)
        row.expires_at = int((wall_now + retention.EXPORTS * 2).timestamp())
        return row


class LatestExportRow(Row):
    """The id of a driver's latest export."""

    Meta = meta("data_rights")
    SORT = "LATEST-EXPORT"

    @classmethod
    def load(cls, driver_id: str) -> str | None:
        """Return the id of a driver's latest export, or None."""
        row = cls.find(driver_id, cls.SORT)
        return row.body if row else None

    @classmethod
    def put_in_place_of(cls, before: str | None, export: Export, work: UnitOfWork) -> None:
        """Add the write that makes an export the latest; it fails if another one became so meanwhile."""
        condition = cls.body == before if before else cls.pk.does_not_exist()
        work.put(cls(export.driver_id, cls.SORT, body=export.id), condition)


class ByDue(GlobalSecondaryIndex["CorrectionRow"]):
    """Requests that wait for a decision, the one that is due first first."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class CorrectionRow(AggregateRow[Correction]):
    """A request for correction."""

    Meta = meta("data_rights")
    AGGREGATE = Correction
    SORT = "CORRECTION"

    waits_for = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, correction: Correction) -> dict[str, Any]:
        """Return the deadline of a request that waits."""
        waits = correction.state is CorrectionState.OPEN
        return {"waits_for": WAITING, "due_at": written(correction.due_at)} if waits else {}

    @classmethod
    def lasting(cls, correction: Correction, wall_now: datetime) -> "CorrectionRow":
        """Return the row of a request; DynamoDB deletes it some time after its period."""
        row = cls.of(correction)
        row.expires_at = int((wall_now + retention.CORRECTIONS).timestamp())
        return row

    @classmethod
    def waiting_ids(cls, limit: int) -> list[str]:
        """Return the ids of requests that wait, the one that is due first first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(WAITING, limit=limit)]


class AskedRow(Row):
    """A line of the list of a driver's requests for correction."""

    Meta = meta("data_rights")

    @classmethod
    def note(cls, correction: Correction, wall_now: datetime, work: UnitOfWork) -> None:
        """Add a line to a unit of work."""
        until = int((wall_now + retention.CORRECTIONS).timestamp())
        work.put(cls(correction.driver_id, f"{ASKED}{correction.id}", body="", expires_at=until), None)

    @classmethod
    def ids(cls, driver_id: str) -> list[str]:
        """Return the ids of a driver's requests."""
        lines = cls.query(driver_id, cls.sk.startswith(ASKED), consistent_read=True)
        return [row.sk.removeprefix(ASKED) for row in lines]
