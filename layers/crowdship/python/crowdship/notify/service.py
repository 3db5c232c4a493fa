"""The consumers of events: webhooks to a merchant's endpoints, notices to people."""

from collections.abc import Callable, Sequence, Set
from typing import Any

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.observability import logger
from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channels.once import send_once
from crowdship.notify.channels.pushes import push
from crowdship.notify.channels.senders import send_mail, send_sms
from crowdship.notify.customers import service as customers
from crowdship.notify.drivers import service as drivers
from crowdship.notify.merchants import service as merchants
from crowdship.notify.notices import Addressed, Audience, Channel, Facts, Notice
from crowdship.notify.registry import notices_about
from crowdship.notify.store import LastNoticeRow
from crowdship.notify.texts import letter_for, sms_for
from crowdship.notify.webhooks.bodies import concerns_merchant
from crowdship.notify.webhooks.delivery.service import enqueue_all

WALL = RunningClock()

ADDRESSED: dict[Audience, Callable[[Notice[Any], DomainEvent, Clock], Sequence[Addressed]]] = {
    Audience.CUSTOMER: customers.addressed,
    Audience.DRIVER: drivers.addressed,
    Audience.MERCHANT: merchants.addressed,
}
"""The use case of each audience: it returns the recipients of a notice, as far as they are to be told."""


def on_event(event: DomainEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell the merchant's endpoints and the customer or the merchant concerned of an event, each once.

    Parameters
    ----------
    clock, wall : Clock
        Business time, for what is still worth telling; wall time, for what is about transport.

    Raises
    ------
    ExceptionGroup
        If a channel failed. The others were served, and if the event comes again they are left out.
    """
    if concerns_merchant(event):
        enqueue_all(event, wall)
    _send_notices(event, {Audience.CUSTOMER, Audience.MERCHANT}, clock, wall)


def tell_drivers(event: DomainEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell the drivers concerned of an event, each of their browsers once.

    Raises
    ------
    ExceptionGroup
        If a channel failed, as in ``on_event``.
    """
    _send_notices(event, {Audience.DRIVER}, clock, wall)


def _send_notices(event: DomainEvent, audiences: Set[Audience], clock: Clock, wall: Clock) -> None:
    failures: list[Exception] = []
    for notice in notices_about(event):
        if notice.audience in audiences:
            failures += _send_notice(notice, event, clock, wall)
    if failures:
        raise ExceptionGroup(f"{len(failures)} channels failed for {event.id}", failures)


def _send_notice(notice: Notice[Any], event: DomainEvent, clock: Clock, wall: Clock) -> list[Exception]:
    """Send a notice over each of its channels; return what failed, as a channel that fails must not keep the others."""
    recipients = ADDRESSED[notice.audience](notice, event, clock)
    failures = _push(notice, event, recipients, clock, wall) if notice.push else []
    for to in recipients:
        failures += _send_texts(notice, event, to, clock, wall)
    return failures


def _push(
    notice: Notice[Any], event: DomainEvent, recipients: Sequence[Addressed], clock: Clock, wall: Clock
) -> list[Exception]:
    """Push a notice to all its recipients, and send those whom it did not reach what goes to them instead."""
    if notice.push is None or not recipients:
        return []
    targets = [(to.recipient_id, browser) for to in recipients for browser in to.subscriptions]
    pushed = push(event, notice.push.message(event, clock), targets, wall)
    missed = {to.recipient_id for to in recipients} - pushed.reached
    if notice.instead and missed and notice.instead.is_about(event):
        return pushed.failures + _send_notice(notice.instead, event, clock, wall)
    return pushed.failures


def _send_texts(notice: Notice[Any], event: DomainEvent, to: Addressed, clock: Clock, wall: Clock) -> list[Exception]:
    addresses = {channel: to.addresses[channel] for channel in notice.channels if to.addresses.get(channel)}
    if addresses and notice.quiet_for and not _is_next(notice, event, to.recipient_id, clock, wall):
        logger.info("notice left out, another was sent lately", event_id=event.id, recipient=to.recipient_id)
        return []
    failures: list[Exception] = []
    for channel, address in addresses.items():
        try:
            _send(notice, event, channel, address, to.facts, clock, wall)
        except Exception as error:
            failures.append(error)
    return failures


def _send(
    notice: Notice[Any], event: DomainEvent, channel: Channel, address: str, facts: Facts, clock: Clock, wall: Clock
) -> None:
    by: dict[Channel, Callable[[], None]] = {
        Channel.SMS: lambda: send_sms(address, sms_for(notice, facts, clock.now())),
        Channel.EMAIL: lambda: send_mail(address, letter_for(notice, facts, clock.now())),
    }
    send_once(event, notice.recipient(channel), channel, by[channel], wall)


def _is_next(notice: Notice[Any], event: DomainEvent, recipient_id: str, clock: Clock, wall: Clock) -> bool:
    """Return whether a notice may follow the last one of its name to a recipient; if so, note it as the last one."""

    def attempt() -> bool:
        last = LastNoticeRow.load(recipient_id, notice.name)
        this = last.replaced_by(event.id, clock.now(), notice.quiet_for)
        if this is not None and this != last:
            LastNoticeRow.keep(this, wall.now())
        return this is not None

    return persistently(attempt)
