"""Corrections: a driver takes back the ending that they stated last, and makes the right step then."""

from datetime import datetime, timedelta
from typing import Self

from crowdship.deliveries.delivery.record import ENDINGS, TAKEN_BACK, DeliveryRecord
from crowdship.deliveries.delivery.values import Correction, Step
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import ON_BOARD, CorrectionReason, State
from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict
from crowdship.shipment.stop_kind import StopKind

CORRECTABLE_FOR = timedelta(minutes=15)
"""An ending can be taken back until this long after it was made."""

MOST_CORRECTIONS = 3
"""Corrections of a delivery by its drivers; each tells its customer and its merchant."""


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
        return last if last.state in ENDINGS and last.actor == self.driver_id else None

    @property
    def obstacle(self) -> str | None:
        """The reason why its ending can't be taken back, at any time; None if there is none."""
        if self.ending is None:
            return f"It is {self.state}, and not by a step of its driver; ask staff to change that."
        if len(self.corrections) >= MOST_CORRECTIONS:
            return f"It was corrected {MOST_CORRECTIONS} times; ask staff to change it."
        if self.late_tips:
            return "It was tipped, and the tip is the driver's; ask staff to change it."
        if self.hold and self.hold.decision:
            return f"Its pay was held and is {self.hold.decision.verdict} by staff; ask them to change it."
        if self.erasure and self.erasure.begun_at:
            return "The data of its customer is erased, so nobody can go to its stop any more."
        if self.redelivered_as:
            return f"Its merchant sent the goods again as {self.redelivered_as}; it stays as it is."
        return None

    @property
    def correctable_until(self) -> datetime | None:
        """The moment until which its driver can take the ending back; None if they can't."""
        ending = self.ending
        return ending.made_at + CORRECTABLE_FOR if ending and not self.obstacle else None

    @property
    def stop_of_ending(self) -> StopKind:
        """The stop at which its driver ended it."""
        return StopKind.DROPOFF if self._before_ending in ON_BOARD else StopKind.PICKUP

    @property
    def _before_ending(self) -> State:
        return next(step.state for step in reversed(self.timeline) if step.state not in TAKEN_BACK)

    def stated(self, said_at: Moment | None) -> Self:
        """Return it with the time of its ending by the phone's clock, by which a copy of it is recognised."""
        return self.with_changes(said_at=said_at)

    def is_taken_back(self, said_at: Moment | None) -> bool:
        """Return whether a driver's step is a late copy of an ending that was taken back since."""
        return said_at is not None and any(each.ending_said_at == said_at for each in self.corrections)

    def is_corrected(self, said_at: Moment | None) -> bool:
        """Return whether a driver's correction is a copy of one that was made."""
        return said_at is not None and any(each.said_at == said_at for each in self.corrections)

    def has_taken_back(self, sequence: int) -> bool:
        """Return whether the ending that an event with a sequence told was taken back."""
        return any(each.ending_sequence == sequence for each in self.corrections)

    def correct(
        self,
        reason: CorrectionReason,
        at: Moment,
        device_at: Moment | None = None,
        said_at: Moment | None = None,
        eta: Moment | None = None,
    ) -> Self:
        """Take back its driver's ending: they are at the stop again, where they make the right step.

        Parameters
        ----------
        said_at : datetime, optional
            The time of the correction by the phone's clock, unchecked.

        Raises
        ------
        Conflict
            ``too_late_to_correct``, or ``not_correctable`` if more rests on the ending than the driver's word.
        """
        ending, until = self.ending, self.correctable_until
        if ending is None or until is None:
            raise Conflict("not_correctable", self.obstacle or "")
        if (self.dated(device_at, at) or at) > until:
            detail = f"It was {ending.state} at {written(ending.made_at)}; that could be taken back until"
            raise Conflict("too_late_to_correct", f"{detail} {written(until)}. Ask staff to change it.")
        before = self._before_ending
        reverses = None if self.hold else outcome(before, ending.state, ending.reason, self.undeliverable)
        correction = Correction(
            reason=reason,
            at=at,
            actor=self.driver,
            ending=ending,
            previous_state=before,
            hold=self.hold,
            price=self.price,
            reverses=reverses,
            ending_sequence=self.sequence - (1 if self.state is State.RETURNING else 0),
            sequence=self.sequence + 1,
            ending_said_at=self.said_at,
            said_at=said_at,
        )
        sound = {state: doubt for state, doubt in self.doubts.items() if state not in ENDINGS}
        return self.with_changes(doubts=sound, said_at=None)._enter(
            State.ARRIVED_AT_DROPOFF if self.stop_of_ending is StopKind.DROPOFF else State.ARRIVED_AT_PICKUP,
            at,
            self.driver,
            reason=reason,
            device_at=device_at,
            event="delivery.corrected",
            extra=told_of(correction),
            corrects=ending.state,
            eta=eta,
            corrections=(*self.corrections, correction),
        )


def told_of(correction: Correction) -> dict[str, object]:
    """Return what the event of a correction tells besides the delivery."""
    ending = correction.ending
    corrects = {
        "state": str(ending.state),
        "previous_state": str(correction.previous_state),
        "reason": ending.reason,
        "at": ending.model_dump(mode="json")["at"],
    }
    return {"corrects": corrects, "reverses": correction.reverses and str(correction.reverses)}
