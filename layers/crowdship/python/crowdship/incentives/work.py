"""Work of drivers as incentives count it, read from events: ends of deliveries, and duties. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import ConfigDict

from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, DomainEvent, Value
from crowdship.pricing.model import Outcome, Price, settle_price
from crowdship.pricing.terms import Shares
from crowdship.shipment.options import Undeliverable

COMPLETED = frozenset({Outcome.DELIVERED, Outcome.RETURNED, Outcome.DISPOSED})
"""Outcomes of deliveries that count: the driver did all that there was to do."""

DECISIONS = frozenset({"delivery.pay_released", "delivery.pay_refused"})
"""Types of events by which people decide about held pay."""

LONGEST_DUTY = timedelta(days=2)
"""A duty that began longer ago than this is not looked for."""


class Work(Aggregate):
    """The newest that is known of the end of one delivery by one driver; its id is the delivery's.

    Parameters
    ----------
    sequence : int
        That of the event that told it; an earlier event changes nothing.
    at : datetime
        When the delivery ended.
    pay : int
        Its pay without the tip, minor units; that of a delivery whose pay is held or refused too, so that no guarantee
        makes up for it.
    is_completed : bool
        False if its outcome does not count, if the ending was taken back, or if its pay was refused.
    is_held : bool
        True while a person still has to decide about its pay; until then it does not count.
    """

    driver_id: str
    zone_id: str
    at: Moment
    pay: int
    is_completed: bool
    is_held: bool = False

    @property
    def counts(self) -> bool:
        """True if it is a completed delivery of a quest or a bonus."""
        return self.is_completed and not self.is_held


class _Data(Value):
    model_config = ConfigDict(extra="ignore")

    delivery_id: str
    zone_id: str
    driver_id: str | None
    state: State
    previous_state: State | None
    reason: str | None
    undeliverable: Undeliverable
    price: Price
    cancellation: dict[str, Any] | None
    hold: dict[str, Any] | None


def work_of(event: DomainEvent, ended_at: datetime | None = None) -> Work | None:
    """Return the work that an event of a delivery tells of; None if it has no driver or is not at its end.

    Parameters
    ----------
    ended_at : datetime, optional
        When the delivery ended, for an event that does not tell: a decision about held pay.
    """
    data = _Data.model_validate(event.data)
    if data.driver_id is None or data.previous_state is None:
        return None
    known = {"id": data.delivery_id, "sequence": event.sequence, "driver_id": data.driver_id, "zone_id": data.zone_id}
    if event.type == "delivery.corrected":
        # The row of the ending that was taken back is found by the moment of that ending.
        return Work(**known, at=event.data["corrects"]["at"], pay=0, is_completed=False)
    ending = outcome(data.previous_state, data.state, data.reason, data.undeliverable)
    if ending is None:
        return None
    shares = Shares.model_validate(data.cancellation["shares"]) if data.cancellation else None
    pay = settle_price(data.price.undivided, ending, shares).pay_total.amount
    is_held = data.hold is not None and data.hold.get("decision") is None
    is_refused = event.type == "delivery.pay_refused"
    return Work(
        **known,
        at=ended_at or event.time,
        pay=pay,
        is_completed=ending in COMPLETED and not is_refused,
        is_held=is_held,
    )


class DutyChange(Value):
    """A driver went on duty in a zone, or off duty."""

    driver_id: str
    zone_id: str
    at: Moment
    sequence: int
    is_on: bool

    @classmethod
    def of(cls, event: DomainEvent) -> "DutyChange":
        """Return the change that a ``driver.on_duty`` or ``driver.off_duty`` tells."""
        is_on = event.type == "driver.on_duty"
        driver_id, zone_id = event.data["driver_id"], event.data["zone_id"]
        return cls(driver_id=driver_id, zone_id=zone_id, at=event.time, sequence=event.sequence, is_on=is_on)


def duty_share(changes: Iterable[DutyChange], zone_id: str, begins: datetime, ends: datetime) -> float:
    """Return for which share of a span, 0 to 1, a driver was on duty in a zone.

    Parameters
    ----------
    changes : iterable of DutyChange
        In any order; those of ``LONGEST_DUTY`` before the span as well, as a duty may have begun there.

    Examples
    --------
    >>> from datetime import UTC
    >>> five, ten = datetime(2026, 6, 5, 17, tzinfo=UTC), datetime(2026, 6, 5, 22, tzinfo=UTC)
    >>> on = DutyChange(driver_id="drv_1", zone_id="loop", at=five - timedelta(hours=1), sequence=1, is_on=True)
    >>> off = DutyChange(driver_id="drv_1", zone_id="loop", at=five + timedelta(hours=4), sequence=2, is_on=False)
    >>> duty_share([off, on], "loop", five, ten)
    0.8
    """
    on_for, since = timedelta(), None
    for change in sorted(changes, key=lambda one: one.sequence):
        if change.at >= ends:
            break
        if since is not None:
            on_for += max(timedelta(), change.at - since)
            since = None
        if change.is_on and change.zone_id == zone_id:
            since = max(change.at, begins)
    if since is not None:
        on_for += ends - since
    return on_for / (ends - begins)
