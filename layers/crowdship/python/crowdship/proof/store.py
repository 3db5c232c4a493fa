"""The proof table."""

from crowdship.kernel.storage import Row, meta
from crowdship.proof.model import ProofRecord


class ProofRow(Row):
    """The proof of a delivery."""

    Meta = meta("proof")

    @classmethod
    def of(cls, record: ProofRecord) -> "ProofRow":
        """Return the row for a record."""
        return cls.holding(record, record.id, "PROOF")

    @classmethod
    def load(cls, delivery_id: str) -> ProofRecord | None:
        """Return the proof of a delivery, or None."""
        row = cls.find(delivery_id, "PROOF")
        return row.as_aggregate(ProofRecord) if row else None
