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
from crowdship.proof.disposition import DispositionInput, is_final, refuse_unsaid
from crowdship.proof.images import ImageStore
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.stops.service import advance, after_failure


def fail_by_hand(
    delivery_id: str, reason: FailureReason, actor: str, clock: Clock, disposition: DispositionInput | None = None
) -> Delivery:
    """End a delivery without a hand-over in its driver's stead.

    Raises
    ------
    Conflict
        If its state does not allow it, or it is a test, which is on nobody's route.
    Unprocessable
        If it is not said what became of goods that don't go back and whose law wants it recorded.
    """
    delivery = deliveries.get(delivery_id)
    _refuse_test(delivery)

    def prove(before: Delivery, now: datetime, _: Doubt | None, work: UnitOfWork) -> None:
        if is_final(before, reason):
            refuse_unsaid(before, disposition)
        stated = Statement(step=CustodyStep.FAILED, actor=actor, at=now, reason=reason)
        proofs.keep_step(before, stated, work, disposition)

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
    disposition: DispositionInput | None = None,
) -> Delivery:
    """Complete a delivery in its driver's stead; the proof has what was captured, and the staff member's name.

    Parameters
    ----------
    by : str, optional
        The driver who brought goods that were to be transferred.
    disposition : DispositionInput, optional
        What became of goods that were on their way back.

    Raises
    ------
    Unprocessable
        If the goods come back, and it is not said what became of them although their law wants it recorded.
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
        else:
            refuse_unsaid(before, disposition)
            record = proofs.disposed(record, disposition, actor, now, work)
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
