"""The consumers of events: webhooks to a merchant's endpoints, notices to people."""

from collections.abc import Callable, Sequence, Set
from datetime import datetime
from functools import partial
from typing import Any

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import RunningClock
from crowdship.adapters.observability import logger
from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.channels.once import OurRefusal, Recipient, send_once
from crowdship.notify.channels.pushes import push
from crowdship.notify.channels.senders import send_mail, send_sms
from crowdship.notify.customers import service as customers
from crowdship.notify.drivers import service as drivers
from crowdship.notify.merchants import service as merchants
from crowdship.notify.notices import Addressed, Audience, Notice, Texts
from crowdship.notify.queue import put_back
from crowdship.notify.reach.reports import EVENT_TAG, RECIPIENT_TAG
from crowdship.notify.reach.service import address_key, must_reach
from crowdship.notify.registry import notices_about
from crowdship.notify.sendings import InFlight, Result
from crowdship.notify.store import LastNoticeRow, SendingRow
from crowdship.notify.waiting import WaitingEvent, wait_after, waiting_event
from crowdship.notify.webhooks.announcing.model import announcement
from crowdship.notify.webhooks.announcing.service import announce
from crowdship.notify.webhooks.bodies import concerns_merchant, concerns_zone
from crowdship.notify.webhooks.delivery.service import enqueue_all

WALL = RunningClock()

ADDRESSED: dict[Audience, Callable[[Notice[Any], DomainEvent, Clock], Sequence[Addressed]]] = {
    Audience.CUSTOMER: customers.addressed,
    Audience.DRIVER: drivers.addressed,
    Audience.MERCHANT: merchants.addressed,
}
"""The use case of each audience: it returns the recipients of a notice, as far as they are to be told."""


PEOPLE = frozenset({Audience.CUSTOMER, Audience.MERCHANT})
"""The audiences of the queue of notices."""


class QuietNow(Exception):  # noqa: N818
    """A message waits for the end of its recipient's quiet hours."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"quiet hours until {until:%H:%M} UTC")
        self.until = until


def on_message(body: str, clock: Clock, wall: Clock = WALL) -> None:
    """Tell of an event that comes from the bus, or of what is left of one in the queue of notices.

    Raises
    ------
    pydantic.ValidationError
        If it is none of these. The message then ends in its dead-letter queue.
    ExceptionGroup
        If a channel failed.
    """
    if waited := waiting_event(body):
        again(waited, clock, wall)
    elif rest := announcement(body):
        announce(rest.announcing, wall, rest.after)
    else:
        on_event(event_of(body), clock, wall)


def on_event(event: DomainEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell the merchant's endpoints and the customer or the merchant concerned of an event, each once.

    An event of a zone goes to the endpoints of all merchants that may order there.

    What a provider refuses for a reason of ours, and what may wait in quiet hours, comes again by ``again``.

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
    elif concerns_zone(event):
        announce(event, wall)
    _tell_people(event, 0, clock, wall)


def again(waiting: WaitingEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell people of an event of which something waited; give up what nobody needs any more.

    Raises
    ------
    ExceptionGroup
        If a channel failed, as in ``on_event``.
    """
    event = waiting.waiting
    if clock.now() < waiting.until:
        put_back(waiting, clock)
        return
    _tell_people(event, waiting.tries, clock, wall)


def _tell_people(event: DomainEvent, tries: int, clock: Clock, wall: Clock) -> None:
    failures = _send_notices(event, PEOPLE, clock, wall)
    # If something else failed the queue brings all of it again; put back as well, it would come twice.
    _raise([failure for failure in failures if not isinstance(failure, OurRefusal | QuietNow)], event)
    refused = any(isinstance(failure, OurRefusal) for failure in failures)
    quiet = [failure.until for failure in failures if isinstance(failure, QuietNow)]
    if refused or quiet:
        tries += refused
        until = clock.now() + wait_after(tries) if refused else min(quiet)
        put_back(WaitingEvent(waiting=event, until=until, tries=tries), clock)


