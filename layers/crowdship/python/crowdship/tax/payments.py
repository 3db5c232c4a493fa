"""Payments to drivers as the ledger has them: what each posting says about a payout, and earnings by day. Pure.

A payment counts on the day in whose books the money leaves the bank. One that comes back counts for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Aggregate, Value
from crowdship.settlement.accounts import (
    CASH,
    DRIVER_PAYABLE,
    INSTANT_PAY_FEES,
    PAYOUTS_IN_FLIGHT,
    TAX_WITHHELD,
    OwnerKind,
    kind_of,
    owner_id,
    owner_kind,
    owner_of,
)
from crowdship.settlement.ledger import TIP, Posting, PostingKind, posting_id_for
from crowdship.tax.figures import CURRENCY

FLIGHT, WITHHELD, FEES = PAYOUTS_IN_FLIGHT.group, TAX_WITHHELD.group, INSTANT_PAY_FEES.group

PAYING = frozenset({PostingKind.PAYOUT, PostingKind.INSTANT_PAYOUT})
"""Kinds of postings that take a payout out of a driver's account; their cause is the payout."""

MOVING = PAYING | {PostingKind.PAYOUT_SETTLED, PostingKind.PAYOUT_REVERSAL}
"""Kinds of postings that move a payout."""

NOT_EARNED = MOVING | {PostingKind.CARRY}
"""Kinds of postings on drivers' accounts that are no earnings."""


class Payment(Aggregate):
    """A payout as far as tax counts it; the id is that of the posting that took it from the driver's account.

    Parameters
    ----------
    gross : int
        Minor units that left the driver's account: what the bank pays, withheld tax, and the fee for instant pay.
    withheld, fee : int
        Parts of it.
    instructed_on, paid_on, back_on : date or None
        Days in whose books it was taken from the driver and came back; and the day on which it left the bank, which is
        the banking day of a credit in a file.
    fee_back_on : date or None
        The day in whose books the fee went back to the driver, whether or not the day it was taken on is tallied yet.
    """

    driver_id: str
    gross: int = 0
    withheld: int = 0
    fee: int = 0
    instructed_on: Day | None = None
    paid_on: Day | None = None
    back_on: Day | None = None
    fee_back_on: Day | None = None

    @property
    def net(self) -> int:
        """Minor units that the bank pays."""
        return self.gross - self.withheld - self.fee

    @property
    def counts(self) -> bool:
        """True if the driver was paid and the money stayed."""
        return self.paid_on is not None and self.back_on is None

    @property
    def years(self) -> frozenset[int]:
        """Calendar years in whose books it stands."""
        return frozenset(day.year for day in (self.instructed_on, self.paid_on, self.back_on) if day)


class Step(StrEnum):
    """Steps of a payment that postings tell of."""

    INSTRUCTED = "instructed"
    PAID = "paid"
    BACK = "back"
    FEE_BACK = "fee_back"


class Movement(Value):
    """A step of one payment, as a posting tells it.

    Parameters
    ----------
    payment_id : str
        Id of the posting that took the payout from the driver's account.
    driver_id : str or None
        None if the posting has no entry of the driver.
    """

    payment_id: str
    step: Step
    day: Day
    driver_id: str | None = None
    gross: int = 0
    withheld: int = 0
    fee: int = 0

    def on(self, payment: Payment) -> Payment:
        """Return a payment after this step; steps may come in any order, and one that comes again changes nothing."""
        match self.step:
            case Step.INSTRUCTED:
                fee = 0 if payment.fee_back_on else self.fee
                kept = {"gross": self.gross - self.fee + fee, "withheld": self.withheld, "fee": fee}
                return payment.with_changes(**kept, instructed_on=self.day)
            case Step.PAID:
                return payment.with_changes(paid_on=self.day)
            case Step.BACK:
                return payment.with_changes(back_on=self.day)
            case Step.FEE_BACK:
                return payment.with_changes(gross=payment.gross - payment.fee, fee=0, fee_back_on=self.day)


def movements_of(posting: Posting) -> list[Movement]:
    """Return the steps of payments that a posting tells of; none if it is not in US dollars."""
    if posting.kind not in MOVING or posting.currency != CURRENCY:
        return []
    sums, driver = _by_account(posting), _driver_of(posting)
    if posting.kind in PAYING:
        taken = Movement(
            payment_id=posting.id,
            step=Step.INSTRUCTED,
            day=posting.period,
            driver_id=driver,
            gross=sums["payable"],
            withheld=-sums[WITHHELD],
            fee=-sums[FEES],
        )
        if FLIGHT in sums:
            return [taken]
        return [taken, Movement(payment_id=posting.id, step=Step.PAID, day=posting.period, driver_id=driver)]
    if posting.kind is PostingKind.PAYOUT_SETTLED:
        items = dict.fromkeys(entry.item for entry in posting.entries if entry.item)
        return [Movement(payment_id=posting_id_for(item), step=Step.PAID, day=posting.moved_on) for item in items]
    step = Step.BACK if sums[CASH] or sums[FLIGHT] else Step.FEE_BACK
    if step is Step.FEE_BACK and not sums[FEES]:
        return []
    return [Movement(payment_id=_payment_of(posting), step=step, day=posting.period, driver_id=driver)]


def _payment_of(posting: Posting) -> str:
    """Return the payment that a reversal is about: its cause is the payment, or begins with the payout's id."""
    if posting.cause.startswith("pst_"):
        return posting.cause
    return posting_id_for(posting.cause.partition("/")[0])


def _by_account(posting: Posting) -> defaultdict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for entry in posting.entries:
        kind = kind_of(entry.account)
        sums["payable" if kind is DRIVER_PAYABLE else entry.account] += entry.signed
    return sums


