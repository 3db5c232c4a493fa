"""Use cases of held pay: the list of deliveries that wait, and a person's verdict."""

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Ground, Verdict
from crowdship.kernel.clock import Clock
from crowdship.stops.views import HeldDelivery, HeldPay

MOST_HELD = 100


def held(zone_id: str) -> HeldPay:
    """Return a zone's deliveries that wait for a verdict, the longest waiting first."""
    found = deliveries.held_in_zone(zone_id, MOST_HELD)
    return HeldPay(held=tuple(HeldDelivery.of(delivery, delivery.hold) for delivery in found if delivery.hold))


def decide(delivery_id: str, verdict: Verdict, ground: Ground, actor: str, clock: Clock) -> HeldDelivery:
    """Release held pay, so that it is booked, or refuse it, so that it is never booked.

    Raises
    ------
    Conflict
        If no pay is held, or the other verdict was given.
    Unprocessable
        If the ground does not fit the verdict.
    """
    decided = deliveries.change(delivery_id, lambda held: held.decide(verdict, ground, clock.now(), actor))
    assert decided.hold, "what was decided on is held"
    return HeldDelivery.of(decided, decided.hold)
