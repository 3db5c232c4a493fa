"""The event log: a merchant's events in the order of arrival, read with a cursor."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from crowdship.adapters.storage import persistently
from crowdship.deliveries import service as deliveries
from crowdship.kernel import cursors
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone, Unprocessable
from crowdship.kernel.events import DomainEvent
from crowdship.notify.log_keys import KEPT, key_at
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.endpoints.filters import EVERYTHING, MERCHANT_EVENTS, wanted
from crowdship.notify.webhooks.event_log.model import EventSpan, Logged
from crowdship.notify.webhooks.event_log.store import EventRow

SETTLING = timedelta(seconds=10)
"""Age from which readers see an event.

An event's position is the moment at which its append began, by the clock of the machine that appended it. The append
has ended three seconds later (the store's timeouts), and clocks of machines differ by less than a second. So no event
can come to stand before one that a reader has seen.
"""

MOST_LOOKED_AT = 500
"""Rows that one request reads at most while it looks for events of some types."""

POSITION = re.compile(r"[0-9]{13}(#[0-9A-Za-z_]{1,40}(#[0-9]+)?)?")


def position_of(cursor: str) -> str:
    """Return the position in the event log that a cursor stands for; raise Unprocessable if it is no cursor of it."""
    return cursors.position_of(cursor, POSITION)


def append(event: DomainEvent, wall: Clock) -> WebhookMessage:
    """Append an event to its merchant's log, once; return it as merchants get it."""
    message = WebhookMessage.of(event)
    persistently(lambda: EventRow.append(event.data["merchant_id"], message, wall.now))
    return message


def _logged(row: EventRow) -> Logged:
    return Logged(position=row.sk, message=row.message)


def settled(wall: Clock) -> str:
    """Return the key before which no event is added any more."""
    return key_at(wall.now() - SETTLING)


def known_types(types: str | None) -> tuple[str, ...]:
    """Return the filters in a list with commas.

    Raises
    ------
    Unprocessable
        If one of them is unknown.
    """
    found = tuple(part.strip() for part in types.split(",")) if types else ()
    for part in found:
        if part not in EVERYTHING and part not in MERCHANT_EVENTS:
            there = ", ".join((*EVERYTHING, *sorted(MERCHANT_EVENTS)))
            detail = f"{part or 'nothing'} is no event type; there are {there}."
            raise Unprocessable("no_such_type", detail, "/query/types")
    return found


def read(
    merchant_id: str,
    wall: Clock,
    *,
    cursor: str | None = None,
    limit: int = 100,
    types: Sequence[str] = (),
    delivery_id: str | None = None,
) -> EventSpan:
    """Return a merchant's events after a cursor, in the order they arrived.

    Raises
    ------
    Gone
        If what followed the cursor is no longer kept.
    NotFound
        If the merchant has no such delivery.
    """
    oldest = key_at(wall.now() - KEPT)
    after = position_of(cursor) if cursor else oldest
    if after < oldest:
        detail = f"That cursor is older than {KEPT.days} days; read without one, from the oldest event that is kept."
        raise Gone("cursor_expired", detail, "/query/cursor")
    before = settled(wall)

    def matches(logged: Logged) -> bool:
        return not types or wanted(logged.message.type, types)

    if delivery_id is not None:
        delivery = deliveries.get_of_merchant(delivery_id, merchant_id)
        rows = [row for row in EventRow.of_events(merchant_id, delivery.event_ids) if after < row.sk < before]
        return _span([_logged(row) for row in rows], matches, limit, after, before, whole=True)
    asked = MOST_LOOKED_AT if types else limit
    found = [_logged(row) for row in EventRow.forward(merchant_id, after, before, asked)]
    return _span(found, matches, limit, after, before, whole=len(found) < asked)


def _span(
    found: Sequence[Logged], matches: Callable[[Logged], bool], limit: int, after: str, before: str, *, whole: bool
) -> EventSpan:
    told: list[Logged] = []
    for number, logged in enumerate(found):
        if matches(logged):
            told.append(logged)
        if len(told) == limit and (number + 1 < len(found) or not whole):
            return EventSpan(events=tuple(told), position=logged.position, more=True)
    if not whole:
        return EventSpan(events=tuple(told), position=found[-1].position, more=True)
    # Everything was read. The cursor moves on all the same, so that a quiet merchant's does not expire.
    return EventSpan(events=tuple(told), position=max(after, before), more=False)


def one(merchant_id: str, event_id: str) -> Logged | None:
    """Return an event of a merchant's log, or None."""
    return next((_logged(row) for row in EventRow.of_events(merchant_id, [event_id])), None)


def between(merchant_id: str, after: str, before: str, limit: int) -> list[Logged]:
    """Return up to ``limit`` events of the log between two positions."""
    return [_logged(row) for row in EventRow.forward(merchant_id, after, before, limit)]
