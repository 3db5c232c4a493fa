"""Statements: the lines and sums of a period for one merchant or driver.

A period is a UTC day. Each entry on a driver's accounts either belongs to the period it is booked in, or settles an
earlier one (``SETTLING``). The sum of the former is due to the driver; the latter bring it back to zero once the period
is settled. Each period can therefore be settled without reading another, in any order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.accounts import (
    OwnerKind,
    kind_of,
    owner_id,
    owner_kind,
)
from crowdship.settlement.ledger import CARRIED, SETTLING, TIP, Phase, Posting, PostingKind, posting_id_for
from crowdship.settlement.lines import Line

LINES_PER_PAGE = 200
"""Lines of a statement that are stored and answered together; a page stays far below DynamoDB's 400 kB."""


def statement_id_for(period: date, owner: str, currency: str) -> str:
    """Return the id of the one statement that an owner can have for a period in a currency."""
    return derived_id("stm", period.isoformat(), owner, currency)


class StatementLine(Value):
    """One posting as it stands on the statement of one owner.

    Parameters
    ----------
    parts : tuple of PricePart
        Above zero for what a driver earned or a merchant was charged.
    """

    posting_id: str
    kind: PostingKind
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


def line_for(owner: str, posting: Posting) -> StatementLine | None:
    """Return an owner's line of a posting; None if nothing of it belongs on the owner's statement."""
    return stated(owner, Line.of(posting, owner))


def stated(owner: str, line: Line) -> StatementLine | None:
    """Return a line as it stands on its owner's statement.

    Returns
    -------
    StatementLine or None
        None for a posting that is only pending or voided, and if all entries settle an earlier period. What is on a
        clearing account, such as pay on hold, is not due and therefore on no statement.
    """
    if line.phase is not Phase.POSTED:
        return None
    sign = -1 if owner_kind(owner) is OwnerKind.DRIVER else 1
    parts = tuple(
        PricePart(code=entry.code, amount=Money(amount=sign * entry.signed, currency=line.currency))
        for entry in line.entries
        if entry.code not in SETTLING and not kind_of(entry.account).clearing
    )
    if not parts:
        return None
    return StatementLine(
        posting_id=line.posting_id,
        kind=line.kind,
        time=line.time,
        parts=parts,
        delivery_id=line.delivery_id,
        external_id=line.external_id,
        outcome=line.outcome,
        note=line.note,
    )


TRIPS = frozenset({PostingKind.DELIVERY, PostingKind.DELIVERY_REVERSAL, PostingKind.TIP, PostingKind.HAND_OVER})
"""Kinds of postings whose lines are trips and tips; those of a reversal lower both."""


EXTRA = frozenset(
    {
        PostingKind.QUEST,
        PostingKind.BATCH_BONUS,
        PostingKind.PEAK_BONUS,
        PostingKind.GUARANTEE,
        PostingKind.PAY_FLOOR,
    }
)
"""Kinds of postings whose lines are extra pay, and true-ups to a floor that law sets."""


class Sums(Value):
    """Sums of lines of one currency.

    Parameters
    ----------
    trips : Money
        A driver's pay or a merchant's charges, without tips.
    tips : Money
        Tips; the driver gets all of them.
    extra : Money
        Quests, bonuses and guarantees of a driver, and true-ups to a floor.
    corrections : Money
        Adjustments, and payouts that came back.
    instant : Money
        Instant payouts out of the day, with their fees; below zero unless they gave back more than they took.
    carried : Money
        A driver's debt from an earlier period; zero or below.
    """

    trips: Money
    tips: Money
    extra: Money
    corrections: Money
    instant: Money
    carried: Money

    @property
    def total(self) -> Money:
        """The sum of all six."""
        return self.trips + self.tips + self.extra + self.corrections + self.instant + self.carried

    @classmethod
    def of(cls, lines: Iterable[StatementLine], currency: str) -> "Sums":
        """Return the sums of some lines, all of which have the currency."""
        tally = SumTally()
        for line in lines:
            tally.add(line)
        return tally.sums(currency)


def column_of(line: StatementLine, code: str) -> str:
    """Return the field of ``Sums`` that a part of a line counts in."""
    if line.kind in TRIPS:
        return "tips" if code == TIP else "trips"
    if line.kind in EXTRA:
        return "extra"
    if line.kind is PostingKind.INSTANT_PAYOUT:
        return "instant"
    return "carried" if code == CARRIED else "corrections"


class SumTally:
    """The lines of one owner and currency as they are counted, in minor units; it needs no line after counting it."""

    def __init__(self, counted: Mapping[str, int] | None = None, lines: int = 0) -> None:
        self.columns = {**dict.fromkeys(Sums.model_fields, 0), **(counted or {})}
        self.lines = lines

    def add(self, line: StatementLine) -> None:
        """Count a line."""
        self.lines += 1
        for part in line.parts:
            self.columns[column_of(line, part.code)] += part.amount.amount

    def add_all(self, other: "SumTally") -> None:
        """Count what another tally has counted."""
        self.lines += other.lines
        for name, amount in other.columns.items():
            self.columns[name] += amount

    def sums(self, currency: str) -> "Sums":
        """Return the sums of what was counted."""
        return Sums(**{name: Money(amount=amount, currency=currency) for name, amount in self.columns.items()})


class Statement(Value):
    """Sums of a driver's earnings or a merchant's charges of a period in one currency; it is never changed."""

    id: str
    period: Day
    owner: str
    currency: str
    line_count: int
    sums: Sums

    @property
    def cursor(self) -> str:
        """Its place in the order of the period's statements."""
        return f"{self.owner}#{self.currency}"

    @property
    def driver_id(self) -> str | None:
        """The driver whose statement it is; None if it is a merchant's."""
        return owner_id(self.owner) if owner_kind(self.owner) is OwnerKind.DRIVER else None

    @property
    def due(self) -> Money:
        """The amount that a payout has to pay for it; nothing for a merchant's, and for a debt, which is carried."""
        is_due = self.driver_id is not None and self.sums.total.amount > 0
        return self.sums.total if is_due else Money.zero(self.currency)


def statement_for(period: date, owner: str, currency: str, tally: SumTally) -> Statement:
    """Return the statement of an owner's lines of a period in one currency."""
    return Statement(
        id=statement_id_for(period, owner, currency),
        period=period,
        owner=owner,
        currency=currency,
        line_count=tally.lines,
        sums=tally.sums(currency),
    )


def settling_ids(statement: Statement) -> tuple[str, ...]:
    """Return the id under which the debt of a driver's statement may be carried; none for a merchant's."""
    return (posting_id_for(statement.id),) if statement.driver_id else ()


def sums_of(lines: Iterable[StatementLine]) -> dict[str, Sums]:
    """Return the sums of some lines, by currency."""
    by_currency: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        by_currency[line.currency].append(line)
    return {currency: Sums.of(by_currency[currency], currency) for currency in sorted(by_currency)}
