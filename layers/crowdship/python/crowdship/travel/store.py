"""The traffic table: what was learned of a zone's streets, and its incidents."""

import zlib
from base64 import b64decode, b64encode

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.kernel.events import Aggregate
from crowdship.travel.conditions import Incidents, Learned

PACKING = 6
"""Zlib's level: more takes longer and saves next to nothing."""


class LearnedRow(AggregateRow[Learned]):
    """What was learned in a zone. Its body is packed: sums compress to a third, and a write costs by the kilobyte."""

    Meta = meta("traffic")
    AGGREGATE = Learned
    SORT = "LEARNED"
    CONSISTENT = False

    @classmethod
    def of(cls, aggregate: Learned) -> "LearnedRow":
        """Return the row for what was learned."""
        row = super().of(aggregate)
        row.body = b64encode(zlib.compress(row.body.encode(), PACKING)).decode()
        return row

    def as_aggregate[T: Aggregate](self, kind: type[T]) -> T:
        """Return what was learned, unpacked."""
        text = zlib.decompress(b64decode(self.body))
        return kind.model_validate_json(text).with_changes(stored_version=int(self.version))


class IncidentsRow(AggregateRow[Incidents]):
    """What is in the way in a zone: a row of its own, as dispatchers must not wait for what is learned."""

    Meta = meta("traffic")
    AGGREGATE = Incidents
    SORT = "INCIDENTS"
