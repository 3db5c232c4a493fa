"""API models of emergencies and messages."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field

from crowdship.contact.emergency import Emergency, EmergencyState
from crowdship.contact.message import Message, Party
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.vault.model import Person, Writing


class EmergencyView(Value):
    """An emergency as its driver sees it."""

    emergency_id: str
    raised_at: Moment
    state: EmergencyState
    handled_at: Moment | None

    @classmethod
    def of(cls, emergency: Emergency) -> Self:
        """Return the view of an emergency."""
        return cls(
            emergency_id=emergency.id,
            raised_at=emergency.raised_at,
            state=emergency.state,
            handled_at=emergency.handled_at,
        )


class EmergencyLine(EmergencyView):
    """An emergency as staff see it, with what they need to help; null is what was not sent or was erased."""

    driver_id: str
    driver_name: str | None
    driver_phone: str | None
    zone_id: str
    position: Point | None = Field(description="Where the phone said it was at the press")
    note: str | None
    handled_by: str | None
    handling_note: str | None

    @classmethod
    def of_line(cls, emergency: Emergency, person: Person | None, texts: Mapping[str, Writing]) -> Self:
        """Return the view of an emergency, with its driver as a person and texts by their tokens."""
        note, handling = texts.get(emergency.note_token), texts.get(emergency.handling_token)
        return cls(
            **EmergencyView.of(emergency).model_dump(),
            driver_id=emergency.driver_id,
            driver_name=person.name if person else None,
            driver_phone=person.phone if person else None,
            zone_id=emergency.zone_id,
            position=emergency.position,
            note=note.text if note else None,
            handled_by=emergency.handled_by,
            handling_note=handling.text if handling else None,
        )


class Emergencies(Value):
    """A driver's open emergencies."""

    emergencies: tuple[EmergencyView, ...]


class OpenEmergencies(Value):
    """The open emergencies of all zones, the oldest first."""

    emergencies: tuple[EmergencyLine, ...]


class MessageView(Value):
    """A message; ``read_at`` is null until the other party says that it was read."""

    message_id: str
    at: Moment
    sender: Party
    text: str
    read_at: Moment | None

    @classmethod
    def of(cls, message: Message, text: str) -> Self:
        """Return the view of a message with its text."""
        return cls(
            message_id=message.message_id,
            at=message.at,
            sender=message.sender,
            text=text,
            read_at=message.read_at,
        )


class MessagePage(Value):
    """A page of messages, the oldest first.

    Parameters
    ----------
    next_after : str or None
        The ``after`` of the next page; null if this is the last.
    unread : int
        Number of messages of the whole thread that the caller has not read.
    """

    messages: tuple[MessageView, ...]
    next_after: str | None
    unread: int


class UnreadDriver(Value):
    """A driver whose messages staff have not read."""

    driver_id: str
    count: int
    since: Moment


class UnreadDrivers(Value):
    """Drivers whose messages staff have not read, the longest waiting first."""

    drivers: tuple[UnreadDriver, ...]
