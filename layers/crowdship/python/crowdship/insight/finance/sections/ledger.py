"""The month in the books: its trial balance, and how it compares with the month before."""

from datetime import timedelta

from crowdship.insight.finance.content import Column, Content, Kind, Note, Row, Table
from crowdship.insight.finance.model import span_days
from crowdship.insight.finance.sections.money import BRIEF, COLUMNS, results_of, rows_of
from crowdship.insight.finance.sections.scope import Scope
from crowdship.kernel.money import Money

COMPARED = (
    Column("group"),
    Column("this_month", Kind.MONEY),
    Column("last_month", Kind.MONEY),
    Column("change", Kind.MONEY),
    Column("currency"),
)

SOURCE = "ledger: trial balance"


def section(scope: Scope) -> Content:
    """Return every account of the trial balance as a file, and its groups in the mail."""
    balance = scope.sources.balance(scope.first, scope.last)
    if balance is None:
        return Content("ledger", "pay", notes=(Note("too_many_postings"),))
    groups = rows_of(balance.groups)

    def accounts() -> list[Row]:
        return rows_of(scope.sources.accounts(scope.first, scope.last))

    table = Table("trial_balance", COLUMNS, tuple(groups), len(groups), accounts, SOURCE, BRIEF)
    open_days = [day for day in span_days(scope.first, scope.last) if not scope.sources.is_closed(day)]
    note = Note("days_closed")
    if open_days:
        note = Note("days_open", {"count": str(len(open_days)), "day": open_days[0].isoformat()}, is_bad=True)
    return Content("ledger", "pay", results_of(balance), (table,), notes=(note,))


def comparison(scope: Scope) -> Content | None:
    """Return the groups of accounts beside those of the month before; None if one of them is too large to be summed."""
    last = scope.first - timedelta(days=1)
    now = scope.sources.balance(scope.first, scope.last)
    before = scope.sources.balance(last.replace(day=1), last)
    if now is None or before is None:
        return None
    of_now = {(line.account, line.balance.currency): line.balance for line in now.groups}
    of_before = {(line.account, line.balance.currency): line.balance for line in before.groups}
    rows: list[Row] = []
    for group, currency in sorted({*of_now, *of_before}):
        new = of_now.get((group, currency), Money.zero(currency))
        old = of_before.get((group, currency), Money.zero(currency))
        rows.append((group, new, old, new - old, currency))
    table = Table.whole("comparison", COMPARED, rows, SOURCE, brief=("group", "this_month", "change"))
    return Content("comparison", "pay", tables=(table,))
