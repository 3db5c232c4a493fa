"""Statements: the lines and sums of a period for one merchant or driver.

A period is a UTC day. Each entry on a driver's accounts either belongs to the period it is booked in, or settles an
earlier one (``SETTLING``). The sum of the former is due to the driver; the latter bring it back to zero once the period
is settled. Each period can therefore be settled without reading another, in any order.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement.accounts import OwnerKind, owner_id, owner_kind, owner_of
from crowdship.settlement.ledger import CARRIED, SETTLING, TIP, Posting, PostingKind, posting_id_for
from crowdship.settlement.payouts.model import Payout

LINES_PER_PAGE = 200
"""Lines of a statement that are stored and answered together; a page stays far below DynamoDB's 400 kB."""


def payout_id_for(driver_id: str, period: date, currency: str) -> str:
    """Return the id of the one payout a driver can have for a period; it is also the provider's idempotency key."""
    return derived_id("pay", period.isoformat(), driver_id, currency)


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
    """Return an owner's line of a posting; None if all of the owner's entries settle an earlier period."""
    sign = -1 if owner_kind(owner) is OwnerKind.DRIVER else 1
    parts = tuple(
        PricePart(code=entry.code, amount=Money(amount=sign * entry.signed, currency=posting.currency))
        for entry in posting.entries
        if owner_of(entry.account) == owner and entry.code not in SETTLING
    )
    if not parts:
        return None
    return StatementLine(
        posting_id=posting.id,
        kind=posting.kind,
        time=posting.time,
        parts=parts,
        delivery_id=posting.delivery_id,
        external_id=posting.external_id,
        outcome=posting.outcome,
        note=posting.note,
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
    carried : Money
        A driver's debt from an earlier period; zero or below.
    """

    trips: Money
    tips: Money
    extra: Money
    corrections: Money
    carried: Money

    @property
    def total(self) -> Money:
        """The sum of all five."""
        return self.trips + self.tips + self.extra + self.corrections + self.carried

    @classmethod
    def of(cls, lines: Iterable[StatementLine], currency: str) -> Self:
        """Return the sums of some lines, all of which have the currency."""
        sums = dict.fromkeys(cls.model_fields, 0)
        for line in lines:
            for part in line.parts:
                if line.kind in TRIPS:
                    name = "tips" if part.code == TIP else "trips"
                elif line.kind in EXTRA:
                    name = "extra"
                else:
                    name = "carried" if part.code == CARRIED else "corrections"
                sums[name] += part.amount.amount
        return cls(**{name: Money(amount=amount, currency=currency) for name, amount in sums.items()})


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
    def payout_id(self) -> str | None:
        """Id of the payout that settles it; None if nothing is to be paid."""
        if self.driver_id is None or self.sums.total.amount <= 0:
            return None
        return payout_id_for(self.driver_id, self.period, self.currency)


def statements_for(period: date, postings: Iterable[Posting]) -> list[tuple[Statement, tuple[StatementLine, ...]]]:
    """Return the statements of all merchants and drivers with entries in a period's postings, with their lines.

    Statements are in the order of their owners and currencies, lines in the order of their times.
    """
    lines: dict[tuple[str, str], list[StatementLine]] = defaultdict(list)
    for posting in postings:
        for owner in posting.owners:
            if owner_kind(owner) is OwnerKind.PLATFORM:
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


def settling_ids(statement: Statement) -> tuple[str, ...]:
    """Return the ids under which a driver's statement may be settled: those of its payout and its carried debt."""
    if statement.driver_id is None:
        return ()
    causes = (statement.id, statement.payout_id)
    return tuple(posting_id_for(cause) for cause in causes if cause)


def left_standing(postings: Iterable[Posting], settling: Iterable[Posting]) -> dict[str, Money]:
    """Return the amounts that a settled period left on drivers' accounts, by account.

    Parameters
    ----------
    postings : iterable of Posting
        Those booked in the period.
    settling : iterable of Posting
        Those that settle the period, whenever they were booked.

    Returns
    -------
    dict
        Empty if all was paid or carried on.
    """
    counted = [(item, item.code not in SETTLING) for posting in postings for item in posting.entries]
    counted += [(item, item.code in SETTLING) for posting in settling for item in posting.entries]
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for item, counts in counted:
        if counts and owner_kind(owner_of(item.account)) is OwnerKind.DRIVER:
            sums[item.account, item.amount.currency] += item.signed
    return {
        account: Money(amount=amount, currency=currency)
        for (account, currency), amount in sorted(sums.items())
        if amount
    }


class DriverEarnings(Value):
    """A driver's lines of a period, and the payouts that settle it."""

    lines: tuple[StatementLine, ...]
    payouts: tuple[Payout, ...]

    @property
    def sums(self) -> dict[str, Sums]:
        """Sums of the lines, by currency."""
        currencies = sorted({line.currency for line in self.lines})
        return {
            currency: Sums.of((line for line in self.lines if line.currency == currency), currency)
            for currency in currencies
        }
