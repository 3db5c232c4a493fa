"""Notices to drivers about their documents: by mail, and by push or an SMS where no push works."""

from datetime import date, datetime, timedelta
from typing import Any

from crowdship.drivers.model import Driver
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Notice, PushForm

KEPT = timedelta(days=1)
"""A driver is told of a document within this time or by the app alone."""


def last_days(driver: Driver) -> dict[str, date | None]:
    """Return the last day of each document and credential of a driver."""
    credentials = {one.name: one.valid_until for one in driver.credentials}
    return {**credentials, **{str(one.kind): one.valid_until for one in driver.documents}}


def is_unrenewed(event: DomainEvent, driver: Driver, now: datetime) -> bool:
    """Return whether none of the papers of an event was renewed since, so that the driver is told what holds."""
    known = last_days(driver)
    same = all(known.get(paper["name"]) == date.fromisoformat(paper["valid_until"]) for paper in event.data["papers"])
    return same and is_recent(event, driver, now)


def is_recent(event: DomainEvent, driver: Driver, now: datetime) -> bool:
    """Return whether an event is worth telling."""
    return now - event.time <= KEPT


def _notice(name: str, event: str, due: Any, *channels: Channel, **more: Any) -> Notice[Driver]:
    return Notice(name=name, event=event, audience=Audience.DRIVER, channels=channels, is_due=due, **more)


def _pushed(name: str, event: str, due: Any, *, by_sms: bool) -> Notice[Driver]:
    """Return the notice that is pushed; who gets no push is sent an SMS if it says so."""
    push = PushForm(
        kind="documents",
        fields=lambda event: {"id": event.data["driver_id"], "what": name},
        until=lambda event: event.time + KEPT,
        topic=lambda event: name,
    )
    instead = _notice(name, event, due, Channel.SMS) if by_sms else None
    return _notice(name, event, due, Channel.PUSH, push=push, instead=instead)


DOCUMENTS_EXPIRING = _pushed("documents_expiring", "driver.documents_expiring", is_unrenewed, by_sms=True)
DOCUMENTS_EXPIRING_MAIL = _notice("documents_expiring_mail", "driver.documents_expiring", is_unrenewed, Channel.EMAIL)
DOCUMENTS_EXPIRED = _pushed("documents_expired", "driver.documents_expired", is_unrenewed, by_sms=True)
DOCUMENTS_EXPIRED_MAIL = _notice("documents_expired_mail", "driver.documents_expired", is_unrenewed, Channel.EMAIL)
WORK_RESUMED = _pushed("work_resumed", "driver.work_resumed", is_recent, by_sms=True)
DOCUMENT_REFUSED = _pushed("document_refused", "document.refused", is_recent, by_sms=False)
DOCUMENT_APPROVED = _pushed("document_approved", "document.approved", is_recent, by_sms=False)

PAPERS = (
    DOCUMENTS_EXPIRING,
    DOCUMENTS_EXPIRING_MAIL,
    DOCUMENTS_EXPIRED,
    DOCUMENTS_EXPIRED_MAIL,
    WORK_RESUMED,
    DOCUMENT_REFUSED,
    DOCUMENT_APPROVED,
)
"""All of them."""
