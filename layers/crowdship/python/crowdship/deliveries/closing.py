"""What a closed delivery told when it ended, made anew for the ledger in case it never arrived there. Pure."""

from datetime import UTC, date

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CLOSED
from crowdship.kernel.events import DomainEvent


def settles_on(delivery: Delivery) -> date | None:
    """Return the day (UTC) on which a delivery closed, or was tipped last; None while nobody earns by it."""
    if delivery.state not in CLOSED or not delivery.driver_id:
        return None
    last = delivery.late_tips[-1].at if delivery.late_tips else delivery.timeline[-1].at
    return last.astimezone(UTC).date()


def settling_events(delivery: Delivery) -> tuple[DomainEvent, ...]:
    """Return anew the events by which a delivery closed and was tipped since, which the ledger books; none before.

    They have the ids under which they were emitted: what follows the closing event are tips, one event each.
    """
    if settles_on(delivery) is None:
        return ()
    before, closing = delivery.timeline[-2:]
    first = delivery.sequence - len(delivery.late_tips)
    data = delivery.snapshot(actor=closing.actor, reason=closing.reason, previous_state=str(before.state))
    closed = (f"delivery.{delivery.state}", closing.at, data)
    since = {**data, "reason": None, "previous_state": str(delivery.state)}
    tips = [("delivery.tipped", tip.at, {**since, "tipped": tip.amount.model_dump()}) for tip in delivery.late_tips]
    return tuple(
        DomainEvent(
            id=delivery.id_of_event(sequence), type=kind, time=at, subject=delivery.id, sequence=sequence, data=told
        )
        for sequence, (kind, at, told) in enumerate((closed, *tips), start=first)
    )
