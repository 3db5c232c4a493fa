"""The delivery, composed of the changes that each party may make.

Its fields are in ``delivery/record.py``; the other modules there hold the changes, one module per party.
"""

from typing import Any, Self

from crowdship.deliveries.delivery.assignment import Assignment
from crowdship.deliveries.delivery.corrections import Corrections
from crowdship.deliveries.delivery.driver_steps import DriverSteps
from crowdship.deliveries.delivery.endings import Endings
from crowdship.deliveries.delivery.merchant_changes import MerchantChanges
from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.states import State


class Delivery(Assignment, Corrections, DriverSteps, Endings, MerchantChanges):
    """One pickup and one drop-off, from order to hand-over."""

    @classmethod
    def create(cls, actor: str, **fields: Any) -> Self:
        """Return a new delivery, with the event that announces it.

        Parameters
        ----------
        actor : str
            The merchant's id, or the name of the source that ordered it.
        **fields
            Its fields, as in ``DeliveryRecord``.
        """
        delivery = cls(**fields)
        step = Step(state=State.CREATED, at=delivery.created_at, actor=actor)
        search_for = delivery.search_until - max(delivery.created_at, delivery.pickup_window.opens_at)
        delivery = delivery.with_changes(timeline=(step,), search_for=search_for)
        data = delivery.snapshot(actor=actor, reason=None, previous_state=None)
        return delivery.emitting("delivery.created", delivery.created_at, data)
