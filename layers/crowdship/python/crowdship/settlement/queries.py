"""Queries of the books: settlements, statements, postings and drivers' lines."""

from collections.abc import Iterable
from datetime import date, timedelta

from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.settlement.accounts import OwnerKind
from crowdship.settlement.causes.reversals import driver_in, reversal_id_for, reversed_id
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.ledger import Posting, PostingKind
from crowdship.settlement.pending import resolution_id
from crowdship.settlement.statements import Statement, StatementLine
from crowdship.settlement.store import LineRow, SettlementRow, StatementPageRow, StatementRow, booked, not_booked
from crowdship.settlement.views import PostingView

ONE_DAY = timedelta(days=1)


def statements(period: date, after: str | None, limit: int) -> list[Statement]:
    """Return at most ``limit`` statements of a period in the order of their owners, those after a cursor."""
    return StatementRow.of_period(period, after, limit)


def every_statement(period: date) -> list[Statement]:
    """Return all statements of a period in the order of their owners."""
    return StatementRow.of_period(period)


def statement_count(period: date) -> int:
    """Return how many statements a period has, without reading them."""
    return StatementRow.count_of(period)


def statements_of(period: date, owner: str, page: int = 0) -> list[tuple[Statement, list[StatementLine]]]:
    """Return one owner's statements of a period, one per currency, each with a page of its lines.

    Parameters
    ----------
    owner : str
        ``driver:<id>`` or ``merchant:<id>``.
    page : int
        Counted from 0.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = StatementRow.of_owner(period, owner)
    if not found:
        raise NotFound("no_such_statement", f"{owner} has no statement for {period}; check both.")
    return [(statement, StatementPageRow.lines_of(statement.id, page)) for statement in found]


def posting(posting_id: str) -> Posting:
    """Return a posting.

    Raises
    ------
    NotFound
        If none was booked under the id.
    """
    found = booked(posting_id)
    if found is None:
        raise NotFound("no_such_posting", f"There is no posting {posting_id}.")
    return found


def find(posting_id: str) -> Posting | None:
    """Return a posting, or None if none was booked under the id."""
    return booked(posting_id)


def reversed_by(posting_id: str) -> Posting | None:
    """Return the posting that a reversal takes back; None if the id is that of no reversal."""
    found = reversed_id(posting(posting_id))
    return posting(found) if found else None


def posting_view(posting_id: str) -> PostingView:
    """Return a posting, with the ids of those that resolve and reverse it.

    Raises
    ------
    NotFound
        If none was booked under the id.
    """
    found = posting(posting_id)
    ids = {resolution_id(found), reversal_id_for(posting_id)}
    there = ids - not_booked(ids)
    resolved_by, reversed_by = (
        one if one in there else None for one in (resolution_id(found), reversal_id_for(posting_id))
    )
    return PostingView.of(found, resolved_by, reversed_by)


def earned(driver_id: str, period: date) -> list[StatementLine]:
    """Return a driver's lines of a period, in the order of their times."""
    return LineRow.of_driver(driver_id, period)


def settlements(periods: Iterable[date]) -> dict[date, Settlement]:
    """Return the settlements that were begun among some periods."""
    return SettlementRow.load_many(periods)


def must_not_be_taken_back(posting: Posting, clock: Clock) -> None:
    """Refuse the posting of an ending that its driver took back.

    A driver may do so until the day of the posting is settled, so only the days until then are looked at.

    Raises
    ------
    Conflict
        ``already_reversed``, with the posting that reverses it.
    """
    driver_id = driver_in(posting)
    if posting.kind is not PostingKind.DELIVERY or driver_id is None:
        return
    settlement = SettlementRow.load(posting.period)
    day, last = posting.time.date(), (settlement.opened_at if settlement else clock.now()).date() + ONE_DAY
    while day <= last:
        for line in LineRow.of_holder(f"{OwnerKind.DRIVER}:{driver_id}", day):
            of_it = line.kind is PostingKind.DELIVERY_REVERSAL and line.delivery_id == posting.delivery_id
            if of_it and line.time >= posting.time:
                detail = f"The driver took {posting.id} back by {line.posting_id}."
                raise Conflict("already_reversed", detail)
        day += ONE_DAY
