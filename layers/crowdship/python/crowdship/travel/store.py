"""The traffic table: what is learned of each zone's streets, and the zone's incidents."""

import zlib
from base64 import b64decode, b64encode

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.kernel.events import Aggregate
from crowdship.travel.conditions import Incidents, Learned

PACKING = 6
"""Compression level of zlib; a higher one takes longer and saves next to nothing."""


class LearnedRow(AggregateRow[Learned]):
    """Everything learned in a zone.

    The body is compressed: the sums shrink to a third, and DynamoDB bills writes by the kilobyte.
    """

    Meta = meta("traffic")
    AGGREGATE = Learned
    SORT = "LEARNED"
    CONSISTENT = False

    @classmethod
    def of(cls, aggregate: Learned) -> "LearnedRow":
        """Return the row, with the body compressed."""
        row = super().of(aggregate)
        row.body = b64encode(zlib.compress(row.body.encode(), PACKING)).decode()
        return row

    def as_aggregate[T: Aggregate](self, kind: type[T]) -> T:
        """Return the aggregate from the compressed body."""
        text = zlib.decompress(b64decode(self.body))
        return kind.model_validate_json(text).with_changes(stored_version=int(self.version))


class IncidentsRow(AggregateRow[Incidents]):
    """The incidents of a zone, in a row of their own, so that a dispatcher's write never waits for what is learned."""

    Meta = meta("traffic")
    AGGREGATE = Incidents
    SORT = "INCIDENTS"
