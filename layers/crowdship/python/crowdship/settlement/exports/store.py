"""Rows of exports of the journal, in the settlement table."""

from crowdship.adapters.storage import AggregateRow, meta
from crowdship.settlement.exports.model import JournalExport


class JournalExportRow(AggregateRow[JournalExport]):
    """An export, under its id."""

    Meta = meta("settlement")
    AGGREGATE = JournalExport
    SORT = "EXPORT"
