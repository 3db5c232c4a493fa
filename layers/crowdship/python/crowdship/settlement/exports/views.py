"""Views of exports of the journal."""

from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.settlement.exports.formats import Format
from crowdship.settlement.exports.model import ExportState, JournalExport


class ExportRequest(Value):
    """The days of which the journal is wanted, and its format."""

    first: Day
    last: Day
    format: Format


class JournalExportView(Value):
    """An export; ``url`` is null until it is ready and after its file was deleted."""

    export_id: str
    first: Day
    last: Day
    format: Format
    state: ExportState
    asked_by: str
    asked_at: Moment
    ready_at: Moment | None
    postings: int
    size: int = Field(description="Bytes")
    file_name: str
    url: str | None = Field(description="A link that opens for ten minutes")

    @classmethod
    def of(cls, export: JournalExport, url: str | None) -> Self:
        """Return the view of an export with a link to its file."""
        told = export.model_dump(exclude={"id", "sequence", "kept_until"})
        return cls(export_id=export.id, file_name=export.file_name, url=url, **told)
