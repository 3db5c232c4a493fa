"""Notices to drivers about extra pay and blocks. The app shows all of it as well."""

from datetime import datetime, timedelta

from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Notice, PushForm

KEPT = timedelta(hours=12)
"""A phone that was off for longer is not told of extra pay."""


def _until(event: DomainEvent) -> datetime:
    ends_at = event.data.get("ends_at")
    return datetime.fromisoformat(ends_at) if event.type == "block.moved_up" and ends_at else event.time + KEPT


def _is_due(event: DomainEvent, about: object, now: datetime) -> bool:
    return now < _until(event)


def _pushed(name: str, event: str) -> Notice[None]:
    """Return the notice about an event, whose words the app finds for its name."""
    return Notice(
        name=name,
        event=event,
        audience=Audience.DRIVER,
        channels=(Channel.PUSH,),
        is_due=_is_due,
        push=PushForm(
            kind="extra_pay",
            fields=lambda event: {"id": event.subject, "what": name},
            until=_until,
            topic=lambda event: event.subject,
        ),
    )


EXTRA_PAY: tuple[Notice[None], ...] = (
    _pushed("extra_earned", "incentive.earned"),
    _pushed("extra_reversed", "incentive.reversed"),
    _pushed("extra_not_funded", "incentive.not_funded"),
    _pushed("block_moved_up", "block.moved_up"),
    _pushed("block_missed", "block.missed"),
    _pushed("block_guaranteed", "block.guaranteed"),
)
"""All notices about extra pay."""
