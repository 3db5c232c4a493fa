"""Events by which somebody earns or gives back, built again for the ledger in case the first ones were lost. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from crowdship.deliveries.delivery import assignment
from crowdship.deliveries.delivery.corrections import told_of
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CLOSED, DISPATCH
from crowdship.kernel.events import DomainEvent

Telling = tuple[str, datetime, dict[str, Any]]
"""An event's type, time and data."""


def settles_on(delivery: Delivery) -> date | None:
    """Return the UTC day of the last event that earns somebody money or takes it back; None if there is none yet.

    That event is the delivery's end, a tip since, a decision on pay that was held, the correction of an ending, or a
    hand-over to another driver.
    """
    paid = [each.at for each in delivery.hand_overs if each.pay]
    moments = [*(each.at for each in delivery.corrections), *paid]
    if delivery.state in CLOSED and delivery.driver_id:
        moments += [delivery.timeline[-1].at, *(tip.at for tip in delivery.late_tips)]
        if delivery.hold and delivery.hold.decision:
            moments.append(delivery.hold.decision.at)
    return max(moments).astimezone(UTC).date() if moments else None


def settling_events(delivery: Delivery) -> tuple[DomainEvent, ...]:
    """Return, built again, the events of a delivery's end, of later tips, and of the decision on held pay.

    Each ending that was taken back comes before these, with its correction, and each hand-over to another driver. All
    have the ids under which they were emitted, and are in the order of their times.
    """
    if settles_on(delivery) is None:
        return ()
    numbered = sorted((*_taken_back(delivery), *_handed_over(delivery)), key=lambda each: each[0])
    if delivery.state in CLOSED and delivery.driver_id:
        since = sorted((*_tips(delivery), *_decision(delivery)), key=lambda telling: telling[1])
        first = delivery.sequence - len(since)
        numbered += enumerate((_closing(delivery), *since), start=first)
    return tuple(
        DomainEvent(
            id=delivery.id_of_event(sequence), type=kind, time=at, subject=delivery.id, sequence=sequence, data=told
        )
        for sequence, (kind, at, told) in numbered
    )


def _taken_back(delivery: Delivery) -> Iterator[tuple[int, Telling]]:
    for correction in delivery.corrections:
        ending = correction.ending
        # As it stood then: with the driver who ended it, at the price of that moment.
        then = {"driver_id": correction.actor, "price": correction.price, "cancellation": None}
        ended = delivery.with_changes(**then, state=ending.state, hold=correction.hold)
        data = ended.snapshot(actor=ending.actor, reason=ending.reason, previous_state=str(correction.previous_state))
        yield correction.ending_sequence, (f"delivery.{ending.state}", ending.at, data)
        again = delivery.with_changes(**then, hold=None)
        data = again.snapshot(actor=correction.actor, reason=str(correction.reason), previous_state=str(ending.state))
        yield correction.sequence, ("delivery.corrected", correction.at, {**data, **told_of(correction)})


def _handed_over(delivery: Delivery) -> Iterator[tuple[int, Telling]]:
    for made in delivery.hand_overs:
        if not made.pay:
            continue
        then = delivery.with_changes(driver_id=made.driver_id)
        data = then.snapshot(actor=DISPATCH, reason=None, previous_state=str(delivery.state))
        yield made.sequence, ("delivery.handed_over", made.at, {**data, "handed_over": assignment.told_of(made)})


def _closing(delivery: Delivery) -> Telling:
    before, closing = delivery.timeline[-2:]
    # At its end, the held pay was still undecided.
    then = delivery.with_changes(hold=delivery.hold and delivery.hold.model_copy(update={"decision": None}))
    data = then.snapshot(actor=closing.actor, reason=closing.reason, previous_state=str(before.state))
    return f"delivery.{delivery.state}", closing.at, data


def _tips(delivery: Delivery) -> Iterator[Telling]:
    data = delivery.snapshot(reason=None, previous_state=str(delivery.state))
    for tip in delivery.late_tips:
        yield "delivery.tipped", tip.at, {**data, "actor": tip.actor, "tipped": tip.amount.model_dump()}


def _decision(delivery: Delivery) -> Iterator[Telling]:
    held = delivery.hold
    if held and held.decision:
        decided = held.decision
        data = delivery.snapshot(actor=decided.actor, reason=held.reason, previous_state=str(held.previous_state))
        yield f"delivery.pay_{decided.verdict}", decided.at, data
