"""Terms of incentives, and the reward that is due by them for some work. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from crowdship.incentives.work import Work
from crowdship.kernel.events import Value

MOST = 10_000_000
"""The most minor units of one reward: a guard against typing errors."""

MOST_DELIVERIES = 500
"""The most deliveries that a quest may ask for."""

Amount = Annotated[int, Field(gt=0, le=MOST)]


class Kind(StrEnum):
    """Kinds of incentives; each is a kind of posting in the ledger too."""

    QUEST = "quest"
    BATCH_BONUS = "batch_bonus"
    PEAK_BONUS = "peak_bonus"
    GUARANTEE = "guarantee"


JOINED = frozenset({Kind.QUEST, Kind.GUARANTEE})
"""Kinds that a driver joins; the others belong to offers, and nobody has to do anything for them."""


class QuestStep(Value):
    """A step of a quest: so many deliveries earn so much in all, not beside the steps before."""

    deliveries: int = Field(ge=1, le=MOST_DELIVERIES)
    amount: Amount


class Quest(Value):
    """An amount for a number of deliveries in the span; several steps may follow each other.

    A delivery counts if its driver did all of it: it reached the customer, went back to the shop, or was disposed of.
    """

    kind: Literal[Kind.QUEST]
    steps: tuple[QuestStep, ...] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _rising(self) -> "Quest":
        for before, after in zip(self.steps, self.steps[1:], strict=False):
            if after.deliveries <= before.deliveries or after.amount <= before.amount:
                raise ValueError("each step must ask for more deliveries than the one before and earn more in all")
        return self

    @property
    def most(self) -> int:
        """The most that it can earn, in minor units."""
        return self.steps[-1].amount

    def reward(self, work: Iterable[Work]) -> int:
        """Return what some work earns: the amount of the highest step that it reaches.

        Examples
        --------
        >>> quest = Quest(kind=Kind.QUEST, steps=(QuestStep(deliveries=1, amount=500),))
        >>> quest.reward(())
        0
        """
        count = sum(one.counts for one in work)
        return max((step.amount for step in self.steps if step.deliveries <= count), default=0)


class BatchBonus(Value):
    """An offer of several deliveries, all of which are completed by the driver who accepted it, earns an amount."""

    kind: Literal[Kind.BATCH_BONUS]
    deliveries: int = Field(default=2, ge=2, le=10, description="Deliveries from which an offer counts as a batch")
    amount: Amount

    def reward(self, work: Iterable[Work], delivery_ids: Iterable[str]) -> int:
        """Return the amount if all deliveries of the batch are completed, else nothing."""
        done = {one.id for one in work if one.counts}
        return self.amount if done.issuperset(delivery_ids) else 0


class PeakBonus(Value):
    """Each delivery of an offer that was made in the span earns an amount once it is completed."""

    kind: Literal[Kind.PEAK_BONUS]
    amount: Amount

    def reward(self, work: Iterable[Work], delivery_ids: Iterable[str]) -> int:
        """Return the amount for each completed delivery of the offer."""
        done = {one.id for one in work if one.counts}
        return self.amount * len(done.intersection(delivery_ids))


class Guarantee(Value):
    """The difference to an amount, for a driver on duty in the zone for most of the span whose deliveries paid less.

    Parameters
    ----------
    duty_percent : int
        The share of the span for which the driver has to be on duty in the zone.
    """

    kind: Literal[Kind.GUARANTEE]
    amount: Amount
    duty_percent: int = Field(default=80, ge=0, le=100)

    @property
    def most(self) -> int:
        """The most that it can earn, in minor units."""
        return self.amount

    def reward(self, work: Iterable[Work], duty_share: float) -> int:
        """Return the difference between the guaranteed amount and the pay of all work, without tips and extra pay."""
        return top_up(self.amount, self.duty_percent, work, duty_share)


Terms = Annotated[Quest | BatchBonus | PeakBonus | Guarantee, Field(discriminator="kind")]


def top_up(amount: int, duty_percent: int, work: Iterable[Work], duty_share: float) -> int:
    """Return what a guarantee of an amount owes for a span: nothing after too little duty, never less than nothing.

    Parameters
    ----------
    work : iterable of Work
        The driver's work in the span; its pay counts whatever its outcome, and without tips.
    duty_share : float
        Share of the span that the driver was on duty in the zone, 0 to 1.
    """
    if duty_share * 100 + 1e-9 < duty_percent:
        return 0
    return max(0, amount - sum(one.pay for one in work))
