"""True-ups of drivers' pay to a floor that law sets."""

from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, PAY_FLOORS
from crowdship.settlement.causes.reading import EventData
from crowdship.settlement.ledger import Posting, PostingKind, entry

FLOOR = "floor"
"""The code of the entries."""


class _TrueUpData(EventData):
    """Fields of ``pay_floor.due``."""

    driver_id: str
    amount: Money
    title: str


class TrueUp(Value):
    """Shortfall of a driver below a floor, or below a higher one after a correction.

    Parameters
    ----------
    event_id : str
        Id of the event; the posting's id is made from it.
    amount : Money
        Above zero.
    title : str
        The driver reads it.
    """

    event_id: str
    time: Moment
    driver_id: str
    amount: Money
    title: str

    @classmethod
    def from_event(cls, event: DomainEvent) -> Self:
        """Return the cause that an event tells."""
        data = _TrueUpData.model_validate(event.data)
        return cls(event_id=event.id, time=event.time, **dict(data))


def true_up_posting(true_up: TrueUp) -> Posting:
    """Return the posting of a true-up: the driver is owed it, at the platform's expense."""
    entries = (
        *entry(DRIVER_PAYABLE.of(true_up.driver_id), -true_up.amount, FLOOR),
        *entry(PAY_FLOORS.group, true_up.amount, FLOOR),
    )
    return Posting.caused_by(true_up.event_id, PostingKind.PAY_FLOOR, true_up.time, entries, note=true_up.title)


def _of_due(event: DomainEvent) -> Posting:
    return true_up_posting(TrueUp.from_event(event))


POSTINGS = {"pay_floor.due": _of_due}
"""The posting of each type of event by which a true-up is due."""
