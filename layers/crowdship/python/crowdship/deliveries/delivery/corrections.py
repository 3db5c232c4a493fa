"""Corrections: a driver takes back the ending that they stated last, and makes the right step then."""

from datetime import datetime, timedelta

from crowdship.deliveries.delivery.record import DeliveryRecord
from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.states import State

CORRECTABLE_FOR = timedelta(minutes=15)
"""An ending can be taken back until this long after it was made."""


class Corrections(DeliveryRecord):
    """Changes by which an ending is taken back."""

    @property
    def ending(self) -> Step | None:
        """The step by which its present driver ended it, if nothing has followed; None if staff did, or it is open.

        Goods that go back after a failure have not ended, but the failure is the driver's ending all the same.
        """
        last = self.timeline[-1]
        if last.state is State.RETURNING and self.timeline[-2].state is State.FAILED:
            last = self.timeline[-2]
        is_ending = last.state in (State.DELIVERED, State.FAILED)
        return last if is_ending and last.actor == self.driver_id else None

    @property
    def obstacle(self) -> str | None:
        """What keeps its ending from being taken back, whenever that is asked; None if nothing does."""
        if self.ending is None:
            return f"It is {self.state}, and not by a step of its driver; ask staff to change that."
        if self.late_tips:
            return "It was tipped, and the tip is the driver's; ask staff to change it."
        if self.hold and self.hold.decision:
            return f"Its pay was held and is {self.hold.decision.verdict} by staff; ask them to change it."
        if self.redelivered_as:
            return f"Its merchant sent the goods again as {self.redelivered_as}; it stays as it is."
        return None

    @property
    def correctable_until(self) -> datetime | None:
        """The moment until which its driver can take the ending back; None if they can't."""
        ending = self.ending
        return ending.made_at + CORRECTABLE_FOR if ending and not self.obstacle else None
