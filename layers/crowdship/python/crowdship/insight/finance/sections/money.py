"""Money that was booked in the period, by group of accounts, and what is left of it."""

from collections.abc import Iterable

from crowdship.insight.finance.content import Column, Content, Figure, Kind, Note, Row, Table
from crowdship.insight.finance.readings import TYPE_OF_GROUP
from crowdship.insight.finance.sections.scope import Scope
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import AccountType
from crowdship.settlement.trial_balance import AccountBalance, TrialBalance, totals

COLUMNS = (
    Column("group"),
    Column("debit", Kind.MONEY),
    Column("credit", Kind.MONEY),
    Column("balance", Kind.MONEY),
    Column("currency"),
)

BRIEF = ("group", "balance")


def section(scope: Scope) -> Content:
    """Return income less expenses, and the groups of accounts with what was booked on them."""
    balance = scope.sources.balance(scope.first, scope.last)
    if balance is None:
        return Content("money", "pay", notes=(Note("too_many_postings"),))
    notes = () if scope.sources.is_closed(scope.last) else (Note("books_open", {"day": scope.last.isoformat()}),)
    table = Table.whole("groups", COLUMNS, rows_of(balance.groups), "ledger: trial balance", brief=BRIEF)
    return Content("money", "pay", (*results_of(balance), *_difference(balance)), (table,), notes=notes)


def rows_of(lines: Iterable[AccountBalance]) -> list[Row]:
    """Return lines of a trial balance as rows."""
    return [(line.account, line.debit, line.credit, line.balance, line.balance.currency) for line in lines]


def results_of(balance: TrialBalance) -> tuple[Figure, ...]:
    """Return income, expenses and their difference, for each currency."""

    def of(kind: AccountType, sign: int) -> dict[str, Money]:
        lines = (line.balance for line in balance.groups if TYPE_OF_GROUP.get(line.account) is kind)
        return {money.currency: Money(amount=sign * money.amount, currency=money.currency) for money in totals(lines)}

    income, expenses = of(AccountType.INCOME, -1), of(AccountType.EXPENSE, 1)
    found = []
    for currency in sorted({*income, *expenses}):
        earned = income.get(currency, Money.zero(currency))
        spent = expenses.get(currency, Money.zero(currency))
        found += [
            Figure("income", earned, Kind.MONEY, _names(AccountType.INCOME)),
            Figure("expenses", spent, Kind.MONEY, _names(AccountType.EXPENSE)),
            Figure("result", earned - spent, Kind.MONEY, is_bad=(earned - spent).amount < 0),
        ]
    return tuple(found)


def _names(kind: AccountType) -> str:
    return ", ".join(group for group, type_of in TYPE_OF_GROUP.items() if type_of is kind)


def _difference(balance: TrialBalance) -> tuple[Figure, ...]:
    off = [money for money in balance.difference if money.amount]
    source = "ledger: debits less credits"
    return tuple(Figure("out_of_balance", money, Kind.MONEY, source, is_bad=True) for money in off)
