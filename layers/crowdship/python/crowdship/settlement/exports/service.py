"""Use cases of exports of the journal: ask for one, make it, and link to it."""

from collections.abc import Iterator
from datetime import date, timedelta

from crowdship.adapters.observability import logger
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, Unprocessable, counted
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.ids import new_id
from crowdship.settlement import store
from crowdship.settlement.balances.store import DayTotals, TotalsRow
from crowdship.settlement.exports import formats
from crowdship.settlement.exports.files import ExportFiles
from crowdship.settlement.exports.formats import OF_DAYS, Format
from crowdship.settlement.exports.model import MOST_DAYS, MOST_POSTINGS, ExportState, JournalExport
from crowdship.settlement.exports.store import JournalExportRow
from crowdship.settlement.exports.views import ExportRequest, JournalExportView
from crowdship.settlement.ledger import Posting
from crowdship.settlement.store import PostingRow, shards_of


def request(asked: ExportRequest, by: str, clock: Clock) -> JournalExportView:
    """Ask for an export; it is made within minutes.

    Raises
    ------
    Unprocessable
        ``period_range`` if the span is none or too long; ``days_not_closed`` if sums are asked for of a day that is not
        closed; ``too_many_postings`` if every posting is asked for of too large a span.
    """
    days = _days(asked.first, asked.last)
    if not 1 <= len(days) <= MOST_DAYS:
        span = (asked.last - asked.first).days + 1
        detail = f"{asked.first} to {asked.last} is {counted(span, 'day', 'days')}; ask for 1 to {MOST_DAYS}."
        raise Unprocessable("period_range", detail, "/last")
    if asked.format in OF_DAYS:
        _must_be_closed(days)
    elif (about := sum(PostingRow.estimate_of(day) for day in days)) > MOST_POSTINGS:
        detail = f"These days have about {about} postings, {MOST_POSTINGS} are the most; ask for fewer days."
        raise Unprocessable("too_many_postings", detail, "/last")
    export = JournalExport.requested(new_id("jxp"), asked.first, asked.last, asked.format, by, clock.now())
    store.write(JournalExportRow.of(export))
    return JournalExportView.of(export, None)


def find(export_id: str, files: ExportFiles, wall: Clock) -> JournalExportView:
    """Return an export, with a fresh link if its file is there.

    Raises
    ------
    NotFound
        If there is none.
    """
    export = JournalExportRow.load(export_id)
    if export is None:
        raise NotFound("no_such_export", f"There is no export {export_id}.")
    is_there = export.state is ExportState.READY and export.kept_until and wall.now() < export.kept_until
    return JournalExportView.of(export, files.link(export.key) if is_there else None)


def make(event: DomainEvent, files: ExportFiles, clock: Clock, wall: Clock) -> bool:
    """Make the export that was asked for; False if it is made already."""
    export = JournalExportRow.load(event.data["export_id"])
    if export is None or export.state is ExportState.READY:
        return False
    counting = _Counting(export)
    size = files.write(export.key, export.file_name, counting.texts())
    store.write(JournalExportRow.of(export.made(counting.counted, size, clock.now(), wall.now())))
    logger.info("journal_exported", export_id=export.id, bytes=size, postings=counting.counted)
    return True


class _Counting:
    """The pieces of an export's file as they are read, and how many postings or days there were."""

    def __init__(self, export: JournalExport) -> None:
        self._export = export
        self.counted = 0

    def texts(self) -> Iterator[str]:
        first, last = self._export.first, self._export.last
        match self._export.format:
            case Format.CSV:
                yield formats.csv_head()
                yield from (formats.csv_posting(posting) for posting in self._postings())
            case Format.HLEDGER:
                yield formats.hledger_head(first, last)
                yield from (formats.hledger_posting(posting) for posting in self._postings())
            case Format.BEANCOUNT:
                yield from self._beancount(first, last)
            case Format.QUICKBOOKS:
                yield formats.quickbooks_head()
                yield from (formats.quickbooks_day(totals.period, totals.sheet) for totals in self._totals())
            case Format.XERO:
                yield formats.xero_head()
                yield from (formats.xero_day(totals.period, totals.sheet) for totals in self._totals())

    def _beancount(self, first: date, last: date) -> Iterator[str]:
        names: set[str] = set()
        yield formats.beancount_head(first, last)
        for posting in self._postings():
            names.update(name for name, _ in formats.lines_of(posting))
            yield formats.beancount_posting(posting)
        yield formats.beancount_foot(names, first)

    def _postings(self) -> Iterator[Posting]:
        for day in _days(self._export.first, self._export.last):
            for shard in shards_of(day):
                for posting in PostingRow.of_shard(day, shard):
                    self.counted += 1
                    yield posting

    def _totals(self) -> Iterator[DayTotals]:
        for totals in TotalsRow.between(self._export.first, self._export.last):
            self.counted += 1
            yield totals


def _must_be_closed(days: list[date]) -> None:
    closed = {totals.period for totals in TotalsRow.between(days[0], days[-1])}
    if still_open := [str(day) for day in days if day not in closed]:
        detail = f"{still_open[0]} is not closed; sums of a day are there once it is settled."
        raise Unprocessable("days_not_closed", detail, "/last")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
