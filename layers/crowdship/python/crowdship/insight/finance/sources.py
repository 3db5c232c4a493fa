"""Sources of finance's mails: every reading of another room that a section needs, in one place."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from crowdship.claims import service as claims
from crowdship.insight.finance.exceptions import FinanceException
from crowdship.insight.finance.model import span_days
from crowdship.insight.finance.readings import Outstanding, OwnerSums, Receivable
from crowdship.insight.store import ExceptionRow
from crowdship.insight.zone_days import service as zone_days
from crowdship.insight.zone_days.model import ZoneDay
from crowdship.invoicing import service as invoicing
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.cursors import every_page
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.merchants import service as merchants
from crowdship.pay_floors import closing as pay_floors
from crowdship.payouts import queries as payouts
from crowdship.payouts.model import Payout
from crowdship.settlement import queries
from crowdship.settlement.balances import service as balances
from crowdship.settlement.clearing import service as clearing
from crowdship.settlement.clearing.service import OpenItemView
from crowdship.settlement.statements import Statement, Sums
from crowdship.settlement.trial_balance import AccountBalance, TrialBalance
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

PAGE = 500
"""Statements, open items or invoices that are read at once."""


class Sources:
    """The ``Readings`` of the mails.

    Parameters
    ----------
    now : datetime
        Business time.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def zones(self) -> list[Zone]:
        """Return all zones in the order of their ids."""
        return sorted(zones.every(), key=lambda zone: zone.id)

    def zone_days(self, zone: Zone, first: date, last: date) -> Sequence[ZoneDay]:
        """Return the days of a zone that were summed, in order."""
        return zone_days.days(zone, first, last, self.now)

    def is_closed(self, day: date) -> bool:
        """Return whether the books of a day are closed and checked."""
        settlement = queries.settlements([day]).get(day)
        return settlement is not None and settlement.finished_at is not None

    def balance(self, first: date, last: date) -> TrialBalance | None:
        """Return the groups of the trial balance over some days; None while an open day has too many postings."""
        try:
            return balances.trial_balance(first, last, limit=1)
        except Unprocessable:
            return None

    def accounts(self, first: date, last: date) -> Iterator[AccountBalance]:
        """Yield all accounts of the trial balance over some days, a page at a time."""

        def page(cursor: str | None) -> tuple[Iterable[AccountBalance], str | None]:
            found = balances.trial_balance(first, last, cursor)
            return found.accounts, found.next_cursor

        return every_page(page)

    def open_items(self) -> Iterator[Outstanding]:
        """Yield the items that have not cleared, the oldest first, a page at a time."""

        def page(cursor: str | None) -> tuple[Iterable[OpenItemView], str | None]:
            found = clearing.listed(None, cursor, PAGE, FixedClock(self.now))
            return found.items, found.next_cursor

        for one in every_page(page):
            yield Outstanding(one.account, one.item, one.amount, one.opened_at, one.age_s, one.overdue)

    def receivables(self) -> Iterator[Receivable]:
        """Yield the open invoices of all merchants, a page at a time."""
        for one in every_page(lambda cursor: invoicing.open_ones(cursor, PAGE)):
            if one.due_on:
                late = (self.now.date() - one.due_on).days
                yield Receivable(one.number, one.merchant_id, one.open, one.due_on, late)

    def statements(self, day: date) -> Iterator[Statement]:
        """Return the statements of a day in the order of their owners, a page at a time."""
        after = None
        while True:
            page = queries.statements(day, after, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].cursor

    def owners(self, first: date, last: date) -> Iterator[OwnerSums]:
        """Return the sums of each owner's statements over some days, in the order of the owners.

        The days' statements are merged as they are read, so one statement of each day is in memory.
        """
        days = [self.statements(day) for day in span_days(first, last)]
        merged = heapq.merge(*days, key=lambda statement: statement.cursor)
        for _, same in groupby(merged, key=lambda statement: statement.cursor):
            yield _added(same)

    def payouts(self, day: date) -> Iterator[Payout]:
        """Yield the payouts that the run of a day made."""
        return payouts.made_by_run(day)

    def merchant_name(self, merchant_id: str) -> str:
        """Return a merchant's name; empty if there is no such merchant any more."""
        try:
            return merchants.get(merchant_id).name
        except NotFound:
            return ""

    def exceptions(self, day: date, slot: str | None = None) -> list[FinanceException]:
        """Return the exceptions that were noted on a day, or in one quarter of an hour of it."""
        return list(ExceptionRow.of_day(day, slot))

    def late_claims(self) -> list[FinanceException]:
        """Return open claims whose time to decide is over."""
        return [
            FinanceException(
                id=f"claim:{one.id}",
                kind="claim_overdue",
                subject=one.id,
                amount=one.asked,
                reason=one.kind,
                at=one.decide_by,
            )
            for one in claims.past_deadline(self.now)
        ]

    def late_floors(self) -> list[FinanceException]:
        """Return pay floors that are not reckoned though their deadline is near or past."""
        return [
            FinanceException(
                id=f"floor:{due.jurisdiction}:{due.first}:{due.driver_id}",
                kind="floor_overdue" if due.deadline <= self.now else "floor_near",
                subject=due.driver_id or due.jurisdiction,
                reason=f"{due.jurisdiction} {due.first}",
                at=due.deadline,
            )
            for due in pay_floors.near_deadline(self.now)
        ]


def _added(statements: Iterable[Statement]) -> OwnerSums:
    first, *others = statements
    sums = first.sums
    for other in others:
        fields = {name: getattr(sums, name) + getattr(other.sums, name) for name in Sums.model_fields}
        sums = Sums(**fields)
    return OwnerSums(first.owner, first.currency, sums)
