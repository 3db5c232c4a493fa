"""Notices to drivers, and until when each is worth sending."""

from datetime import datetime, timedelta
from typing import Any

from crowdship.deliveries.states import DISPATCH
from crowdship.dispatch.offers.model import Offer, OfferState
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Notice, PushForm, always
from crowdship.notify.push.messages import Urgency
from crowdship.routes.route import ChangeReason, Route
from crowdship.standing.case import Case

STALE_AFTER = timedelta(minutes=15)
"""A driver is told of a change within this time or by the app alone."""

MESSAGE_KEPT = timedelta(hours=4)
"""A phone that was off for longer is not told of a message that came meanwhile; the app shows it."""

QUIET_FOR = timedelta(minutes=10)
"""A dispatcher changes a route in several steps. One SMS leads to the app, which shows them all."""

DRIVER = "drv_"
NOT_STAFF = (DRIVER, "mer_")
"""Beginnings of the ids of drivers and merchants. Whoever else changes a route works on the staff."""


def is_open(event: DomainEvent, offer: Offer, now: datetime) -> bool:
    """Return whether an offer can still be answered."""
    return offer.state is OfferState.OPEN and now < offer.expires_at


def who_may_answer(event: DomainEvent, offer: Offer) -> tuple[str, ...]:
    """Return the drivers whom an offer asks and who have not refused it."""
    refused = {answer.driver_id for answer in offer.declines}
    return tuple(driver_id for driver_id in offer.asked if driver_id not in refused)


def who_still_sees(event: DomainEvent, offer: Offer) -> tuple[str, ...]:
    """Return the drivers on whose phones an ended offer may still stand: not the one who took it."""
    return tuple(driver_id for driver_id in who_may_answer(event, offer) if driver_id != offer.driver_id)


def had_rivals(event: DomainEvent) -> bool:
    """Return whether an offer asked more than one driver."""
    return len(event.data["candidates"]) > 1


def is_fresh(event: DomainEvent, about: object, now: datetime) -> bool:
    """Return whether an event is not old."""
    return now - event.time <= STALE_AFTER


def is_by_somebody_else(event: DomainEvent) -> bool:
    """Return whether a route was changed by anybody but its driver, whose app knows what it did."""
    return not event.data["by"].startswith(DRIVER)


def is_by_a_dispatcher(event: DomainEvent) -> bool:
    """Return whether a person on the staff changed the route, and not on the driver's word at a stop."""
    by, reason = event.data["by"], event.data["reason"]
    return by != DISPATCH and not by.startswith(NOT_STAFF) and reason != ChangeReason.COMPLETED_BY_HAND


def is_unconfirmed(event: DomainEvent, route: Route, now: datetime) -> bool:
    """Return whether the driver has not confirmed the plan of an event, which is not old."""
    return is_fresh(event, route, now) and route.confirmed_revision < event.data["revision"]


def is_to_a_driver(event: DomainEvent) -> bool:
    """Return whether a message went to a driver."""
    return event.data["to"] == "driver"


def is_recent(event: DomainEvent, about: object, now: datetime) -> bool:
    """Return whether a message is one that a phone still tells of."""
    return now - event.time <= MESSAGE_KEPT


def _offer_fields(event: DomainEvent) -> dict[str, Any]:
    data = event.data
    return {
        "id": data["offer_id"],
        "expires_at": data["expires_at"],
        "pay_total": data["pay"],
        "deliveries": len(data["delivery_ids"]),
    }


OFFER: Notice[Offer] = Notice(
    name="offer",
    event="offer.made",
    audience=Audience.DRIVER,
    channels=(Channel.PUSH,),
    is_due=is_open,
    told=who_may_answer,
    push=PushForm(
        kind="offer",
        fields=_offer_fields,
        until=lambda event: datetime.fromisoformat(event.data["expires_at"]),
        topic=lambda event: event.subject,
        urgency=Urgency.HIGH,
    ),
)

OFFER_GONE = PushForm(
    kind="offer_gone",
    fields=lambda event: {"id": event.data["offer_id"], "state": event.data["state"]},
    until=lambda event: event.time + STALE_AFTER,
    topic=lambda event: event.subject,
)
"""It has the offer's topic: a phone that was off is told nothing of an offer that came and went."""

OFFER_TAKEN, OFFER_WITHDRAWN, OFFER_EXPIRED = (
    Notice[Offer](
        name=f"offer_{state}",
        event=f"offer.{state}",
        audience=Audience.DRIVER,
        channels=(Channel.PUSH,),
        concerns=concerns,
        is_due=is_fresh,
        told=who_still_sees,
        push=OFFER_GONE,
    )
    for state, concerns in (
        (OfferState.ACCEPTED, had_rivals),
        (OfferState.WITHDRAWN, always),
        (OfferState.EXPIRED, always),
    )
)

ROUTE_CHANGED_SMS: Notice[Route] = Notice(
    name="route_changed",
    event="route.changed",
    audience=Audience.DRIVER,
    channels=(Channel.SMS,),
    concerns=is_by_a_dispatcher,
    is_due=is_unconfirmed,
    quiet_for=QUIET_FOR,
)

ROUTE_CHANGED: Notice[Route] = Notice(
    name="route_changed",
    event="route.changed",
    audience=Audience.DRIVER,
    channels=(Channel.PUSH,),
    concerns=is_by_somebody_else,
    is_due=is_unconfirmed,
    push=PushForm(
        kind="route_changed",
        fields=lambda event: {"id": event.data["driver_id"], "revision": event.data["revision"]},
        until=lambda event: event.time + STALE_AFTER,
        topic=lambda event: "route",
        urgency=Urgency.HIGH,
    ),
    instead=ROUTE_CHANGED_SMS,
)

STANDING_KEPT = timedelta(days=3)
"""A phone that was off for longer has the mail."""

STANDING: Notice[Case] = Notice(
    name="standing",
    event="standing.changed",
    audience=Audience.DRIVER,
    channels=(Channel.EMAIL, Channel.SMS),
)
"""Written notice of every change, with the reasons; it is due however late it is."""

STANDING_PUSH: Notice[Case] = Notice(
    name="standing_push",
    event="standing.changed",
    audience=Audience.DRIVER,
    channels=(Channel.PUSH,),
    push=PushForm(
        kind="standing",
        fields=lambda event: {"id": event.data["case_id"]},
        until=lambda event: event.time + STANDING_KEPT,
        topic=lambda event: "standing",
    ),
)

MESSAGE: Notice[None] = Notice(
    name="message",
    event="message.sent",
    audience=Audience.DRIVER,
    channels=(Channel.PUSH,),
    concerns=is_to_a_driver,
    is_due=is_recent,
    push=PushForm(
        kind="message",
        fields=lambda event: {"id": event.data["message_id"], "delivery_id": event.data["delivery_id"]},
        until=lambda event: event.time + MESSAGE_KEPT,
        topic=lambda event: event.data["delivery_id"] or "dispatcher",
    ),
)
