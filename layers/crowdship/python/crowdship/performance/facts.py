"""Facts: how one delivery went for one of its drivers, read from the delivery as it is. Pure.

A fact is a function of the delivery and its rating alone, so the order and the number of events about them don't
matter: each of them makes the fact anew.
"""

from enum import StrEnum

from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import FailureReason, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.performance.lateness import Lateness, lateness_of
from crowdship.routes.route import ChangeReason


class WorkOutcome(StrEnum):
    """Outcomes of a delivery for its driver."""

    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    """The customer was absent or refused, the shop was closed, or the like: carried to an end, and nobody's fault."""

    GIVEN_UP = "given_up"
    LOST = "lost"


class Fact(Value):
    """The course of a delivery for a driver.

    Parameters
    ----------
    at : datetime
        When it ended for the driver, by the phone's clock if that is known.
    lateness : Lateness
        Seconds by cause; those of a delivery that did not reach its customer are 0.
    stars : int or None
        The customer's rating, if there is one.
    contradicted : bool
        Whether a person refused the pay, because the driver was not where they said.
    """

    delivery_id: str
    zone_id: str
    at: Moment
    outcome: WorkOutcome
    lateness: Lateness = Lateness()
    stars: int | None = None
    contradicted: bool = False


def fact_of(delivery: Delivery, rating: Rating | None, driver_id: str) -> Fact | None:
    """Return how a delivery went for a driver, or None if it has not ended for them, or another one has it.

    What dispatch or staff moved to another driver, or what was called off, says nothing about its driver.
    """
    if not delivery.livemode:
        return None
    if delivery.driver_id != driver_id:
        return _given_up(delivery, driver_id)
    end = delivery.newest_step(State.FAILED) or delivery.newest_step(State.DELIVERED)
    if end is None:
        return None
    lost = end.reason == FailureReason.GOODS_LOST
    delivered = end.state is State.DELIVERED
    outcome = WorkOutcome.LOST if lost else WorkOutcome.DELIVERED if delivered else WorkOutcome.NOT_DELIVERED
    decision = delivery.hold.decision if delivery.hold else None
    return Fact(
        delivery_id=delivery.id,
        zone_id=delivery.zone_id,
        at=end.made_at,
        outcome=outcome,
        lateness=lateness_of(delivery) if delivered else Lateness(),
        stars=rating.stars if rating and delivered else None,
        contradicted=decision is not None and decision.verdict is Verdict.REFUSED,
    )


def _given_up(delivery: Delivery, driver_id: str) -> Fact | None:
    own = [step for step in delivery.timeline if step.actor == driver_id and step.reason == ChangeReason.UNASSIGNED]
    if not own:
        return None
    gone = {"delivery_id": delivery.id, "zone_id": delivery.zone_id, "at": own[-1].made_at}
    return Fact(**gone, outcome=WorkOutcome.GIVEN_UP)
