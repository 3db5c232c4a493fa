"""Use cases of staff at the stops: fail or complete a delivery in its driver's stead."""

from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.proof import service as proofs
from crowdship.proof.custody import STEP_INTO, CustodyStep, Statement
from crowdship.proof.images import ImageStore
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.stops.service import advance, after_failure


def fail_by_hand(delivery_id: str, reason: FailureReason, actor: str, clock: Clock) -> Delivery:
    """End a delivery without a hand-over in its driver's stead.

    Raises
    ------
    Conflict
        If its state does not allow it, or it is a test, which is on nobody's route.
    """
    delivery = deliveries.get(delivery_id)
    _refuse_test(delivery)

    def prove(before: Delivery, now: datetime, _: Doubt | None, work: UnitOfWork) -> None:
        proofs.keep_step(before, Statement(step=CustodyStep.FAILED, actor=actor, at=now, reason=reason), work)

    return advance(
        delivery_id,
        delivery.driver,
        None,
        lambda delivery, now, _: delivery.fail_by_hand(reason, now, actor),
        after_failure,
        clock,
        prove=prove,
    )


def complete_by_hand(
    delivery_id: str,
    reason: CompletionReason,
    actor: str,
    images: ImageStore,
    clock: Clock,
    by: str | None = None,
) -> Delivery:
    """Complete a delivery in its driver's stead; the proof has what was captured, and the staff member's name.

    Parameters
    ----------
    by : str, optional
        The driver who brought goods that were to be transferred.
    """

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get(delivery_id)
        if before.state in (State.DELIVERED, State.RETURNED):
            return before
        _refuse_test(before)
        after = before.complete_by_hand(reason, now, actor, drivers.get(by).id if by else None)
        work = UnitOfWork()
        deliveries.keep(after, work)
        record = proofs.record_of(before, after.driver)
        if after.state is State.DELIVERED:
            record = record.vouch(actor, reason, proofs.arrived(record, before, images), now)
        proofs.keep(record, Statement(step=STEP_INTO[after.state], actor=actor, at=now, reason=reason), work)
        route = routing.of(before.driver, before.zone_id)
        dropped = route.without(delivery_id, now, ChangeReason.COMPLETED_BY_HAND, actor)
        routing.keep(dropped.noting_end(delivery_id, now), work)
        work.commit()
        return after

    return persistently(attempt)


def _refuse_test(delivery: Delivery) -> None:
    if not delivery.livemode:
        raise Conflict("test_delivery", f"{delivery.id} is a test; its script ends it, or cancel it.")
