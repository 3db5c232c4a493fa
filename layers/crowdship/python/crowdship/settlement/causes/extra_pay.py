"""Extra pay: quests, bonuses, and differences to a guarantee."""

from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, INCENTIVES
from crowdship.settlement.causes.reading import EventData
from crowdship.settlement.ledger import Posting, PostingKind, entry


class ExtraPayKind(StrEnum):
    """Kinds of extra pay; each is a kind of posting and the code of its entries."""

    QUEST = "quest"
    BATCH_BONUS = "batch_bonus"
    PEAK_BONUS = "peak_bonus"
    GUARANTEE = "guarantee"


class _ExtraPayData(EventData):
    """Fields of the events by which extra pay is due or taken back."""

    driver_id: str
    kind: ExtraPayKind
    amount: Money
    title: str
    delivery_id: str | None = None


class ExtraPay(Value):
    """Extra pay of a driver: a quest, a bonus, or the difference to a guarantee.

    Parameters
    ----------
    event_id : str
        Id of the event; the posting's id is made from it.
    amount : Money
        Above zero is earned, below zero is taken back, as deliveries that it was earned by no longer count.
    title : str
        The driver reads it.
    promise_id : str or None
        The promise that it is of; None for the guarantee of a block, which is paid once and never taken back.
    """

    event_id: str
    time: Moment
    driver_id: str
    kind: ExtraPayKind
    amount: Money
    title: str
    delivery_id: str | None
    promise_id: str | None = None

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self:
        """Return the cause that an event tells, which is one of money that is due."""
        data = _ExtraPayData.model_validate(event.data)
        return cls(event_id=event.id, time=event.time, **dict(data))

    @classmethod
    def promised(cls, event: DomainEvent) -> Self:
        """Return the cause that an event of a promise tells."""
        return cls.from_event(event).model_copy(update={"promise_id": event.subject})

    @classmethod
    def taken_back(cls, event: DomainEvent) -> Self:
        """Return the cause that an event tells, which is one of money that is no longer due."""
        due = cls.promised(event)
        return due.model_copy(update={"amount": -due.amount})


def extra_pay_posting(extra: ExtraPay) -> Posting:
    """Return the posting of extra pay: the driver's account changes, at the platform's expense."""
    entries = (
        *entry(DRIVER_PAYABLE.of(extra.driver_id), -extra.amount, extra.kind),
        *entry(INCENTIVES, extra.amount, extra.kind),
    )
    about = {"note": extra.title, "delivery_id": extra.delivery_id, "promise_id": extra.promise_id}
    return Posting.caused_by(extra.event_id, PostingKind(extra.kind), extra.time, entries, **about)


def _of_guaranteed(event: DomainEvent) -> Posting:
    return extra_pay_posting(ExtraPay.from_event(event))


def _of_earned(event: DomainEvent) -> Posting:
    return extra_pay_posting(ExtraPay.promised(event))


def _of_reversed(event: DomainEvent) -> Posting:
    return extra_pay_posting(ExtraPay.taken_back(event))


POSTINGS = {
    "incentive.earned": _of_earned,
    "incentive.reversed": _of_reversed,
    "block.guaranteed": _of_guaranteed,
}
"""The posting of each type of event by which extra pay is due or taken back."""