def _driver_of(posting: Posting) -> str | None:
    owners = (owner_of(entry.account) for entry in posting.entries)
    return next((owner_id(owner) for owner in owners if owner_kind(owner) is OwnerKind.DRIVER), None)


class Earned(Value):
    """Earnings of a driver that were booked on a day, in minor units of USD, and the tips among them."""

    day: Day
    total: int
    tips: int


class DayBook(Value):
    """Sums of a day's books on the platform's own accounts, in minor units of USD; they do not look at drivers.

    Parameters
    ----------
    paid : dict of int to int
        Money that left the bank for payouts, less what came back, by the year in which the bank moved it.
    withheld : dict of str to int
        Tax that was kept, less what was given back, by deposit.
    deposited : dict of str to int
        Tax that was paid to the agency, by deposit.
    """

    day: Day
    paid: dict[int, int] = Field(default_factory=dict)
    withheld: dict[str, int] = Field(default_factory=dict)
    deposited: dict[str, int] = Field(default_factory=dict)


class Tally:
    """Sums and steps of the postings of one day, added one posting at a time."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._paid: defaultdict[int, int] = defaultdict(int)
        self._withheld: defaultdict[str, int] = defaultdict(int)
        self._deposited: defaultdict[str, int] = defaultdict(int)
        self._earned: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.movements: list[Movement] = []

    def add(self, posting: Posting) -> None:
        """Add a posting."""
        if posting.currency != CURRENCY:
            return
        self.movements += movements_of(posting)
        for entry in posting.entries:
            if entry.account == CASH and posting.kind in MOVING:
                self._paid[posting.moved_on.year] -= entry.signed
            elif entry.account == WITHHELD and posting.kind in MOVING:
                self._withheld[entry.item or ""] -= entry.signed
            elif entry.account == WITHHELD:
                self._deposited[entry.item or ""] += entry.signed
            elif posting.kind not in NOT_EARNED and owner_kind(owner_of(entry.account)) is OwnerKind.DRIVER:
                sums = self._earned[owner_id(owner_of(entry.account))]
                sums[0] -= entry.signed
                sums[1] -= entry.signed if entry.code == TIP else 0

    @property
    def book(self) -> DayBook:
        """The sums on the platform's accounts."""
        return DayBook(
            day=self._day,
            paid={year: amount for year, amount in sorted(self._paid.items()) if amount},
            withheld={item: amount for item, amount in sorted(self._withheld.items()) if amount},
            deposited={item: amount for item, amount in sorted(self._deposited.items()) if amount},
        )

    @property
    def earned(self) -> dict[str, Earned]:
        """Earnings by driver."""
        return {
            driver_id: Earned(day=self._day, total=total, tips=tips)
            for driver_id, (total, tips) in sorted(self._earned.items())
            if total or tips
        }


class YearSums(Value):
    """Payments of a driver in a year, in minor units of USD.

    Parameters
    ----------
    compensation : int
        Payments of the year that stayed, with withheld tax and fees for instant pay.
    withheld, fees : int
        Parts of it.
    tips : int
        Tips among it.
    back_later : int
        Payments of the year, as the bank paid them, that came back in a later year's books.
    back_from_before : int
        Payments of an earlier year that came back in this year's books.
    payments : int
        Number of payments that stayed.
    """

    compensation: int = 0
    withheld: int = 0
    fees: int = 0
    tips: int = 0
    back_later: int = 0
    back_from_before: int = 0
    payments: int = 0

    @property
    def in_the_books(self) -> int:
        """The sum that the year's books must have paid out of the bank for it, less what came back."""
        return self.compensation - self.withheld - self.fees + self.back_later - self.back_from_before

    def __add__(self, other: Self) -> Self:
        """Return the sums of both."""
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})


def year_sums(year: int, payments: Iterable[Payment], earned: Iterable[Earned]) -> YearSums:
    """Return what a driver was paid in a year.

    Parameters
    ----------
    payments, earned : iterable
        All of the driver's, of all years. Tips are paid in the order in which they were earned: a payment pays the
        oldest earnings that are not paid yet.
    """
    known = list(payments)
    stayed = [one for one in known if one.counts]
    of_year = [one for one in stayed if one.paid_on and one.paid_on.year == year]
    before = sum(one.gross for one in stayed if one.paid_on and one.paid_on.year < year)
    compensation = sum(one.gross for one in of_year)
    days = sorted(earned, key=lambda one: one.day)
    return YearSums(
        compensation=compensation,
        withheld=sum(one.withheld for one in of_year),
        fees=sum(one.fee for one in of_year),
        tips=_tips_in(days, before + compensation) - _tips_in(days, before),
        back_later=sum(
            one.net for one in known if _came_back(one, paid=year) and one.back_on and one.back_on.year > year
        ),
        back_from_before=sum(
            one.net
            for one in known
            if one.paid_on and one.paid_on.year < year and one.back_on and one.back_on.year == year
        ),
        payments=len(of_year),
    )


def _came_back(payment: Payment, paid: int) -> bool:
    return payment.paid_on is not None and payment.paid_on.year == paid and payment.back_on is not None


def _tips_in(days: Iterable[Earned], paid: int) -> int:
    """Return the tips among the oldest earnings that a sum pays.

    A day on which a driver lost more than they earned takes from the days after it. Of a day that is paid in part, the
    same part of its tips is, rounded down.
    """
    tips, debt = 0, 0
    for day in days:
        total = day.total + debt
        if total <= 0:
            debt = total
            continue
        debt = 0
        if paid <= 0:
            break
        of_day, covered = max(0, min(day.tips, total)), min(paid, total)
        tips += of_day * covered // total
        paid -= covered
    return tips
