"""Readings that the sections of finance's mails need, and what they are made of; ``sources`` has them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from crowdship.insight.finance.exceptions import FinanceException
from crowdship.insight.zone_days.model import ZoneDay
from crowdship.kernel.money import Money
from crowdship.payouts.model import Payout
from crowdship.settlement.accounts import CHART, AccountType
from crowdship.settlement.statements import Statement, Sums
from crowdship.settlement.trial_balance import AccountBalance, TrialBalance
from crowdship.zones.model import Zone

TYPE_OF_GROUP: dict[str, AccountType] = {kind.group: kind.type for kind in CHART}
"""The type of each group of accounts."""


@dataclass(frozen=True)
class OwnerSums:
    """Sums of one merchant's or driver's statements over some days, in one currency."""

    owner: str
    currency: str
    sums: Sums


@dataclass(frozen=True)
class Outstanding:
    """An item of a clearing account that has not cleared."""

    account: str
    item: str
    amount: Money
    opened_at: datetime
    age_s: int
    overdue: bool


@dataclass(frozen=True)
class Receivable:
    """An invoice that is not paid in full.

    Parameters
    ----------
    days_overdue : int
        Days since its due day; zero or less if that is not over.
    """

    number: str
    merchant_id: str
    amount: Money
    due_on: date
    days_overdue: int


class Readings(Protocol):
    """Port to what the other rooms hold, at one moment."""

    def zones(self) -> list[Zone]:
        """Return all zones in the order of their ids."""
        ...

    def zone_days(self, zone: Zone, first: date, last: date) -> Sequence[ZoneDay]:
        """Return the days of a zone that were summed, in order."""
        ...

    def is_closed(self, day: date) -> bool:
        """Return whether the books of a day are closed and checked."""
        ...

    def balance(self, first: date, last: date) -> TrialBalance | None:
        """Return the groups of the trial balance over some days; None while an open day has too many postings."""
        ...

    def accounts(self, first: date, last: date) -> Iterator[AccountBalance]:
        """Yield all accounts of the trial balance over some days."""
        ...

    def open_items(self) -> Iterator[Outstanding]:
        """Yield the items of clearing accounts that have not cleared, the oldest first."""
        ...

    def receivables(self) -> Iterator[Receivable]:
        """Yield the open invoices of all merchants."""
        ...

    def statements(self, day: date) -> Iterator[Statement]:
        """Return the statements of a day in the order of their owners."""
        ...

    def owners(self, first: date, last: date) -> Iterator[OwnerSums]:
        """Return the sums of each owner's statements over some days, in the order of the owners."""
        ...

    def payouts(self, day: date) -> Iterator[Payout]:
        """Return the payouts that the run of a day made."""
        ...

    def merchant_name(self, merchant_id: str) -> str:
        """Return a merchant's name; empty if there is no such merchant any more."""
        ...

    def exceptions(self, day: date, slot: str | None = None) -> list[FinanceException]:
        """Return the exceptions that were noted on a day, or in one quarter of an hour of it."""
        ...

    def late_claims(self) -> list[FinanceException]:
        """Return open claims whose time to decide is over."""
        ...

    def late_floors(self) -> list[FinanceException]:
        """Return pay floors that are not reckoned though their deadline is near or past."""
        ...


def days_before(last: date, count: int) -> date:
    """Return the first of some days that end with another."""
    return last - timedelta(days=count - 1)
