"""The notice to drivers on duty that a surge has started in their zone. Offers show its part of the pay anyway."""

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Notice, PushForm

QUIET_FROM, QUIET_UNTIL = time(22), time(7)
"""Local times between which no phone rings for a surge."""


class Crew(NamedTuple):
    """The drivers on duty in a zone, and the zone's time zone."""

    time_zone: str
    driver_ids: tuple[str, ...]


def _starts(event: DomainEvent) -> bool:
    """Return whether a surge starts; a change of one that holds is told to nobody."""
    return bool(event.data["percent_before"] == 100 < event.data["percent"])


def _until(event: DomainEvent) -> datetime:
    return datetime.fromisoformat(event.data["until"])


def _is_due(event: DomainEvent, crew: Crew, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(crew.time_zone)).time()
    return now < _until(event) and QUIET_UNTIL <= local < QUIET_FROM


SURGE_STARTED: Notice[Crew] = Notice(
    name="surge_started",
    event="surge.changed",
    audience=Audience.DRIVER,
    channels=(Channel.PUSH,),
    concerns=_starts,
    is_due=_is_due,
    told=lambda event, crew: crew.driver_ids,
    push=PushForm(
        kind="surge",
        fields=lambda event: {"id": event.subject, "percent": event.data["percent"], "until": event.data["until"]},
        until=_until,
        topic=lambda event: event.subject,
    ),
)
