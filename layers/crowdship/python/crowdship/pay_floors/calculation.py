"""Calculation: the least that law lets a driver earn in a pay period, what is short of it, and what was paid of that.

A calculation is made anew whenever something is told of the period. It pays the difference to what it has paid, once,
and never takes anything back: what was paid by a calculation that is lower now stays paid, and counts for the next
one. Adjustments, refunds and claims after a period change neither work nor pay of it, so they change no calculation.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pay_floors.periods import WEEK, Period
from crowdship.pay_floors.steps import Reckoning
from crowdship.pay_floors.work import Span, Work, seconds_of, without


def calculation_id(driver_id: str, jurisdiction: str, first: str) -> str:
    """Return the id of the one calculation of a driver, place and period."""
    return derived_id("flr", driver_id, jurisdiction, first)


class TrueUp(Value):
    """A payment of what was short."""

    amount: Money
    at: Moment


class CountedWork(Value):
    """Work as it was counted."""

    delivery_id: str
    offer_id: str | None
    since: Moment
    until: Moment
    metres: int
    pay: Money


class Figures(Value):
    """Counts of a driver in a period.

    Parameters
    ----------
    engaged_us, on_call_us : int
        Engaged time, each moment once, and time on duty without work, microseconds.
    """

    engaged_us: int = 0
    on_call_us: int = 0
    works: tuple[CountedWork, ...] = ()

    @classmethod
    def of(cls, works: list[Work], on_call: list[Span], taken: Sequence[Span] = ()) -> Self:
        """Return the figures of some work, without the moments that count in an earlier period."""
        counted = tuple(
            CountedWork(
                delivery_id=work.delivery_id,
                offer_id=work.offer_id,
                since=work.since,
                until=work.until,
                metres=int(work.metres_in(work.span)),
                pay=work.pay,
            )
            for work in sorted(works, key=lambda one: (one.since, one.delivery_id))
        )
        return cls(
            engaged_us=_microseconds(without((work.span for work in works), taken)),
            on_call_us=_microseconds(on_call),
            works=counted,
        )


def _microseconds(spans: list[Span]) -> int:
    return int(seconds_of(spans) * 10**6)


class Calculation(Aggregate):
    """A driver's floor in a pay period of a jurisdiction.

    Parameters
    ----------
    title : str
        Name of the scheme.
    deadline : datetime
        The moment by which what is short is paid: during the next period. For what is told of later, a week from then.
    share : Money
        The driver's part of what all drivers together are short.
    compared_at : datetime or None
        The moment of the comparison of all drivers that the part is from.
    true_ups : tuple of TrueUp
        What was paid, the first one first.
    """

    driver_id: str
    jurisdiction: str
    title: str
    first: Day
    last: Day
    begins: Moment
    ends: Moment
    deadline: Moment
    reckoned_at: Moment
    figures: Figures
    reckoning: Reckoning
    share: Money
    compared_at: Moment | None = None
    true_ups: tuple[TrueUp, ...] = ()

    @classmethod
    def of(
        cls, driver_id: str, title: str, period: Period, figures: Figures, reckoning: Reckoning, now: datetime
    ) -> Self:
        """Return the first calculation of a period, with nothing paid yet."""
        return cls(
            id=calculation_id(driver_id, period.jurisdiction, period.first.isoformat()),
            driver_id=driver_id,
            jurisdiction=period.jurisdiction,
            title=title,
            first=period.first,
            last=period.last,
            begins=period.begins,
            ends=period.ends,
            deadline=period.deadline,
            reckoned_at=now,
            figures=figures,
            reckoning=reckoning,
            share=Money.zero(reckoning.least.currency),
        )

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.reckoning.least.currency

    @property
    def paid(self) -> Money:
        """The sum of all true-ups."""
        return Money.total((one.amount for one in self.true_ups), self.currency)

    @property
    def owed(self) -> Money:
        """The shortfall by itself and by all together that is not paid yet; 0 or more."""
        open_amount = self.reckoning.short + self.share - self.paid
        return open_amount if open_amount.amount > 0 else Money.zero(self.currency)

    def anew(self, figures: Figures, reckoning: Reckoning, now: datetime) -> Self:
        """Return it made anew from what is known now.

        If anything changed, all drivers are compared anew as well, and until then the driver has no part of that.
        """
        is_same = (figures, reckoning) == (self.figures, self.reckoning)
        share = self.share if is_same else Money.zero(self.currency)
        return self.with_changes(figures=figures, reckoning=reckoning, share=share, reckoned_at=now)

    def sharing(self, share: Money, compared_at: datetime, now: datetime) -> Self:
        """Return it with the driver's part of what all are short; itself if the comparison is the same or an older."""
        if self.compared_at and compared_at < self.compared_at:
            return self
        if (share, compared_at) == (self.share, self.compared_at):
            return self
        return self.with_changes(share=share, compared_at=compared_at, reckoned_at=now)

    def settled(self, now: datetime) -> Self:
        """Return it with what it owes paid, and the event that says so; itself if it owes nothing."""
        owed = self.owed
        if not owed.amount:
            return self
        deadline = self.deadline if now <= self.deadline else now + WEEK
        data = {
            "calculation_id": self.id,
            "driver_id": self.driver_id,
            "kind": "pay_floor",
            "amount": owed.model_dump(),
            "title": f"{self.title}, {self.first} to {self.last}",
            "jurisdiction": self.jurisdiction,
            **self.model_dump(mode="json", include={"begins", "ends"}),
            "is_correction": bool(self.true_ups),
            "is_certain": self.reckoning.is_certain,
        }
        after = self.with_changes(true_ups=(*self.true_ups, TrueUp(amount=owed, at=now)), deadline=deadline)
        data["deadline"] = after.model_dump(mode="json", include={"deadline"})["deadline"]
        return after.emitting("pay_floor.due", now, data)
