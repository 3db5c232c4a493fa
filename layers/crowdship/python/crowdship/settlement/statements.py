"""Statements: what a period's postings mean to one merchant or driver, and what is carried on.

A period is a day. Every entry on a driver's accounts either belongs to the period it is booked in, or settles
an earlier one (``SETTLING``). What a driver is due for a period is the sum of the former; once the period is
settled the latter bring it back to nothing. So a period is settled without a look at any other, in any order.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.ledger import (
    CARRIED,
    NETTED,
    RECOVERED,
    SETTLING,
    TIP,
    Kind,
    OwnerKind,
    Posting,
    driver_payable,
    driver_receivable,
    entry,
    kind_of_owner,
    owner_of,
    posting_id_for,
)

LINES_PER_PAGE = 200
"""Lines of a statement that are kept and told together; a page stays far below DynamoDB's 400 kB."""


def payout_id_for(driver_id: str, period: date, currency: str) -> str:
    """Return the id of the one payout a driver can have for a period; also its key at the rail."""
    return derived_id("pay", period.isoformat(), driver_id, currency)


class Line(Value):
    """What one posting means to one owner.

    Parameters
    ----------
    parts : tuple of PricePart
        Above zero is what a driver earned, or what a merchant was charged.
    """

    posting_id: str
    kind: Kind
    time: Moment
    parts: tuple[PricePart, ...]
    delivery_id: str | None = None
    external_id: str | None = None
    outcome: Outcome | None = None
    note: str | None = None

    @property
    def currency(self) -> str:
        """The currency of all parts."""
        return self.parts[0].amount.currency

    @property
    def total(self) -> Money:
        """The sum of the parts."""
        return Money.total((part.amount for part in self.parts), self.currency)

    @property
    def tip(self) -> Money:
        """The tip among the parts."""
        return Money.total((part.amount for part in self.parts if part.code == TIP), self.currency)


def line_for(owner: str, posting: Posting) -> Line | None:
    """Return what a posting means to an owner in the period it is booked in, or None if it means nothing."""
    sign = -1 if kind_of_owner(owner) is OwnerKind.DRIVER else 1
    parts = tuple(
        PricePart(code=entry.code, amount=Money(amount=sign * entry.signed, currency=posting.currency))
        for entry in posting.entries
        if owner_of(entry.account) == owner and entry.code not in SETTLING
    )
    if not parts:
        return None
    return Line(
        posting_id=posting.id,
        kind=posting.kind,
        time=posting.time,
        parts=parts,
        delivery_id=posting.delivery_id,
        external_id=posting.external_id,
        outcome=posting.outcome,
        note=posting.note,
    )


class Sums(Value):
    """Lines of one currency, added up.

    Parameters
    ----------
    trips : Money
        A driver's pay or a merchant's charges, without tips.
    tips : Money
        Tips, which are the driver's whole.
    corrections : Money
        Adjustments, and payouts that came back.
    carried : Money
        A driver's debt from an earlier period; zero or below.
    """

    trips: Money
    tips: Money
    corrections: Money
    carried: Money

    @property
    def total(self) -> Money:
        """All together."""
        return self.trips + self.tips + self.corrections + self.carried

    @classmethod
    def of(cls, lines: Iterable[Line], currency: str) -> Self:
        """Return the sums of lines."""
        sums = dict.fromkeys(cls.model_fields, 0)
        for line in lines:
            for part in line.parts:
                if line.kind in (Kind.DELIVERY, Kind.TIP):
                    name = "tips" if part.code == TIP else "trips"
                else:
                    name = "carried" if part.code == CARRIED else "corrections"
                sums[name] += part.amount.amount
        return cls(**{name: Money(amount=amount, currency=currency) for name, amount in sums.items()})


class Statement(Value):
    """What a driver earned or a merchant was charged in a period; never changed once it is written."""

    id: str
    period: Day
    owner: str
    currency: str
    line_count: int
    sums: Sums

    @property
    def cursor(self) -> str:
        """Its place among the statements of the period."""
        return f"{self.owner}#{self.currency}"

    @property
    def driver_id(self) -> str | None:
        """The driver it is for, if it is a driver's."""
        kind, _, identity = self.owner.partition(":")
        return identity if kind == OwnerKind.DRIVER else None

    @property
    def payout_id(self) -> str | None:
        """The payout that settles it, if there is something to pay."""
        if self.driver_id is None or self.sums.total.amount <= 0:
            return None
        return payout_id_for(self.driver_id, self.period, self.currency)


def statements_for(period: date, postings: Iterable[Posting]) -> list[tuple[Statement, tuple[Line, ...]]]:
    """Return the statement of every merchant and driver that a period's postings touch, with its lines.

    Owners are in order, and each one's lines in the order of their times.
    """
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for posting in postings:
        for owner in posting.owners:
            if kind_of_owner(owner) is OwnerKind.PLATFORM:
                continue
            if line := line_for(owner, posting):
                lines[owner, posting.currency].append(line)
    result = []
    for (owner, currency), of_owner in sorted(lines.items()):
        ordered = tuple(sorted(of_owner, key=lambda line: (line.time, line.posting_id)))
        statement = Statement(
            id=derived_id("stm", period.isoformat(), owner, currency),
            period=period,
            owner=owner,
            currency=currency,
            line_count=len(ordered),
            sums=Sums.of(ordered, currency),
        )
        result.append((statement, ordered))
    return result


def carry_for(statement: Statement, now: datetime) -> Posting | None:
    """Return the posting that sets a driver's debt off against what was earned, and carries on the rest.

    A negative payable is never paid and never left standing: it becomes a receivable in a period that is
    still open, where it lowers what is due. None if there is no debt, old or new.
    """
    if statement.driver_id is None:
        return None
    total = statement.sums.total
    debt = -statement.sums.carried
    if not debt.amount and total.amount >= 0:
        return None
    nothing = Money.zero(statement.currency)
    to_pay, to_carry = (total, nothing) if total.amount > 0 else (nothing, -total)
    payable, receivable = driver_payable(statement.driver_id), driver_receivable(statement.driver_id)
    entries = (
        *entry(payable, total + debt - to_pay, NETTED),
        *entry(receivable, -debt, RECOVERED),
        *entry(receivable, to_carry, CARRIED),
    )
    return Posting.caused_by(statement.id, Kind.CARRY, now, entries, note=f"debt of {statement.period}")


def settling_ids(statement: Statement) -> tuple[str, ...]:
    """Return the ids of the postings that settle a driver's statement, of those that it may need."""
    if statement.driver_id is None:
        return ()
    causes = (statement.id, statement.payout_id)
    return tuple(posting_id_for(cause) for cause in causes if cause)


def left_standing(postings: Iterable[Posting], settling: Iterable[Posting]) -> dict[str, Money]:
    """Return what is left on drivers' accounts of a period that was settled: nothing, if all was paid or carried on.

    Parameters
    ----------
    postings : iterable of Posting
        Those of the period.
    settling : iterable of Posting
        Those that settle the period, whenever they were booked.
    """
    counted = [(item, item.code not in SETTLING) for posting in postings for item in posting.entries]
    counted += [(item, item.code in SETTLING) for posting in settling for item in posting.entries]
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for item, counts in counted:
        if counts and kind_of_owner(owner_of(item.account)) is OwnerKind.DRIVER:
            sums[item.account, item.amount.currency] += item.signed
    return {
        account: Money(amount=amount, currency=currency)
        for (account, currency), amount in sorted(sums.items())
        if amount
    }
