"""Use case of the minimum of a month: read what the month's orders were charged, and book what is short of it once.

The posting comes before the document, under an id made from merchant, month and currency. So a run that stops in
between, a second one, and one that reads other contracts by then all put the same amount on the same invoice.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache, partial
from itertools import batched
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crowdship.adapters.storage import persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.invoicing.minimum import (
    Month,
    MonthlyMinimum,
    charge_of,
    contract_for,
    day_of,
    in_order,
    is_delivered,
    minimums_of,
    short_of,
    time_zone_of,
)
from crowdship.invoicing.reading import account_of, first_day, lines_of
from crowdship.invoicing.spans import Span
from crowdship.invoicing.store import AccountRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.money import Money
from crowdship.merchants.model import Merchant
from crowdship.pricing.model import PricePart
from crowdship.settlement import booking, queries
from crowdship.settlement.causes.minimums import minimum_id_for, minimum_posting
from crowdship.settlement.causes.reversals import moved_by
from crowdship.settlement.ledger import MONTHLY_MINIMUM, Posting, PostingKind
from crowdship.settlement.statements import StatementLine
from crowdship.tariffs import current
from crowdship.tariffs.model import Contract
from crowdship.zones import service as zones

Charges = dict[str, list[tuple[str, Money]]]


class MonthEnd(NamedTuple):
    """A month that ends in a span of a merchant.

    Parameters
    ----------
    since : date
        The day of sign-up, before which the merchant has no lines.
    minimums : dict of str to Money
        The minimum by currency; empty if no contract asks for one.
    currencies : tuple of str
        Those of the contracts and of the merchant's zones: a contract may be withdrawn after a minimum was booked.
    """

    merchant_id: str
    month: Month
    since: date
    local: ZoneInfo
    contracts: tuple[Contract, ...]
    minimums: dict[str, Money]
    currencies: tuple[str, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The UTC days whose statements it needs, which may end a day after the month."""
        days = self.month.utc_days(self.local) if self.minimums else ()
        return tuple(day for day in days if day >= self.since)


def ending_in(merchant: Merchant, span: Span) -> MonthEnd | None:
    """Return the month that ends in a span, or None."""
    month = Month.ending_in(span)
    if month is None:
        return None
    contracts, every = current.contracts_of(merchant.id), zones.every()
    currencies = {zone.id: zone.settings.rates.currency for zone in every if merchant.may_send_from(zone.id)}
    minimums = minimums_of(month, contracts, currencies)
    known = tuple(sorted({contract.currency for contract in contracts} | set(currencies.values())))
    since, local = merchant.created_at.date(), time_zone_of(merchant, every)
    return MonthEnd(merchant.id, month, since, local, contracts, minimums, known)


def charge(ending: MonthEnd, merchant: Merchant, span: Span, clock: Clock) -> dict[str, MonthlyMinimum]:
    """Return what is charged for a month by currency, and book what is not booked yet.

    The posting is one transaction with the merchant's account, so nobody books for a span that another run has billed
    meanwhile. What is not booked when the span is billed never is.
    """
    charges = cache(lambda: _charges(ending))

    def attempt(currency: str) -> Posting | None:
        # The account is read first: if it is billed already, what was booked before that is there.
        account = account_of(merchant.id)
        known = queries.find(minimum_id_for(merchant.id, ending.month.name, currency))
        if known or currency not in ending.minimums or span.first != first_day(merchant, account):
            return known
        short = short_of(ending.minimums[currency], _under_contract(ending, charges()[currency]))
        if not short.amount:
            return None
        made = minimum_posting(merchant.id, ending.month.name, short, clock.now())
        return booking.book(made, AccountRow.of(account))

    booked = {currency: persistently(partial(attempt, currency)) for currency in ending.currencies}
    return {
        currency: MonthlyMinimum(month=ending.month.name, amount=moved_by(posting))
        for currency, posting in booked.items()
        if posting
    }


def line_of(minimum: MonthlyMinimum, merchant_id: str, last: date) -> StatementLine:
    """Return the line of a minimum as the CSV file has it: at the beginning of the last day of the document's span."""
    return StatementLine(
        posting_id=minimum_id_for(merchant_id, minimum.month, minimum.amount.currency),
        kind=PostingKind.MONTHLY_MINIMUM,
        time=datetime(last.year, last.month, last.day, tzinfo=UTC),
        parts=(PricePart(code=MONTHLY_MINIMUM, amount=minimum.amount),),
        note=minimum.month,
    )


def _charges(ending: MonthEnd) -> Charges:
    """Return the charges of the month's delivered orders by currency, each with its delivery."""
    charges: Charges = defaultdict(list)
    for period in ending.days:
        for line in lines_of(ending.merchant_id, period):
            inside = ending.month.first <= day_of(line, period, ending.local) <= ending.month.last
            if inside and line.delivery_id and _is_counted(line):
                charges[line.currency].append((line.delivery_id, charge_of(line)))
    return charges


def _is_counted(line: StatementLine) -> bool:
    if line.kind is not PostingKind.REVERSAL:
        return is_delivered(line.kind, line.outcome)
    taken_back = queries.reversed_by(line.posting_id)
    return taken_back is not None and is_delivered(taken_back.kind, taken_back.outcome)


def _under_contract(ending: MonthEnd, charges: Sequence[tuple[str, Money]]) -> Iterator[Money]:
    """Yield the charges of orders under a contract; an order that is no longer there counts for the merchant."""
    for some in batched(in_order(charges), deliveries.READ_AT_ONCE, strict=False):
        found = deliveries.get_many(delivery_id for delivery_id, _ in some)
        for delivery_id, amount in some:
            if delivery_id not in found or _is_under_contract(ending, found[delivery_id], amount.currency):
                yield amount


def _is_under_contract(ending: MonthEnd, delivery: Delivery, currency: str) -> bool:
    trip = delivery.price.trip
    day = trip.day if trip else delivery.created_at.astimezone(ending.local).date()
    return contract_for(ending.contracts, trip.zone_id if trip else delivery.zone_id, day, currency) is not None
