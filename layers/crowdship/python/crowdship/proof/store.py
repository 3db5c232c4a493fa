"""The proof table."""

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.proof.model import ProofRecord


class ProofRow(AggregateRow[ProofRecord]):
    """The proof of a delivery."""

    Meta = meta("proof")
    AGGREGATE = ProofRecord
    SORT = "PROOF"
