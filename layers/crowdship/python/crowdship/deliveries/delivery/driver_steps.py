"""A driver's steps: depart, arrive, pick up, approach, deliver, return."""

from datetime import timedelta
from typing import Self

from crowdship.deliveries.delivery.record import DeliveryRecord
from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.states import (
    ARRIVED_AT,
    HEADING_FOR,
    WITH_DRIVER,
    State,
)
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.shipment.stop_kind import StopKind


class DriverSteps(DeliveryRecord):
    """Changes that the driver's app makes on the way and at the stops."""

    def depart(self, stop: StopKind, at: Moment, device_at: Moment | None = None) -> Self:
        """Leave for a stop; leaving for the return changes nothing, because the way back began with the failure."""
        if stop is StopKind.RETURN:
            return self._returning()
        return self._enter(HEADING_FOR[stop], at, self.driver, device_at=device_at)

    def arrive(self, stop: StopKind, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None) -> Self:
        """Reach the stop that the driver was heading for; reaching the shop on the way back changes nothing."""
        if stop is StopKind.RETURN:
            return self._returning()
        return self._enter(ARRIVED_AT[stop], at, self.driver, device_at=device_at, doubt=doubt)

    def _returning(self) -> Self:
        if self.state is not State.RETURNING:
            raise Conflict("wrong_state", f"The delivery is {self.state}; it has no goods to return.")
        return self

    def pick_up(self, at: Moment, device_at: Moment | None = None) -> Self:
        """Take the goods on board."""
        return self._enter(State.PICKED_UP, at, self.driver, device_at=device_at, transfer_point=None)

    def approach(self, at: Moment) -> Self:
        """Note that its driver is near the customer; the second time changes nothing."""
        if self.approaching_at or self.state is not State.EN_ROUTE_TO_DROPOFF:
            return self
        return self.with_changes(approaching_at=at)._noting("delivery.approaching", at, self.driver)

    def approach_pickup(self, at: Moment) -> Self:
        """Note that its driver is near the pickup; the second time changes nothing for the same driver."""
        if self.approaching_pickup_at or self.state is not State.EN_ROUTE_TO_PICKUP:
            return self
        return self.with_changes(approaching_pickup_at=at)._noting("delivery.approaching_pickup", at, self.driver)

    def expect(self, eta: Moment, at: Moment, threshold: timedelta) -> Self:
        """Set its expected arrival, if that differs from the announced one by the threshold or more."""
        if self.eta is None or self.state not in WITH_DRIVER or self.state is State.ARRIVED_AT_DROPOFF:
            return self
        if abs(eta - self.eta) < threshold:
            return self
        previous = self.model_dump(mode="json", include={"eta"})["eta"]
        return self.with_changes(eta=eta)._noting("delivery.eta_changed", at, "tracking", previous_eta=previous)

    def deliver(self, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None) -> Self:
        """Hand the goods over to the customer; the proof room checks before that the requirements are met."""
        return self._enter(State.DELIVERED, at, self.driver, device_at=device_at, doubt=doubt, eta=None)

    def lock_pin(self, at: Moment) -> Self:
        """Note that so many PINs were wrong that only staff can complete it."""
        return self.with_changes(pin_locked_at=at)._noting("delivery.pin_locked", at, self.driver)

    def return_goods(
        self, at: Moment, device_at: Moment | None = None, doubt: Doubt | None = None, disposition: str | None = None
    ) -> Self:
        """End the way back: the goods are where they were picked up, or became what the disposition says."""
        return self._enter(State.RETURNED, at, self.driver, reason=disposition, device_at=device_at, doubt=doubt)
