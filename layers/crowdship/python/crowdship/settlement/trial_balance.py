"""Trial balance: the sums of all accounts over some periods."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.settlement.ledger import Posting
from crowdship.settlement.sums import Columns, Key, Sheet, Tally, groups_of, off_by


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Return the sum of amounts for each of their currencies, in the order of their codes."""
    by_currency: dict[str, int] = defaultdict(int)
    for money in amounts:
        by_currency[money.currency] += money.amount
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(by_currency.items()))


class AccountBalance(Value):
    """The sums of one account, or of one group of accounts.

    Parameters
    ----------
    balance : Money
        Posted debit less credit.
    pending : Money
        Debit less credit of what is reserved and not posted.
    """

    account: str
    debit: Money
    credit: Money
    balance: Money
    pending: Money

    @classmethod
    def of(cls, key: Key, columns: Columns) -> Self:
        """Return the view of an account's columns."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=key.currency)

        return cls(
            account=key.name,
            debit=money(columns.debit),
            credit=money(columns.credit),
            balance=money(columns.balance),
            pending=money(columns.pending),
        )


class TrialBalance(Value):
    """Sums of all accounts; ``difference`` is debit less credit over all of them, per currency, and must be zero.

    A page of it has some of the accounts, and ``next_cursor`` is null on the last page; groups and difference are those
    of all accounts on every page.
    """

    accounts: tuple[AccountBalance, ...]
    groups: tuple[AccountBalance, ...]
    next_cursor: str | None = None
    difference: tuple[Money, ...]

    @classmethod
    def of(cls, accounts: Iterable[tuple[Key, Columns]], groups: Sheet, next_cursor: str | None = None) -> Self:
        """Return the trial balance of a page of accounts and the groups of all."""
        return cls(
            accounts=tuple(AccountBalance.of(key, columns) for key, columns in accounts),
            groups=tuple(AccountBalance.of(key, columns) for key, columns in sorted(groups.items())),
            next_cursor=next_cursor,
            difference=tuple(Money(amount=amount, currency=currency) for currency, amount in off_by(groups).items()),
        )

    @property
    def off_by(self) -> int:
        """Minor units by which it is out of balance, added up over all currencies."""
        return sum(abs(money.amount) for money in self.difference)


def trial_balance(postings: Iterable[Posting]) -> TrialBalance:
    """Return the sums of all accounts and of all groups of accounts over some postings."""
    accounts = Tally.of(postings).accounts
    return TrialBalance.of(sorted(accounts.items()), groups_of(accounts))
