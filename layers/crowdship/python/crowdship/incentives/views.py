"""Views of incentives, for staff with the use of the budget, and for a driver with their progress."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.incentives.model import LOW_PERCENT, Audience, Incentive, Use
from crowdship.incentives.promises import Promise
from crowdship.incentives.terms import JOINED, Guarantee, Kind, Quest, Terms
from crowdship.incentives.work import Work
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money


class IncentiveState(StrEnum):
    """States of an incentive at a moment."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    STOPPED = "stopped"
    USED_UP = "used_up"

    @classmethod
    def at(cls, incentive: Incentive, now: datetime) -> "IncentiveState":
        """Return the state of an incentive."""
        if incentive.stopped_at:
            return cls.STOPPED
        if now >= incentive.ends_at:
            return cls.ENDED
        if incentive.exhausted_at:
            return cls.USED_UP
        return cls.RUNNING if now >= incentive.starts_at else cls.PLANNED


class IncentiveView(Value):
    """An incentive as staff see it."""

    incentive_id: str
    zone_id: str
    kind: Kind
    title: str
    terms: Terms
    starts_at: Moment
    ends_at: Moment
    audience: Audience
    state: IncentiveState
    budget: Money
    committed: Money = Field(description="Promised to drivers, what was paid included; never more than the budget")
    paid: Money
    promises: int = Field(description="Drivers who joined, or offers that carried the bonus")
    is_nearly_used: bool = Field(description="True once most of the budget is promised")
    made_by: str
    made_at: Moment
    stopped_at: Moment | None
    exhausted_at: Moment | None = Field(description="When a promise did not fit into the budget for the first time")

    @classmethod
    def of(cls, incentive: Incentive, use: Use, now: datetime) -> Self:
        """Return the view of an incentive and the use of its budget at a moment."""
        shared = ("zone_id", "kind", "title", "terms", "starts_at", "ends_at", "audience", "budget")
        noted = ("made_by", "made_at", "stopped_at", "exhausted_at")
        committed, paid = (
            Money(amount=amount, currency=incentive.budget.currency) for amount in (use.committed, use.paid)
        )
        return cls(
            incentive_id=incentive.id,
            **{name: getattr(incentive, name) for name in (*shared, *noted)},
            state=IncentiveState.at(incentive, now),
            committed=committed,
            paid=paid,
            promises=use.promises,
            is_nearly_used=committed.amount * 100 >= incentive.budget.amount * LOW_PERCENT,
        )


class IncentiveList(Value):
    """Incentives of a zone, the first to end first."""

    incentives: tuple[IncentiveView, ...]


class Progress(Value):
    """A driver's progress with an incentive that they joined.

    Parameters
    ----------
    deliveries, awaiting : int
        Deliveries that count, and those that will if staff release their pay.
    next_deliveries : int or None
        Deliveries that the next step of a quest needs in all; None if there is none.
    pay : Money
        The pay of all deliveries in the span, without tips.
    duty_percent : int or None
        Share of the time until now that the driver was on duty in the zone; for a guarantee that has begun.
    earned : Money
        What was booked until now.
    reserved : Money
        The most that it can still earn or has earned; it is kept for the driver.
    closed_at : datetime or None
        When it was settled for good.
    """

    joined_at: Moment
    deliveries: int
    awaiting: int
    next_deliveries: int | None
    pay: Money
    duty_percent: int | None
    earned: Money
    reserved: Money
    closed_at: Moment | None


class OwnIncentive(Value):
    """An incentive as a driver sees it."""

    incentive_id: str
    zone_id: str
    kind: Kind
    title: str
    terms: Terms
    currency: str
    starts_at: Moment
    ends_at: Moment
    state: IncentiveState
    can_join: bool
    progress: Progress | None = Field(description="Null until the driver joins")

    @classmethod
    def of(
        cls, incentive: Incentive, promise: Promise | None, work: Sequence[Work], share: float | None, now: datetime
    ) -> Self:
        """Return the view of an incentive for a driver, with the work that their promise counts."""
        begun = incentive.kind is Kind.GUARANTEE and now >= incentive.starts_at
        can_join = incentive.kind in JOINED and promise is None and incentive.is_open and not begun
        return cls(
            incentive_id=incentive.id,
            zone_id=incentive.zone_id,
            kind=incentive.kind,
            title=incentive.title,
            terms=promise.terms if promise else incentive.terms,
            currency=incentive.budget.currency,
            starts_at=incentive.starts_at,
            ends_at=incentive.ends_at,
            state=IncentiveState.at(incentive, now),
            can_join=can_join and now < incentive.ends_at,
            progress=promise and _progress(promise, work, share),
        )


def _progress(promise: Promise, work: Sequence[Work], share: float | None) -> Progress:
    def money(amount: int) -> Money:
        return Money(amount=amount, currency=promise.currency)

    count = sum(one.counts for one in work)
    steps = promise.terms.steps if isinstance(promise.terms, Quest) else ()
    return Progress(
        joined_at=promise.made_at,
        deliveries=count,
        awaiting=sum(one.is_held and one.is_completed for one in work),
        next_deliveries=next((step.deliveries for step in steps if step.deliveries > count), None),
        pay=money(sum(one.pay for one in work)),
        duty_percent=round(share * 100) if share is not None and isinstance(promise.terms, Guarantee) else None,
        earned=money(promise.paid),
        reserved=money(promise.reserved),
        closed_at=promise.closed_at,
    )


class ExtraPay(Value):
    """The earnings that a driver can have beside the pay of deliveries."""

    incentives: tuple[OwnIncentive, ...]
