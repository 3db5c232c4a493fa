"""Open invoices of merchants by age, and each one that is overdue."""

from collections import defaultdict
from functools import cache

from crowdship.insight.finance.content import Column, Content, Figure, Kind, Row, Table
from crowdship.insight.finance.readings import Receivable
from crowdship.insight.finance.sections.scope import Scope
from crowdship.kernel.money import Money
from crowdship.settlement.trial_balance import totals

AGES = ((0, "not_due"), (30, "overdue_30"), (60, "overdue_60"), (90, "overdue_90"))
"""Days past the due day up to which an invoice counts in a group; older ones are in the last group."""

OLDEST = "overdue_more"

BY_AGE = (
    Column("age", Kind.CODE),
    Column("count", Kind.COUNT),
    Column("amount", Kind.MONEY),
    Column("currency"),
)
OVERDUE = (
    Column("invoice"),
    Column("id"),
    Column("name"),
    Column("due_on"),
    Column("days_overdue", Kind.COUNT),
    Column("amount", Kind.MONEY),
    Column("currency"),
)
SOURCE = "invoices: open"


def age_of(days: int) -> str:
    """Return the group of an invoice.

    Parameters
    ----------
    days : int
        Days since its due day; zero or less if that is not over.

    Examples
    --------
    >>> age_of(-5), age_of(0), age_of(1), age_of(60), age_of(91)
    ('not_due', 'not_due', 'overdue_30', 'overdue_60', 'overdue_more')
    """
    return next((code for most, code in AGES if days <= most), OLDEST)


def section(scope: Scope) -> Content:
    """Return what merchants owe by age, and the overdue invoices, those that are due the longest first."""
    groups: dict[tuple[str, str], list[Money]] = defaultdict(list)
    overdue: list[Receivable] = []
    for one in scope.sources.receivables():
        groups[one.amount.currency, age_of(one.days_overdue)].append(one.amount)
        if one.days_overdue > 0:
            overdue.append(one)
    order = [code for _, code in AGES] + [OLDEST]
    rows: list[Row] = [
        (age, len(amounts), Money.total(amounts, currency), currency)
        for (currency, age), amounts in sorted(groups.items(), key=lambda one: (one[0][0], order.index(one[0][1])))
    ]
    name = cache(scope.sources.merchant_name)
    late: list[Row] = [
        (
            one.number,
            one.merchant_id,
            name(one.merchant_id),
            one.due_on.isoformat(),
            one.days_overdue,
            one.amount,
            one.amount.currency,
        )
        for one in sorted(overdue, key=lambda one: -one.days_overdue)
    ]
    figures = (
        *(Figure("open", money, Kind.MONEY, SOURCE) for money in totals(_amounts(groups, every=True))),
        *(Figure("overdue", money, Kind.MONEY, SOURCE, is_bad=True) for money in totals(_amounts(groups, every=False))),
    )
    tables = (
        Table.whole("receivables", BY_AGE, rows, SOURCE, brief=("age", "count", "amount")),
        Table.whole("overdue", OVERDUE, late, SOURCE, brief=("name", "days_overdue", "amount"), under="invoice"),
    )
    return Content("receivables", "invoices", figures, tables)


def _amounts(groups: dict[tuple[str, str], list[Money]], *, every: bool) -> list[Money]:
    return [amount for (_, age), amounts in groups.items() if every or age != AGES[0][1] for amount in amounts]
