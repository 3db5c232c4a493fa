"""Use cases of messages: send, list, mark as read; a driver with the dispatchers, or with a customer."""

from datetime import datetime
from itertools import islice, takewhile

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.contact.emergencies import KEPT
from crowdship.contact.message import Message, MessageInput, Party, Thread
from crowdship.contact.store import (
    MESSAGES,
    EmergencyRow,
    MessageIdRow,
    MessageRow,
    ThreadRow,
    WroteRow,
    messages_after,
)
from crowdship.contact.times import may_contact, refuse_contact
from crowdship.contact.views import MessagePage, MessageView, UnreadDriver, UnreadDrivers
from crowdship.deliveries import service as deliveries
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.vault import service as vault
from crowdship.vault.model import Writing

AT_ONCE = 50
"""Messages of a page, and messages that are marked as read by one write."""


def with_staff(driver_id: str) -> Thread:
    """Return the thread of a driver with the dispatchers.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    drivers.get(driver_id)
    return ThreadRow.load(driver_id) or Thread.with_staff(driver_id)


def of_customer(delivery_id: str, clock: Clock, *, writes: bool = False) -> Thread:
    """Return the thread of a delivery for its customer, who may read it as long as the link opens.

    Raises
    ------
    Conflict
        If they want to write, and it is too early or too late.
    """
    delivery = deliveries.get(delivery_id)
    if writes:
        refuse_contact(delivery, clock.now())
        vault.contacts(delivery.contacts_token)  # a customer who was erased is not stored again
    thread = ThreadRow.load(delivery_id) or Thread.with_customer(delivery_id, delivery.driver_id or "")
    # Another driver may have taken the goods over since the last message.
    return thread.with_changes(driver_id=delivery.driver_id) if delivery.driver_id else thread


def of_driver(delivery_id: str, driver_id: str, clock: Clock, *, writes: bool = False) -> Thread:
    """Return the thread of a delivery for its driver; empty while the two may not reach each other.

    Raises
    ------
    NotFound
        If the delivery is another driver's.
    Conflict
        If they want to write, and it is too early or too late.
    """
    delivery, now = deliveries.get_of_driver(delivery_id, driver_id), clock.now()
    if writes:
        refuse_contact(delivery, now)
        vault.contacts(delivery.contacts_token)  # nobody writes to a customer who was erased
    empty = Thread.with_customer(delivery_id, driver_id)
    if not may_contact(delivery, now):
        return empty
    known = ThreadRow.load(delivery_id)
    return known.with_changes(driver_id=driver_id) if known else empty


def send(thread: Thread, sender: Party, asked: MessageInput, clock: Clock, wall: Clock) -> MessageView:
    """Send a message to the other party; the same id again is the same message.

    Whoever writes has read what came before.

    Raises
    ------
    Conflict
        If the other party used the id.
    """
    number = MessageIdRow.lookup(thread.id, asked.message_id)
    if number is None and thread.last_at:
        mark_read(thread, sender, thread.last_at, clock, wall)
    driver_id, until = thread.driver_id, wall.now() + KEPT

    def attempt() -> Message:
        number = MessageIdRow.lookup(thread.id, asked.message_id)
        known = MessageRow.load(thread.id, number) if number is not None else None
        if known:
            return known.repeated_by(sender)
        before = ThreadRow.load(thread.id) or thread
        longer, message = before.after(sender, asked.message_id, driver_id, clock.now())
        work = UnitOfWork()
        work.store(ThreadRow.lasting(longer, until))
        work.store(MessageRow.of(message, until))
        MessageIdRow.claim(message, until, work)
        if longer.delivery_id and sender is Party.DRIVER:
            WroteRow.note(message, until, work)
        if longer.delivery_id:
            vault.must_be_there(deliveries.get(longer.delivery_id).contacts_token, work)
        vault.keep(Writing(id=message.token, text=asked.text), work, until)
        work.commit()
        return message

    message = persistently(attempt)
    kept = vault.writings([message.token]).get(message.token)
    return MessageView.of(message, kept.text if kept else "")


def page(thread: Thread, reader: Party, after: str | None) -> MessagePage:
    """Return a page of a thread after a message, without messages that were erased.

    Raises
    ------
    Unprocessable
        If the thread has no such message.
    """
    number = MessageIdRow.lookup(thread.id, after.lower()) if after else 0
    if number is None:
        detail = f"There is no message {after} here; leave it out for the first page."
        raise Unprocessable("no_such_message", detail, "/query/after")
    some = MessageRow.after(thread.id, number, AT_ONCE + 1) if thread.length else []
    shown = some[:AT_ONCE]
    texts = vault.writings(message.token for message in shown)
    return MessagePage(
        messages=tuple(
            MessageView.of(message, texts[message.token].text) for message in shown if message.token in texts
        ),
        next_after=shown[-1].message_id if len(some) > AT_ONCE else None,
        unread=thread.unread_by(reader),
    )


def mark_read(thread: Thread, reader: Party, until: datetime, clock: Clock, wall: Clock) -> None:
    """Mark the messages to a party as read, up to a moment; those that are marked already stay so."""
    while persistently(lambda: _mark_some(thread.id, reader, until, clock, wall)):
        pass


def _mark_some(thread_id: str, reader: Party, until: datetime, clock: Clock, wall: Clock) -> bool:
    """Mark as many as one write holds; return whether there may be more."""
    thread = ThreadRow.load(thread_id)
    if thread is None or not thread.unread_by(reader):
        return False
    following = takewhile(lambda one: one.at <= until, messages_after(thread_id, thread.read.get(reader, 0)))
    seen = list(islice(following, AT_ONCE))
    if not seen:
        return False
    left = next((one for one in messages_after(thread_id, seen[-1].number) if one.sender is not reader), None)
    changed, marked = thread.after_reading(reader, seen, left, clock.now())
    work, kept = UnitOfWork(), wall.now() + KEPT
    work.store(ThreadRow.lasting(changed, kept))
    for message in marked:
        work.store(MessageRow.of(message, kept))
    work.commit()
    return len(seen) == AT_ONCE


def unread_from_drivers() -> UnreadDrivers:
    """Return the drivers whose messages staff have not read, the longest waiting first."""
    waiting = [thread for thread in ThreadRow.load_many(EmergencyRow.waiting_ids(MESSAGES)) if thread.waits_since]
    lines = (
        UnreadDriver(driver_id=thread.driver_id, count=thread.unread_by(Party.STAFF), since=thread.waits_since)
        for thread in waiting
        if thread.waits_since
    )
    return UnreadDrivers(drivers=tuple(sorted(lines, key=lambda line: (line.since, line.driver_id))))


def unread_by_customer(delivery_id: str) -> int:
    """Return how many messages of the driver a customer has not read."""
    thread = ThreadRow.load(delivery_id, consistent=False)
    return thread.unread_by(Party.CUSTOMER) if thread else 0


def ids_of_events_to_customer(delivery_id: str) -> list[str]:
    """Return the ids of the events of a driver's messages to the customer of a delivery, in order."""
    written = (message for message in messages_after(delivery_id) if message.sender is Party.DRIVER)
    return [event_id for message in written for event_id in message.event_ids]


def written_with(driver_id: str) -> list[MessageView]:
    """Return what is kept of a driver's thread with the dispatchers, and of what the driver wrote to customers."""
    threads = {driver_id: None, **dict.fromkeys(WroteRow.thread_ids(driver_id))}
    found = [
        message
        for thread_id in threads
        for message in messages_after(thread_id)
        if thread_id == driver_id or (message.sender is Party.DRIVER and message.driver_id == driver_id)
    ]
    texts = vault.writings(message.token for message in found)
    return [MessageView.of(message, texts[message.token].text) for message in found if message.token in texts]


def erase(thread_id: str) -> None:
    """Erase the texts of a thread; that there were messages, and when, stays until it expires."""
    for message in messages_after(thread_id):
        vault.erase(message.token)


def erase_of_driver(driver_id: str) -> None:
    """Erase all texts of a driver's thread with the dispatchers, and what the driver wrote to customers."""
    erase(driver_id)
    for thread_id in WroteRow.thread_ids(driver_id):
        for message in messages_after(thread_id):
            if message.sender is Party.DRIVER and message.driver_id == driver_id:
                vault.erase(message.token)
