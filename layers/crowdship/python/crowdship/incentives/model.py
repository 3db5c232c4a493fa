"""Incentive: what drivers of a zone can earn beside the pay of deliveries, for whom, when, and up to which budget."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.drivers.model import Driver, DriverKind
from crowdship.drivers.tiers import tier_of
from crowdship.incentives.terms import JOINED, Guarantee, Kind, Quest, Terms
from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import ClientId
from crowdship.kernel.money import Money, digits_of
from crowdship.zones.model import ZoneId
from crowdship.zones.tiers import Tier

LONGEST_SPAN = timedelta(days=14)
"""The longest span of an incentive; a longer campaign is several of them."""

LOOK_AHEAD = timedelta(days=90)
"""Incentives can be made so long ahead."""

LEAD = timedelta(minutes=1)
"""An incentive begins this long after it was made at the earliest, so that work which counts is noted from then on."""

TOLD_FOR = timedelta(minutes=10)
"""Drivers who accepted an offer in this time after a budget was used up are told that the bonus is not paid."""

LOW_PERCENT = 80
"""Staff are told when this much of a budget is promised."""

BIGGEST_BUDGET = 1_000_000_000
"""The most minor units of a budget: a guard against typing errors."""


TierCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,29}$")]


class AudienceKind(StrEnum):
    """Drivers whom an incentive is for."""

    ALL = "all"
    TIER = "tier"
    NEWCOMERS = "newcomers"


class Audience(Value):
    """The drivers whom an incentive is for. How many offers somebody accepted is no condition.

    Parameters
    ----------
    tiers : tuple of str
        Names of the tiers that may take part, if it is for tiers.
    newcomer_days : int
        Whoever was registered at most so many days ago is a newcomer.
    """

    kind: AudienceKind = AudienceKind.ALL
    tiers: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")], ...] = Field(
        default=(), max_length=10
    )
    newcomer_days: int = Field(default=30, ge=1, le=365)

    def includes(self, driver: Driver, on: datetime, tiers: Sequence[Tier]) -> bool:
        """Return whether a driver belongs to it at a moment, by the tiers of its zone."""
        match self.kind:
            case AudienceKind.ALL:
                return True
            case AudienceKind.TIER:
                return tier_of(driver.measures, tiers).code in self.tiers
            case AudienceKind.NEWCOMERS:
                return on - driver.created_at <= timedelta(days=self.newcomer_days)


def _budget(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 < amount.amount <= BIGGEST_BUDGET:
        raise ValueError(f"a budget is of 1 to {BIGGEST_BUDGET} minor units, not of {amount.amount}")
    return amount


class IncentiveInput(Value):
    """A new incentive, as staff make one."""

    request_id: ClientId = Field(description="Made by the caller: the same one again makes nothing more")
    zone_id: ZoneId
    title: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)] = Field(
        description="Drivers read it", examples=["Friday evening"]
    )
    terms: Terms
    starts_at: Moment
    ends_at: Moment
    audience: Audience = Audience()
    budget: Annotated[Money, AfterValidator(_budget)] = Field(description="In the currency of the zone's rates")


class Incentive(Aggregate):
    """An incentive.

    Parameters
    ----------
    stopped_at : datetime or None
        From when on nobody can join and no offer carries it; what was promised before is kept.
    exhausted_at : datetime or None
        When a promise did not fit into the budget for the first time; from then on nothing is promised.
    told_low_at : datetime or None
        When staff were told that the budget is nearly promised.
    """

    zone_id: str
    title: str
    terms: Terms
    starts_at: Moment
    ends_at: Moment
    audience: Audience
    budget: Money
    made_by: str
    made_at: Moment
    stopped_at: Moment | None = None
    stopped_by: str | None = None
    exhausted_at: Moment | None = None
    told_low_at: Moment | None = None

    @classmethod
    def make(cls, incentive_id: str, request: IncentiveInput, currency: str, by: str, now: datetime) -> Self:
        """Return a new incentive of a zone whose rates have a currency.

        Raises
        ------
        Unprocessable
            If its span or its budget is impossible.
        """
        span = request.ends_at - request.starts_at
        if not timedelta() < span <= LONGEST_SPAN:
            detail = f"It lasts from {written(request.starts_at)} to {written(request.ends_at)}; the end must follow "
            raise Unprocessable("wrong_span", f"{detail}the start by at most {LONGEST_SPAN.days} days.", "/ends_at")
        if not now + LEAD <= request.starts_at <= now + LOOK_AHEAD:
            detail = f"It starts at {written(request.starts_at)}; from {written(now + LEAD)} to {LOOK_AHEAD.days} days"
            raise Unprocessable("wrong_start", f"{detail} ahead is possible.", "/starts_at")
        if request.budget.currency != currency:
            detail = f"The budget is in {request.budget.currency}; the zone's rates are in {currency}."
            raise Unprocessable("wrong_currency", detail, "/budget/currency")
        asked = {name: value for name, value in request if name in cls.model_fields}
        made = cls(id=incentive_id, **asked, made_by=by, made_at=now)
        if made.reserve > request.budget.amount:
            least = Money(amount=made.reserve, currency=currency)
            detail = f"The budget of {request.budget} is less than the {least} that one driver can earn; raise it."
            raise Unprocessable("budget_too_small", detail, "/budget/amount")
        return made

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return self.terms.kind

    @property
    def reserve(self) -> int:
        """Minor units of the budget that one promise takes."""
        return self.terms.most if isinstance(self.terms, Quest | Guarantee) else self.terms.amount

    @property
    def is_open(self) -> bool:
        """True while something may be promised by it, as far as its span allows."""
        return self.stopped_at is None and self.exhausted_at is None

    def covers(self, moment: datetime) -> bool:
        """Return whether a moment is in its span; the end is not."""
        return self.starts_at <= moment < self.ends_at

    def excludes(self, driver: Driver, on: datetime, tiers: Sequence[Tier]) -> str | None:
        """Return why a driver may not take part, as a sentence; None if they may."""
        if driver.kind is not DriverKind.CROWD:
            return "Dedicated drivers are paid by their merchant's agreement; extra pay is for crowd drivers."
        if not self.audience.includes(driver, on, tiers):
            told = {AudienceKind.TIER: f"the tiers {', '.join(self.audience.tiers)}"}
            who = told.get(self.audience.kind, f"drivers in their first {self.audience.newcomer_days} days")
            return f"It is for {who}."
        return None

    def must_be_joinable(self, driver: Driver, now: datetime, tiers: Sequence[Tier]) -> None:
        """Check that a driver may join now.

        Raises
        ------
        Conflict
            If there is nothing to join, it is over, stopped or used up, or its guarantee has begun.
        Forbidden
            If it is for other drivers, or the driver may not drive.
        """
        if self.kind not in JOINED:
            raise Conflict("nothing_to_join", "This bonus comes with offers by itself; there is nothing to join.")
        if self.stopped_at:
            raise Conflict("incentive_stopped", f"It was stopped at {written(self.stopped_at)}; nobody can join now.")
        if now >= self.ends_at:
            raise Conflict("incentive_over", f"It ended at {written(self.ends_at)}; look at those that are to come.")
        if self.kind is Kind.GUARANTEE and now >= self.starts_at:
            detail = f"Its span began at {written(self.starts_at)}; a guarantee is joined before that."
            raise Conflict("guarantee_begun", detail)
        # Every applicant has a sign-in; a part of the budget is only for drivers who can earn it.
        driver.refuse_obstacle(driver.day_of(now))
        if why := self.excludes(driver, now, tiers):
            raise Forbidden("not_for_you", why)
        if self.exhausted_at:
            raise no_budget_left()

    def stop(self, by: str, now: datetime) -> Self:
        """Stop it; doing it twice changes nothing."""
        return self if self.stopped_at else self.with_changes(stopped_at=now, stopped_by=by)

    def exhaust(self, now: datetime) -> Self:
        """Note that a promise did not fit into its budget; once."""
        if self.exhausted_at:
            return self
        return self.with_changes(exhausted_at=now).emitting("incentive.exhausted", now, self._told())

    def warn(self, now: datetime, committed: int) -> Self:
        """Tell staff, once, that most of its budget is promised."""
        if self.told_low_at or committed * 100 < self.budget.amount * LOW_PERCENT:
            return self
        data = {**self._told(), "committed": Money(amount=committed, currency=self.budget.currency).model_dump()}
        return self.with_changes(told_low_at=now).emitting("incentive.budget_low", now, data)

    def _told(self) -> dict[str, Any]:
        told = {"incentive_id": self.id, "zone_id": self.zone_id, "kind": str(self.kind), "title": self.title}
        return {**told, "budget": self.budget.model_dump()}


class Use(Value):
    """The use of a budget, minor units.

    Parameters
    ----------
    committed, paid : int
        What is promised to drivers, what was paid included; and what was paid.
    promises : int
        How many promises there are.
    """

    committed: int
    paid: int
    promises: int


def no_budget_left() -> Conflict:
    """Return the refusal of a promise that does not fit into a budget."""
    detail = "Its budget is used up, so nothing more is promised by it; nothing that was promised before is affected."
    return Conflict("budget_used", detail)
