"""The documents table: a driver's documents, and the index of those that wait."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.documents.model import OPEN, DocumentState, DriverDocument
from crowdship.kernel.clock import written

DOCUMENT = "DOCUMENT#"


class ByWaiting(GlobalSecondaryIndex["DocumentRow"]):
    """Documents that wait for a picture or for a person, the longest waiting first."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    waits_since = UnicodeAttribute(range_key=True)


class DocumentRow(Row):
    """A document of a driver."""

    Meta = meta("documents")

    waits_for = UnicodeAttribute(null=True)
    waits_since = UnicodeAttribute(null=True)
    by_waiting = ByWaiting()

    @classmethod
    def of(cls, document: DriverDocument) -> "DocumentRow":
        """Return the row of a document; one that waits is in the index."""
        waits = document.state in OPEN
        since = f"{written(document.arrived_at or document.announced_at)}#{document.id}"
        index: dict[str, Any] = {"waits_for": str(document.state), "waits_since": since} if waits else {}
        return cls.holding(document, document.driver_id, f"{DOCUMENT}{document.id}", **index)

    @classmethod
    def load(cls, driver_id: str, document_id: str) -> DriverDocument | None:
        """Return a document of a driver, or None."""
        row = cls.find(driver_id, f"{DOCUMENT}{document_id}")
        return row.as_aggregate(DriverDocument) if row else None

    @classmethod
    def of_driver(cls, driver_id: str) -> list[DriverDocument]:
        """Return all documents of a driver, the one that was announced first first."""
        rows = cls.query(driver_id, cls.sk.startswith(DOCUMENT), consistent_read=True)
        return sorted((row.as_aggregate(DriverDocument) for row in rows), key=lambda one: (one.announced_at, one.id))

    @classmethod
    def waiting(
        cls, state: DocumentState, after: str | None, limit: int, before: datetime | None = None
    ) -> tuple[list[DriverDocument], str | None]:
        """Return documents in a state, the longest waiting first, and the place after which to go on.

        The index is eventually consistent; what waits no longer is left out.
        """
        condition = None
        if after:
            condition = ByWaiting.waits_since > after
        elif before:
            condition = ByWaiting.waits_since < written(before)
        found = list(cls.by_waiting.query(str(state), condition, limit=limit))
        rows = cls.batch_get([(row.pk, row.sk) for row in found], consistent_read=True) if found else ()
        known = {row.sk: row.as_aggregate(DriverDocument) for row in rows}
        documents = [known[row.sk] for row in found if row.sk in known and known[row.sk].state is state]
        return documents, found[-1].waits_since if len(found) == limit else None

    @classmethod
    def forget(cls, document: DriverDocument, work: UnitOfWork) -> None:
        """Add the deletion of a document to a unit of work; it holds only if the document is as it was read."""
        row = cls(document.driver_id, f"{DOCUMENT}{document.id}", body="")
        work.delete(row, cls.version == document.stored_version)
