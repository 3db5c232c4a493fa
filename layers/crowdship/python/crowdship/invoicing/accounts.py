"""A merchant's account: how far it is billed, its credit, and the sums of what is open. Pure."""

from collections.abc import Iterable, Iterator
from typing import Self

from pydantic import Field

from crowdship.invoicing.invoice import Invoice, InvoiceState
from crowdship.kernel.clock import Day
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.money import Money


class BillingAccount(Aggregate):
    """The last day that a merchant is billed for, and its credit by currency; its id is the merchant's.

    Parameters
    ----------
    billed_to : date or None
        The last day that is on documents; None before the first span.
    credit : dict of str to int
        Minor units by currency, from overpayments and credit notes; below zero if one came back that was used.
    """

    billed_to: Day | None = None
    credit: dict[str, int] = Field(default_factory=dict)

    def credit_in(self, currency: str) -> Money:
        """Return the credit in a currency."""
        return Money(amount=self.credit.get(currency, 0), currency=currency)

    def with_credit(self, credit: Money) -> Self:
        """Return it with another credit."""
        return self.with_changes(credit={**self.credit, credit.currency: credit.amount})


class AccountSum(Value):
    """The merchant's account in one currency: what is open, what of that is overdue, and its credit."""

    currency: str
    open: Money
    overdue: Money
    credit: Money


def account_sums(account: BillingAccount, invoices: Iterable[Invoice]) -> Iterator[AccountSum]:
    """Yield the statement of account by currency."""
    every = list(invoices)
    for currency in sorted({one.currency for one in every} | set(account.credit)):
        mine = [one for one in every if one.currency == currency]
        late = (one.open for one in mine if one.state is InvoiceState.OVERDUE)
        yield AccountSum(
            currency=currency,
            open=Money.total((one.open for one in mine), currency),
            overdue=Money.total(late, currency),
            credit=account.credit_in(currency),
        )