def tell_drivers(event: DomainEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell the drivers concerned of an event, each of their browsers once.

    Raises
    ------
    ExceptionGroup
        If a channel failed. What concerns a driver is worth little later, so it waits for nothing but the queue.
    """
    _raise(_send_notices(event, {Audience.DRIVER}, clock, wall), event)


def _raise(failures: list[Exception], event: DomainEvent) -> None:
    if failures:
        raise ExceptionGroup(f"{len(failures)} channels failed for {event.id}", failures)


def _send_notices(event: DomainEvent, audiences: Set[Audience], clock: Clock, wall: Clock) -> list[Exception]:
    failures: list[Exception] = []
    for notice in notices_about(event):
        if notice.audience in audiences:
            failures += _send_notice(notice, event, clock, wall)
    return failures


def _send_notice(notice: Notice[Any], event: DomainEvent, clock: Clock, wall: Clock) -> list[Exception]:
    """Send a notice over each of its channels; return what failed, as a channel that fails must not keep the others."""
    recipients = ADDRESSED[notice.audience](notice, event, clock)
    if not recipients:
        _give_up(notice, event, wall)
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


def _give_up(notice: Notice[Any], event: DomainEvent, wall: Clock) -> None:
    """Note that what waited of a notice is not sent any more, for those who look it up."""

    def attempt(name: str) -> None:
        sending = SendingRow.known(event.id, name)
        if sending and sending.overtaken() != sending:
            SendingRow.keep(sending.overtaken(), wall.now())

    for channel in notice.channels:
        persistently(partial(attempt, notice.recipient(channel)))


def _send_texts(notice: Notice[Any], event: DomainEvent, to: Addressed, clock: Clock, wall: Clock) -> list[Exception]:
    addresses = {channel: to.addresses[channel] for channel in notice.channels if to.addresses.get(channel)}
    if addresses and notice.may_wait and to.quiet_until:
        for channel in addresses:
            _note_waiting(event, notice.recipient(channel), channel, to.quiet_until, wall)
        return [QuietNow(to.quiet_until)]
    try:
        is_next = not addresses or not notice.quiet_for or _is_next(notice, event, to.recipient_id, clock, wall)
    except InFlight as failure:
        return [failure]
    if not is_next:
        logger.info("notice left out, another was sent lately", event_id=event.id, recipient=to.recipient_id)
        _give_up(notice, event, wall)
        return []
    failures: list[Exception] = []
    for channel, address in addresses.items():
        try:
            _send(notice, event, channel, address, to.texts, clock, wall)
        except Exception as error:
            failures.append(error)
    return failures


def _note_waiting(event: DomainEvent, name: str, channel: Channel, until: datetime, wall: Clock) -> None:
    def attempt() -> None:
        sending = SendingRow.load(event, name)
        if not sending.result and not sending.attempts:
            SendingRow.keep(sending.with_changes(channel=channel).waiting(until), wall.now())

    persistently(attempt)


def _send(
    notice: Notice[Any], event: DomainEvent, channel: Channel, address: str, texts: Texts, clock: Clock, wall: Clock
) -> None:
    name = notice.recipient(channel)
    key = address_key(channel, address)
    tags = {EVENT_TAG: event.id, RECIPIENT_TAG: name.replace("/", "-")}

    def send() -> None:
        must_reach(key, channel)
        if channel is Channel.SMS:
            send_sms(address, texts.sms(clock.now()))
        else:
            send_mail(address, texts.letter(clock.now()), tags)

    send_once(event, Recipient(name, channel, key), send, wall)


def _is_next(notice: Notice[Any], event: DomainEvent, recipient_id: str, clock: Clock, wall: Clock) -> bool:
    """Return whether a notice may follow the last one of its name to a recipient; if so, note it as the last one.

    Raises
    ------
    InFlight
        If the last one is being sent at this moment.
    """

    def attempt() -> bool:
        last = LastNoticeRow.load(recipient_id, notice.name)
        was_sent = last.event_id is None or last.event_id == event.id or _was_sent(notice, last.event_id, wall)
        this = last.replaced_by(event.id, clock.now(), notice.quiet_for, was_sent=was_sent)
        if this is not None and this != last:
            LastNoticeRow.keep(this, wall.now())
        return this is not None

    return persistently(attempt)


def _was_sent(notice: Notice[Any], event_id: str, wall: Clock) -> bool:
    known = [SendingRow.known(event_id, notice.recipient(channel)) for channel in notice.channels]
    sendings = [sending for sending in known if sending]
    if any(sending.result is Result.SENT for sending in sendings):
        return True
    for sending in sendings:
        sending.must_not_be_in_flight(wall.now())
    return False
