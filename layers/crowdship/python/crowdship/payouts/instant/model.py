"""Money that a driver has at hand, the part that may be taken, and the day's counts that limit it."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Day
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.money import Money
from crowdship.payouts.instant.terms import InstantTerms
from crowdship.payouts.model import Payout, PayoutChange, PayoutState, StatementPart
from crowdship.payouts.provider import Speed, arrives_on

MOST_PARTS = 40
"""Statements that one payout settles: with their claims they are written in one transaction of a hundred items."""


class Obstacle(StrEnum):
    """Reasons for which a driver can't have instant pay now."""

    RAIL = "rail_not_instant"
    NO_TERMS = "no_terms"
    BARRED = "barred"
    ON_HOLD = "on_hold"
    TAX_FORM = "tax_form_needed"
    NOTHING = "too_little"
    DRIVER_COUNT = "driver_count"
    DRIVER_AMOUNT = "driver_amount"
    PLATFORM_AMOUNT = "platform_amount"


class DaySum(Value):
    """Sum of a driver's lines of a day that has no statement yet.

    Parameters
    ----------
    closing : bool
        True if its gates are closed or a later day is stated: its statement may be written at any moment, and pays what
        is above zero.
    """

    period: Day
    amount: Money
    closing: bool


class AtHand(Value):
    """Quote of what a driver could be paid at once.

    Parameters
    ----------
    parts : tuple of StatementPart
        Statements that no payout has claimed; an instant payout claims all of them.
    period_open : date
        The oldest open day that has lines, or today: the rest is taken from it.
    amount : Money
        Statements and open days together, less debts; not below zero.
    """

    parts: tuple[StatementPart, ...]
    period_open: Day
    amount: Money

    @classmethod
    def of(cls, currency: str, parts: Sequence[StatementPart], days: Sequence[DaySum], today: date) -> Self:
        """Return what is at hand in a currency.

        A day that is closing counts only if it is a debt: what is above zero is about to become a statement, and would
        be paid twice.
        """
        some = tuple(sorted(parts, key=lambda part: (part.period, part.statement_id))[:MOST_PARTS])
        total = Money.total((part.amount for part in some), currency)
        for day in days:
            counted = min(day.amount.amount, 0) if day.closing else day.amount.amount
            total += Money(amount=counted, currency=currency)
        first = min((day.period for day in days if not day.closing), default=today)
        return cls(parts=some, period_open=first, amount=max(total, Money.zero(currency), key=lambda m: m.amount))


class InstantDay(Aggregate):
    """Orders of a driver on a day in one currency; those that were refused later stay counted.

    Parameters
    ----------
    payout_ids : tuple of str
        The payouts of the orders.
    """

    total: int = 0
    payout_ids: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of orders."""
        return len(self.payout_ids)

    @staticmethod
    def id_of(driver_id: str, currency: str, day: date) -> str:
        """Return the id of a driver's day."""
        return f"INSTANT#{driver_id}#{currency}#{day}"

    def and_also(self, amount: Money, payout_id: str) -> Self:
        """Return the day with one more order."""
        return self.with_changes(total=self.total + amount.amount, payout_ids=(*self.payout_ids, payout_id))


class PlatformDay(Aggregate):
    """Orders of all drivers on a day in one currency."""

    total: int = 0

    @staticmethod
    def id_of(currency: str, day: date) -> str:
        """Return the id of a day."""
        return f"INSTANT-DAY#{currency}#{day}"

    def and_also(self, amount: Money) -> Self:
        """Return the day with one more order."""
        return self.with_changes(total=self.total + amount.amount)


class Room(Value):
    """The most that an order may take now, and what keeps it from being more."""

    most: Money
    obstacle: Obstacle | None


def room_for(at_hand: AtHand, terms: InstantTerms, own: InstantDay, all_drivers: PlatformDay) -> Room:
    """Return the most that a driver may order; an obstacle says why that is less than the least order.

    Examples
    --------
    >>> from crowdship.payouts.instant.terms import table
    >>> hand = AtHand(parts=(), period_open=date(2026, 3, 2), amount=Money(amount=2500, currency="USD"))
    >>> room_for(hand, table()[0], InstantDay(id="i"), PlatformDay(id="p")).most.amount
    2500
    """
    limits = (
        (Obstacle.NOTHING, at_hand.amount.amount),
        (Obstacle.DRIVER_COUNT, 0 if own.count >= terms.driver_count else terms.most),
        (Obstacle.DRIVER_AMOUNT, terms.driver_amount - own.total),
        (Obstacle.PLATFORM_AMOUNT, terms.platform_amount - all_drivers.total),
    )
    obstacle, most = min(limits, key=lambda limit: limit[1])
    room = max(min(most, terms.most), 0)
    return Room(
        most=Money(amount=room, currency=at_hand.amount.currency), obstacle=obstacle if room < terms.least else None
    )


def check_order(amount: Money, room: Room, terms: InstantTerms) -> None:
    """Check the amount of an order.

    Raises
    ------
    Conflict
        ``instant_pay_refused`` if nothing may be ordered now, ``more_than_available`` if it is too much.
    Unprocessable
        ``too_little`` if it is below the least order.
    """
    if room.obstacle:
        raise Conflict("instant_pay_refused", f"Instant pay is not possible now: {room.obstacle}.", "/amount")
    if amount.amount < terms.least:
        least = Money(amount=terms.least, currency=amount.currency)
        raise Unprocessable("too_little", f"The least order is {least}, not {amount}.", "/amount")
    if amount.amount > room.most.amount:
        raise Conflict("more_than_available", f"At most {room.most} can be paid now, not {amount}.", "/amount")


def ordered(payout_id: str, driver_id: str, amount: Money, fee: Money, hand: AtHand, now: datetime) -> Payout:
    """Return an instant payout as it is ordered and instructed at once."""
    today = now.date()
    nothing = Money.zero(amount.currency)
    made = Payout(
        id=payout_id,
        driver_id=driver_id,
        period=today,
        amount=amount,
        fee=fee,
        withheld=nothing,
        settles=hand.parts,
        speed=Speed.INSTANT,
        period_open=hand.period_open,
        made_at=now,
        history=(PayoutChange(state=PayoutState.PENDING, at=now, by=driver_id),),
    )
    return made.instructed(arrives_on(today, Speed.INSTANT), None, driver_id, now)
