"""Trial balance: the sums of all accounts over some periods."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Self

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import Side, kind_of
from crowdship.settlement.ledger import Posting


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Return the sum of amounts for each of their currencies, in the order of their codes."""
    by_currency: dict[str, int] = defaultdict(int)
    for money in amounts:
        by_currency[money.currency] += money.amount
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(by_currency.items()))


class AccountBalance(Value):
    """The sums of one account, or of one group of accounts; ``balance`` is debit less credit."""

    account: str
    debit: Money
    credit: Money
    balance: Money

    @property
    def cursor(self) -> str:
        """Its place in the order of accounts."""
        return f"{self.account}#{self.balance.currency}"


class TrialBalance(Value):
    """Sums of all accounts; ``difference`` is debit less credit over all of them, per currency, and must be zero.

    A page of it has some of the accounts, and ``next_cursor`` is null on the last page; groups and difference are those
    of all accounts on every page.
    """

    accounts: tuple[AccountBalance, ...]
    groups: tuple[AccountBalance, ...]
    next_cursor: str | None = None
    difference: tuple[Money, ...]

    def page(self, after: str | None, limit: int) -> Self:
        """Return the page of at most ``limit`` accounts that follow a cursor."""
        left = [line for line in self.accounts if after is None or line.cursor > after]
        following = left[limit - 1].cursor if len(left) > limit else None
        return self.model_copy(update={"accounts": tuple(left[:limit]), "next_cursor": following})

    @property
    def off_by(self) -> int:
        """Minor units by which it is out of balance, added up over all currencies."""
        return sum(abs(money.amount) for money in self.difference)


Columns = dict[tuple[str, str], list[int]]
"""Debit and credit in minor units, by account and currency."""


def trial_balance(postings: Iterable[Posting]) -> TrialBalance:
    """Return the sums of all accounts and of all groups of accounts."""
    accounts: Columns = defaultdict(lambda: [0, 0])
    groups: Columns = defaultdict(lambda: [0, 0])
    signed: list[Money] = []
    for posting in postings:
        for item in posting.entries:
            currency, column = item.amount.currency, int(item.side is Side.CREDIT)
            accounts[item.account, currency][column] += item.amount.amount
            groups[kind_of(item.account).group, currency][column] += item.amount.amount
            signed.append(Money(amount=item.signed, currency=currency))
    return TrialBalance(accounts=_balances(accounts), groups=_balances(groups), difference=totals(signed))


def _balances(columns: Mapping[tuple[str, str], list[int]]) -> tuple[AccountBalance, ...]:
    return tuple(
        AccountBalance(
            account=account,
            debit=Money(amount=debit, currency=currency),
            credit=Money(amount=credit, currency=currency),
            balance=Money(amount=debit - credit, currency=currency),
        )
        for (account, currency), (debit, credit) in sorted(columns.items(), key=lambda item: "#".join(item[0]))
    )
