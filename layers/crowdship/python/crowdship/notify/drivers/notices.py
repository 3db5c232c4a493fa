"""Notices to drivers, and until when each is worth sending."""

from datetime import datetime, timedelta

from crowdship.deliveries.states import DISPATCH
from crowdship.kernel.events import DomainEvent
from crowdship.notify.notices import Audience, Channel, Notice
from crowdship.routes.route import ChangeReason, Route

STALE_AFTER = timedelta(minutes=15)
"""A driver is told of a change within this time or by the app alone."""

QUIET_FOR = timedelta(minutes=10)
"""A dispatcher changes a route in several steps. One SMS leads to the app, which shows them all."""

NOT_STAFF = ("drv_", "mer_")
"""Beginnings of the ids of drivers and merchants. Whoever else changes a route works on the staff."""


def is_by_a_dispatcher(event: DomainEvent) -> bool:
    """Return whether a person on the staff changed the route, and not on the driver's word at a stop."""
    by, reason = event.data["by"], event.data["reason"]
    return by != DISPATCH and not by.startswith(NOT_STAFF) and reason != ChangeReason.COMPLETED_BY_HAND


def is_unconfirmed(event: DomainEvent, route: Route, now: datetime) -> bool:
    """Return whether the driver has not confirmed the plan of an event, which is not old."""
    return now - event.time <= STALE_AFTER and route.confirmed_revision < event.data["revision"]


ROUTE_CHANGED: Notice[Route] = Notice(
    name="route_changed",
    event="route.changed",
    audience=Audience.DRIVER,
    channels=(Channel.SMS,),
    concerns=is_by_a_dispatcher,
    is_due=is_unconfirmed,
    quiet_for=QUIET_FOR,
)
