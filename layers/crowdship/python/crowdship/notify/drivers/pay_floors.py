"""The notice to a driver that pay was added, as law lets them earn more than a week's work came to.

Weeks are reckoned in the night after their grace, so the app shows it without a sound; it is the message of a
calculation, and a correction of the same week takes the place of one that was not delivered yet.
"""

from datetime import datetime, timedelta

from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Notice, PushForm

KEPT = timedelta(days=1)
"""A phone that was off for longer is not told of it; the app and the statement show it."""


def _is_due(event: DomainEvent, about: object, now: datetime) -> bool:
    return now - event.time <= KEPT


PAY_FLOOR_DUE: Notice[None] = Notice(
    name="pay_floor_due",
    event="pay_floor.due",
    audience=Audience.DRIVER,
    channels=(Channel.PUSH,),
    is_due=_is_due,
    push=PushForm(
        kind="pay_floor",
        fields=lambda event: {"id": event.data["calculation_id"], "amount": event.data["amount"]},
        until=lambda event: event.time + KEPT,
        topic=lambda event: event.subject,
    ),
)
