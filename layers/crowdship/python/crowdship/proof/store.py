"""The proof table."""

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.proof.custody import Entry
from crowdship.proof.model import ProofRecord

EARLIER = "EARLIER#"
"""Beginning of the sort keys of earlier records."""

CUSTODY = "CUSTODY#"
"""Beginning of the sort keys of the entries of the chain of custody."""


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


class CustodyRow(Row):
    """An entry of the chain of custody; it is never changed."""

    Meta = meta("proof")

    @classmethod
    def of(cls, entry: Entry) -> "CustodyRow":
        """Return the row of an entry, whose body is the text that is hashed."""
        return cls(entry.delivery_id, f"{CUSTODY}{entry.number:04d}", body=entry.text())

    @classmethod
    def texts_of(cls, delivery_id: str) -> dict[int, str]:
        """Return the stored texts of a delivery's entries, by number; a key that is no number gets one below 0."""
        texts: dict[int, str] = {}
        for row in cls.query(delivery_id, cls.sk.startswith(CUSTODY), consistent_read=True):
            written = str(row.sk).removeprefix(CUSTODY)
            texts[int(written) if written.isdecimal() and len(written) == 4 else -1 - len(texts)] = str(row.body)
        return texts
