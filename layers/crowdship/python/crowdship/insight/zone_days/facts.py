"""Facts: what the sums of a zone's day need of one order, and of money that is due beside deliveries. Pure.

A fact is folded from events in any order and any number: each part of it remembers the sequence that it was read at.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self

from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import Price, settle_price
from crowdship.pricing.terms import Shares
from crowdship.shipment.options import Undeliverable

TAKEN = frozenset({"delivery.assigned", "delivery.reassigned"})
"""Events by which a driver has an order."""

COURSE = frozenset(
    {
        "delivery.created",
        "delivery.delivered",
        "delivery.returned",
        "delivery.failed",
        "delivery.cancelled",
        "delivery.expired",
        "delivery.corrected",
    }
)
"""Events that say how far an order is, and what is due for it."""

REFUSED = "delivery.pay_refused"

ENDS = frozenset({State.DELIVERED, State.RETURNED, State.FAILED, State.CANCELLED, State.EXPIRED})


class OrderFact(Aggregate):
    """One order as it counts in its zone's day.

    Parameters
    ----------
    created_at : datetime
        Decides the day and the hour in which it counts.
    state : str
        As of the newest event of its course.
    taken_at, ended_at : datetime or None
        From when until when its driver was engaged by it.
    is_on_time : bool
        Whether it was delivered within its promised window.
    charge, pay, tip : Money
        What is due by now: nothing while it is under way. Held pay counts until somebody refuses it.
    is_refused : bool
        Whether staff refused to pay for it; then nothing is due.
    seen, taken_seen : int
        Sequences of the newest events of its course, and of those by which a driver has it.
    """

    zone_id: str
    created_at: Moment
    state: str = State.CREATED
    driver_id: str | None = None
    taken_at: Moment | None = None
    ended_at: Moment | None = None
    is_on_time: bool = False
    charge: Money
    pay: Money
    tip: Money
    is_refused: bool = False
    seen: int = 0
    taken_seen: int = 0

    @classmethod
    def new(cls, event: DomainEvent) -> Self:
        """Return the fact of an order of which nothing was folded yet."""
        data = event.data
        nothing = Money.zero(data["price"]["tip"]["currency"])
        return cls(
            id=data["delivery_id"],
            zone_id=data["zone_id"],
            created_at=datetime.fromisoformat(data["created_at"]),
            charge=nothing,
            pay=nothing,
            tip=nothing,
        )

    def after(self, event: DomainEvent) -> Self:
        """Return the fact with one more event; an event that was folded, or is older than another, changes nothing."""
        if event.type in TAKEN and event.sequence > self.taken_seen:
            taken = {"driver_id": event.data["driver_id"], "taken_at": event.time}
            return self.with_changes(**taken, taken_seen=event.sequence)
        if event.type == REFUSED:
            return self.with_changes(is_refused=True)
        return self._along(event) if event.type in COURSE and event.sequence > self.seen else self

    def _along(self, event: DomainEvent) -> Self:
        data, state = event.data, event.data["state"]
        price = _due(data)
        closes_at = datetime.fromisoformat(data["dropoff_window"]["closes_at"])
        return self.with_changes(
            state=state,
            ended_at=event.time if state in ENDS else None,
            is_on_time=state == State.DELIVERED and event.time <= closes_at,
            charge=price.charge_total if price else Money.zero(self.charge.currency),
            pay=price.pay_total if price else Money.zero(self.pay.currency),
            tip=price.tip if price else Money.zero(self.tip.currency),
            seen=event.sequence,
        )


def _due(data: Mapping[str, Any]) -> Price | None:
    """Return the price that is due as an event of the course tells; None while nothing is due."""
    before = data["previous_state"]
    if data["driver_id"] is None or before is None:
        return None
    ended = outcome(State(before), State(data["state"]), data["reason"], Undeliverable(data["undeliverable"]))
    cancelled = data["cancellation"]
    shares = Shares.model_validate(cancelled["shares"]) if cancelled else None
    return settle_price(Price.model_validate(data["price"]).undivided, ended, shares) if ended else None


LATE_TIP = "late_tip"
"""The kind of a tip that was given after the delivery; it is no cost."""


class CostFact(Value):
    """Money that is due to a driver beside what was agreed for deliveries, or taken back.

    Parameters
    ----------
    id : str
        Id of the event.
    zone_id : str
        Empty if the event names none; then it is that of the driver's home.
    kind : str
        ``late_tip``, or a kind of cost: ``incentives``, ``guarantees``, or another name of ``MONEY_OF``.
    amount : Money
        Below zero if it is taken back.
    """

    id: str
    zone_id: str
    at: Moment
    kind: str
    amount: Money


def _money(kind: str, *fields: str, sign: int = 1) -> Callable[[DomainEvent], CostFact]:
    def read(event: DomainEvent) -> CostFact:
        data = event.data
        first, *others = (Money.model_validate(data[field]) for field in fields or ("amount",))
        due = sum(others, first)
        amount = due if sign > 0 else -due
        return CostFact(id=event.id, zone_id=data.get("zone_id") or "", at=event.time, kind=kind, amount=amount)

    return read


MONEY_OF: Mapping[str, Callable[[DomainEvent], CostFact]] = {
    "incentive.earned": _money("incentives"),
    "incentive.reversed": _money("incentives", sign=-1),
    "block.guaranteed": _money("guarantees"),
    "delivery.tipped": _money(LATE_TIP, "tipped"),
    "pay_floor.due": _money("floors"),
    "refund.granted": _money("refunds", "charge", "tip"),
}
"""The reader of each event by which a zone's drivers get money beside what was agreed for deliveries."""

FOLDED = COURSE | TAKEN | {REFUSED}
"""Events from which facts about orders are folded."""

EVENTS = (*sorted(FOLDED), *sorted(MONEY_OF))
"""All events that a zone's day is summed from."""
