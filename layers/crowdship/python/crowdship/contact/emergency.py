"""An emergency of a driver: raised by one press, open until a member of staff has handled it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import WrapValidator

from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import StatedPlace, StatedTime
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import ClientId
from crowdship.vault.model import LONGEST_MESSAGE, MessageText, writing_token


class EmergencyState(StrEnum):
    """States of an emergency; the second is final."""

    OPEN = "open"
    HANDLED = "handled"


def _note(value: Any, _: Any) -> str | None:
    """Return a note from a phone, cut to what is kept; anything but a text counts as left out."""
    return value.strip()[:LONGEST_MESSAGE].strip() or None if isinstance(value, str) else None


class EmergencyInput(Value):
    """A press on the emergency button. Only the id can refuse it: anything else that can't be used is left out.

    Parameters
    ----------
    note : str or None
        A text of the driver, kept in the vault.
    device_at : datetime or None
        The time of the device's clock at the press, unchecked.
    """

    emergency_id: ClientId
    position: StatedPlace = None
    note: Annotated[str | None, WrapValidator(_note, json_schema_input_type=str | None)] = None
    device_at: StatedTime = None


class HandlingInput(Value):
    """The note of a member of staff on what was done about an emergency."""

    note: MessageText


class Emergency(Aggregate):
    """An emergency; its id is the one that the driver's app made, and texts about it are in the vault.

    Parameters
    ----------
    zone_id : str
        The zone in which the driver was on duty, or their home zone.
    """

    driver_id: str
    zone_id: str
    raised_at: Moment
    device_at: Moment | None = None
    position: Point | None = None
    state: EmergencyState = EmergencyState.OPEN
    handled_at: Moment | None = None
    handled_by: str | None = None

    @classmethod
    def raised(cls, asked: EmergencyInput, driver_id: str, zone_id: str, now: datetime) -> Self:
        """Return a new emergency, with its event."""
        emergency = cls(
            id=asked.emergency_id,
            driver_id=driver_id,
            zone_id=zone_id,
            raised_at=now,
            device_at=asked.device_at,
            position=asked.position,
        )
        return emergency.emitting("driver.emergency_raised", now, emergency._told())

    def handled(self, actor: str, now: datetime) -> Self:
        """Return the emergency after a member of staff has handled it, with its event.

        Raises
        ------
        Conflict
            If somebody else has handled it already.
        """
        if self.state is EmergencyState.HANDLED and self.handled_by == actor:
            return self
        if self.state is EmergencyState.HANDLED:
            detail = f"Emergency {self.id} was handled at {self.handled_at:%H:%M:%S} by {self.handled_by}."
            raise Conflict("handled_already", detail)
        changed = self.with_changes(state=EmergencyState.HANDLED, handled_at=now, handled_by=actor)
        return changed.emitting("driver.emergency_handled", now, {**self._told(), "actor": actor})

    def _told(self) -> dict[str, Any]:
        return {"emergency_id": self.id, "driver_id": self.driver_id, "zone_id": self.zone_id}

    @property
    def note_token(self) -> str:
        """The token of the driver's note."""
        return note_token(self.id)

    @property
    def handling_token(self) -> str:
        """The token of the note on how it was handled."""
        return handling_token(self.id)


def note_token(emergency_id: str) -> str:
    """Return the token of a driver's note on an emergency."""
    return writing_token("emergency", emergency_id)


def handling_token(emergency_id: str) -> str:
    """Return the token of the note on how an emergency was handled."""
    return writing_token("handling", emergency_id)
