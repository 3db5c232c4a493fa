"""Exceptions: what somebody has to look at, noted as it happened and found in the books."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from crowdship.insight.finance.content import Column, Content, Figure, Kind, Row, Table
from crowdship.insight.finance.exceptions import FinanceException
from crowdship.insight.finance.readings import Outstanding
from crowdship.insight.finance.sections.scope import Scope
from crowdship.settlement.accounts import TAX_WITHHELD

COLUMNS = (
    Column("exception", Kind.CODE),
    Column("subject"),
    Column("amount", Kind.MONEY),
    Column("currency"),
    Column("reason"),
    Column("at"),
)

MOST_ITEMS = 200
"""Open items, late claims and late pay floors that one mail lists of each, the oldest first; the console has all."""

BRIEF = ("exception", "amount", "reason")
SOURCE = "insight: exceptions"


def section(scope: Scope) -> Content:
    """Return all exceptions of the day, or only the noted ones of a quarter of an hour."""
    found = list(found_in(scope))
    rows: list[Row] = [
        (
            one.kind,
            one.subject,
            one.amount,
            one.amount.currency if one.amount else "",
            one.reason,
            f"{one.at:%Y-%m-%d %H:%M}" if one.at else "",
        )
        for one in found
    ]
    count = Figure("exceptions", len(found), Kind.COUNT, SOURCE, is_bad=bool(found))
    tables = (Table.whole("exceptions", COLUMNS, rows, SOURCE, brief=BRIEF, under="subject"),) if found else ()
    return Content("exceptions", "pay", (count,), tables, exceptions=len(found))


def found_in(scope: Scope) -> Iterator[FinanceException]:
    """Yield the exceptions that were noted, then deadlines and what the books show; a slot has the noted ones alone."""
    yield from scope.sources.exceptions(scope.last, scope.task.slot)
    if scope.task.slot is None:
        yield from scope.sources.late_claims()[:MOST_ITEMS]
        yield from scope.sources.late_floors()[:MOST_ITEMS]
        yield from _of_books(scope)


def _is_over_deposited(item: Outstanding) -> bool:
    """Return whether an item is tax of which more was deposited than is withheld, as payments came back since."""
    return item.account == TAX_WITHHELD.group and item.amount.amount > 0


def _is_stranded(item: Outstanding, day: date) -> bool:
    """Return whether no later deposit can use an item, as the year is over for which it was deposited."""
    return _is_over_deposited(item) and item.item[:4] < f"{day.year}"


def _of_books(scope: Scope) -> Iterator[FinanceException]:
    day = scope.last
    if not scope.sources.is_closed(day):
        yield FinanceException(id=f"open:{day}", kind="books_open", subject=day.isoformat())
    balance = scope.sources.balance(day, day)
    for off in balance.difference if balance else ():
        if off.amount:
            yield FinanceException(id=f"off:{day}", kind="out_of_balance", subject=day.isoformat(), amount=off)
    late = (one for one in scope.sources.open_items() if one.overdue or _is_stranded(one, day))
    for item in islice(late, MOST_ITEMS):
        yield FinanceException(
            id=f"item:{item.account}:{item.item}",
            kind="tax_over_deposited" if _is_over_deposited(item) else "item_open",
            subject=item.item,
            amount=item.amount,
            reason=item.account,
            at=item.opened_at,
        )
    for statement in scope.sources.statements(day):
        if statement.driver_id and statement.sums.total.amount < 0:
            owes = -statement.sums.total
            yield FinanceException(id=statement.id, kind="driver_owes", subject=statement.driver_id, amount=owes)
