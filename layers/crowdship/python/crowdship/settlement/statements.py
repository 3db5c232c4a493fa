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
from crowdship.settlement.accounts import DRIVER_PAYABLE, OwnerKind, owner_id, owner_kind, owner_of
from crowdship.settlement.ledger import CARRIED, SETTLING, TIP, Posting, PostingKind, posting_id_for

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


TRIPS = frozenset({PostingKind.DELIVERY, PostingKind.DELIVERY_REVERSAL, PostingKind.TIP})
"""Kinds of postings whose lines are trips and tips; those of a reversal lower both."""


EXTRA = frozenset({PostingKind.QUEST, PostingKind.BATCH_BONUS, PostingKind.PEAK_BONUS, PostingKind.GUARANTEE})
"""Kinds of postings whose lines are extra pay."""


class Sums(Value):
    """Sums of lines of one currency.

    Parameters
    ----------
    trips : Money
        A driver's pay or a merchant's charges, without tips.
    tips : Money
        Tips; the driver gets all of them.
    extra : Money
        Quests, bonuses and guarantees of a driver.
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
    def of(cls, lines: Iterable[StatementLine], currency: str) -> Self:
        """Return the sums of some lines, all of which have the currency."""
        sums = dict.fromkeys(cls.model_fields, 0)
        for line in lines:
            for part in line.parts:
                if line.kind in TRIPS:
                    name = "tips" if part.code == TIP else "trips"
                elif line.kind in EXTRA:
                    name = "extra"
                elif line.kind is PostingKind.INSTANT_PAYOUT:
                    name = "instant"
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
    def due(self) -> Money:
        """What a payout has to pay for it; nothing for a merchant's, and for a debt, which is carried."""
        is_due = self.driver_id is not None and self.sums.total.amount > 0
        return self.sums.total if is_due else Money.zero(self.currency)


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
            id=statement_id_for(period, owner, currency),
            period=period,
            owner=owner,
            currency=currency,
            line_count=len(ordered),
            sums=Sums.of(ordered, currency),
        )
        result.append((statement, ordered))
    return result


def settling_ids(statement: Statement) -> tuple[str, ...]:
    """Return the id under which the debt of a driver's statement may be carried; none for a merchant's."""
    return (posting_id_for(statement.id),) if statement.driver_id else ()


def left_standing(
    postings: Iterable[Posting], settling: Iterable[Posting], statements: Iterable[Statement]
) -> dict[str, Money]:
    """Return the amounts that a closed period left on drivers' accounts beside what its statements have to pay.

    Parameters
    ----------
    postings : iterable of Posting
        Those booked in the period.
    settling : iterable of Posting
        Those that carry the period's debts, whenever they were booked.
    statements : iterable of Statement
        Those of the period.

    Returns
    -------
    dict
        By account; empty if all is due or carried on.
    """
    counted = [(item, item.code not in SETTLING) for posting in postings for item in posting.entries]
    counted += [(item, item.code in SETTLING) for posting in settling for item in posting.entries]
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for item, counts in counted:
        if counts and owner_kind(owner_of(item.account)) is OwnerKind.DRIVER:
            sums[item.account, item.amount.currency] += item.signed
    for statement in statements:
        if statement.driver_id and statement.due.amount:
            sums[DRIVER_PAYABLE.of(statement.driver_id), statement.currency] += statement.due.amount
    return {
        account: Money(amount=amount, currency=currency)
        for (account, currency), amount in sorted(sums.items())
        if amount
    }


def sums_of(lines: Iterable[StatementLine]) -> dict[str, Sums]:
    """Return the sums of some lines, by currency."""
    by_currency: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        by_currency[line.currency].append(line)
    return {currency: Sums.of(by_currency[currency], currency) for currency in sorted(by_currency)}
