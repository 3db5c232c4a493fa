"""Export of the journal of some days, from the request to the file."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate
from crowdship.kernel.retention import EXPORTS
from crowdship.settlement.exports.formats import SUFFIX, Format

MOST_DAYS = 92
"""Days of one export."""

MOST_POSTINGS = 2_000_000
"""Postings of one export, some ten minutes of work; two days of a million."""


class ExportState(StrEnum):
    """States of an export."""

    REQUESTED = "requested"
    READY = "ready"


class JournalExport(Aggregate):
    """An export of the journal that staff asked for.

    Parameters
    ----------
    postings, size : int
        Postings in the file, or days in one of sums; and its bytes. Zero until it is ready.
    """

    first: Day
    last: Day
    format: Format
    asked_by: str
    asked_at: Moment
    state: ExportState = ExportState.REQUESTED
    ready_at: Moment | None = None
    postings: int = 0
    size: int = 0
    kept_until: Moment | None = None

    @classmethod
    def requested(cls, export_id: str, first: date, last: date, format: Format, by: str, now: datetime) -> Self:
        """Return the export that somebody asks for, with the event on which it is made."""
        export = cls(id=export_id, first=first, last=last, format=format, asked_by=by, asked_at=now)
        told = export.model_dump(mode="json", include={"first", "last", "format"})
        return export.emitting("journal_export.requested", now, {"export_id": export_id, **told})

    @property
    def key(self) -> str:
        """Key of its file in the bucket of exports."""
        return f"journal/{self.id}.{SUFFIX[self.format]}"

    @property
    def file_name(self) -> str:
        """Name under which a browser saves it."""
        return f"journal-{self.first}-{self.last}-{self.format}.{SUFFIX[self.format]}"

    def made(self, postings: int, size: int, now: datetime, wall: datetime) -> Self:
        """Return it as its file is there; the bucket deletes the file by wall time."""
        kept_until = wall + EXPORTS
        return self.with_changes(
            state=ExportState.READY, postings=postings, size=size, ready_at=now, kept_until=kept_until
        )
