"""The least charge of a month that a merchant's contracts ask for, and what its orders are short of it. Pure.

A month is a calendar month in the merchant's time zone. If the charges of the merchant's delivered orders under its
contracts, without tips, are below the month's minimum, the difference is charged once: on the invoice whose span
contains the month's last day, whether the merchant is billed by weeks or by months.

The minimum of a month is the sum, over its days, of the minimums of the contracts in force on the day, each divided by
the days of the month; it is rounded once, half to even. So a contract that begins, ends or is followed by another one
within the month counts by its days. Contracts of several zones that are in force together add up. One that was
withdrawn counts on no day.

Each currency is for itself: orders that are charged in another currency than that of the minimum don't count. Nor do
cancelled and returned orders, and refunds take nothing away: what was given back for a fault is not asked for again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Self
from zoneinfo import ZoneInfo

from crowdship.invoicing.lines import TIPS
from crowdship.invoicing.spans import ONE_DAY, Span
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.merchants.billing import BillingCycle
from crowdship.merchants.model import Merchant
from crowdship.pricing.model import Outcome
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.statements import StatementLine
from crowdship.tariffs.model import Contract, in_force
from crowdship.zones.model import Zone

COUNTED = frozenset({PostingKind.DELIVERY, PostingKind.DELIVERY_REVERSAL})
"""Kinds of postings whose lines count if the order was delivered; a reversal of staff counts by what it takes back."""


class MonthlyMinimum(Value):
    """The amount by which a month's charges were lifted to the minimum of the merchant's contracts.

    Parameters
    ----------
    month : str
        Such as ``2026-06``.
    """

    month: str
    amount: Money


class Month(Span):
    """A calendar month, both ends included."""

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month of a day.

        Examples
        --------
        >>> Month.of(date(2028, 2, 10)).last.isoformat()
        '2028-02-29'
        """
        return cls.beginning(day.replace(day=1), BillingCycle.MONTHLY)

    @classmethod
    def ending_in(cls, span: Span) -> Self | None:
        """Return the month whose last day is in a span, or None; a span ends with its month or week, so it has one.

        Examples
        --------
        >>> Month.ending_in(Span(first=date(2026, 6, 29), last=date(2026, 7, 5))).name
        '2026-06'
        >>> Month.ending_in(Span(first=date(2026, 6, 22), last=date(2026, 6, 28))) is None
        True
        """
        month = cls.of(span.first)
        return month if month.last <= span.last else None

    @property
    def name(self) -> str:
        """The month as it is written in causes and on invoices."""
        return f"{self.first:%Y-%m}"

    def utc_days(self, local: ZoneInfo) -> tuple[date, ...]:
        """Return the UTC days that the month has a part of in a time zone.

        Examples
        --------
        >>> days = Month.of(date(2026, 6, 1)).utc_days(ZoneInfo("America/Chicago"))
        >>> str(days[0]), str(days[-1])
        ('2026-06-01', '2026-07-01')
        """
        begins = datetime(self.first.year, self.first.month, self.first.day, tzinfo=local)
        after = self.last + ONE_DAY
        ends = datetime(after.year, after.month, after.day, tzinfo=local).astimezone(UTC) - timedelta(microseconds=1)
        return Span(first=begins.astimezone(UTC).date(), last=ends.date()).days


def time_zone_of(merchant: Merchant, zones: Iterable[Zone]) -> ZoneInfo:
    """Return the time zone of a merchant's months: that of its opening hours.

    Without hours it is that of the zones that the merchant may send from, if they have the same one, or else UTC.
    """
    if merchant.hours:
        return ZoneInfo(merchant.hours.time_zone)
    theirs = {zone.settings.time_zone for zone in zones if merchant.may_send_from(zone.id)}
    return ZoneInfo(theirs.pop() if len(theirs) == 1 else "UTC")


def contract_for(contracts: Iterable[Contract], zone_id: str, day: date, currency: str) -> Contract | None:
    """Return the contract under which an order is that is fetched in a zone on a local day, or None.

    The zone's own table may have set the charge, where the contract has no row for the order.
    """
    there = {one.validity: one for one in contracts if one.validity.has_zone(zone_id)}
    holds = in_force(tuple(there), day, currency)
    return there[holds] if holds else None


def minimums_of(month: Month, contracts: Iterable[Contract], currencies: Mapping[str, str]) -> dict[str, Money]:
    """Return the minimum of a month by currency; nothing where no contract asks for one.

    Parameters
    ----------
    currencies : mapping
        The currency of each zone that the merchant may send from.
    """
    every, sums = tuple(contracts), Counter[str]()
    for day in month.days:
        holding = {contract_for(every, zone_id, day, currency) for zone_id, currency in currencies.items()}
        for contract in holding - {None}:
            if contract and contract.monthly_minimum:
                sums[contract.currency] += contract.monthly_minimum
    share = Fraction(1, len(month.days))
    rounded = {currency: Money(amount=round(share * amount), currency=currency) for currency, amount in sums.items()}
    return {currency: minimum for currency, minimum in rounded.items() if minimum.amount}


def day_of(line: StatementLine, period: date, local: ZoneInfo) -> date:
    """Return the local day on which a line of a statement counts, so that each line counts in one month.

    A line that was booked after its day was closed counts on the day of its statement.
    """
    return line.time.astimezone(local).date() if line.time.astimezone(UTC).date() == period else period


def charge_of(line: StatementLine) -> Money:
    """Return the charge of a line without tips."""
    return Money.total((part.amount for part in line.parts if part.code not in TIPS), line.currency)


def is_delivered(kind: PostingKind, outcome: Outcome | None) -> bool:
    """Return whether a posting charges a delivered order, or takes such a charge back."""
    return kind in COUNTED and outcome is Outcome.DELIVERED


def in_order(charges: Iterable[tuple[str, Money]]) -> Iterator[tuple[str, Money]]:
    """Yield charges with what was taken back first, then the largest, so that the minimum is soon known as reached."""
    yield from sorted(charges, key=lambda one: (one[1].amount > 0, -one[1].amount))


def short_of(minimum: Money, charged: Iterable[Money]) -> Money:
    """Return what charges are short of a minimum; zero if they reach it.

    Parameters
    ----------
    charged : iterable of Money
        In the order of ``in_order``; it is read until the minimum is reached.
    """
    missing = minimum
    for amount in charged:
        missing = missing - amount
        if amount.amount > 0 and missing.amount <= 0:
            break
    return missing if missing.amount > 0 else Money.zero(minimum.currency)
