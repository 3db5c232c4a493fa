"""Steps as drivers state them: with both clocks and the place, and the doubt that their phone's positions leave."""

from datetime import datetime

from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.model import Delivery
from crowdship.kernel.geo import Point
from crowdship.proof.custody import CustodyStep, Statement
from crowdship.tracking.evidence.service import Witness


def statement(
    step: CustodyStep,
    delivery: Delivery,
    witnessed: Witness,
    position: Point | None,
    now: datetime,
    doubt: Doubt | None = None,
    reason: str | None = None,
) -> Statement:
    """Return a driver's step at the next stop of a delivery as it is noted in the chain of custody.

    Parameters
    ----------
    delivery : Delivery
        Before the step.
    """
    return Statement(
        step=step,
        actor=witnessed.driver_id,
        at=now,
        reason=reason,
        said_at=witnessed.said_at,
        made_at=delivery.dated(witnessed.device_at, now),
        position=position,
        stop=delivery.place_of_next_stop,
        doubt=doubt,
    )


def doubt_about(delivery: Delivery, witnessed: Witness, stated: Point | None, now: datetime) -> Doubt | None:
    """Return the reason to doubt that a delivery's driver is at its next stop, or None."""
    made_at = delivery.dated(witnessed.device_at, now) or now
    return witnessed.doubt(delivery.place_of_next_stop, stated, made_at)
