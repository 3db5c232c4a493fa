"""Items of clearing accounts that have not cleared, by account and age."""

from collections import defaultdict

from crowdship.insight.finance.content import Column, Content, Kind, Row, Table
from crowdship.insight.finance.sections.scope import Scope
from crowdship.kernel.money import Money

DAY_S = 86_400

AGES = ((1, "under_1_day"), (7, "under_1_week"), (30, "under_30_days"))
"""Ages in days below which an item counts in a group; older ones are in the last group."""

OLDEST = "over_30_days"

COLUMNS = (
    Column("account"),
    Column("age", Kind.CODE),
    Column("count", Kind.COUNT),
    Column("amount", Kind.MONEY),
    Column("currency"),
)


def age_of(seconds: int) -> str:
    """Return the group of an age.

    Examples
    --------
    >>> age_of(86_399), age_of(86_400), age_of(40 * 86_400)
    ('under_1_day', 'under_1_week', 'over_30_days')
    """
    return next((code for days, code in AGES if seconds < days * DAY_S), OLDEST)


def section(scope: Scope) -> Content:
    """Return count and sum of the open items of each account and age."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for item in scope.sources.open_items():
        group = groups[item.account, age_of(item.age_s), item.amount.currency]
        group[0] += 1
        group[1] += item.amount.amount
    rows: list[Row] = [
        (account, age, count, Money(amount=amount, currency=currency), currency)
        for (account, age, currency), (count, amount) in sorted(groups.items())
    ]
    table = Table.whole(
        "open_items", COLUMNS, rows, "ledger: open items", brief=("account", "count", "amount"), under="age"
    )
    return Content("open_items", "pay", tables=(table,))
