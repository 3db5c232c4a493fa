"""The delivery, put together from what each of those who change it may do.

Its fields are in ``delivery/record.py``; what may happen to it is in the other modules there, by who changes it.
"""

from typing import Any, Self

from crowdship.deliveries.delivery.assignment import Assignment
from crowdship.deliveries.delivery.driver_steps import DriverSteps
from crowdship.deliveries.delivery.endings import Endings
from crowdship.deliveries.delivery.merchant_changes import MerchantChanges
from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.states import State


class Delivery(Assignment, DriverSteps, Endings, MerchantChanges):
    """One pickup and one drop-off, from order to hand-over."""

    @classmethod
    def create(cls, actor: str, **fields: Any) -> Self:
        """Return a new delivery, with the event that announces it.

        Parameters
        ----------
        actor : str
            Who ordered it: a merchant's id, or the name of a source of orders.
        **fields
            Its fields, as in ``DeliveryRecord``.
        """
        delivery = cls(**fields)
        step = Step(state=State.CREATED, at=delivery.created_at, actor=actor)
        search_for = delivery.search_until - max(delivery.created_at, delivery.pickup_window.opens_at)
        delivery = delivery.with_changes(timeline=(step,), search_for=search_for)
        data = delivery.snapshot(actor=actor, reason=None, previous_state=None)
        return delivery.emitting("delivery.created", delivery.created_at, data)
