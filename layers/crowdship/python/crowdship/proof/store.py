"""The proof table."""

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.proof.model import ProofRecord

EARLIER = "EARLIER#"
"""Beginning of the sort keys of earlier records."""


class ProofRow(AggregateRow[ProofRecord]):
    """The proof of a delivery."""

    Meta = meta("proof")
    AGGREGATE = ProofRecord
    SORT = "PROOF"


class EarlierProofRow(Row):
    """The proof of an ending that its driver took back; it is never changed."""

    Meta = meta("proof")

    @classmethod
    def of(cls, record: ProofRecord, number: int) -> "EarlierProofRow":
        """Return the row of a record; ``number`` counts the delivery's earlier records from 0."""
        return cls(record.id, f"{EARLIER}{number:04d}", body=record.model_dump_json())

    @classmethod
    def of_delivery(cls, delivery_id: str) -> list[ProofRecord]:
        """Return the earlier records of a delivery, the first one first."""
        rows = cls.query(delivery_id, cls.sk.startswith(EARLIER), consistent_read=True)
        return [row.as_aggregate(ProofRecord) for row in rows]
