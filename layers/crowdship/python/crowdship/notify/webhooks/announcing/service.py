"""Events of a zone for the merchants that may order there, page by page."""

from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.notify.queue import go_on
from crowdship.notify.webhooks.announcing.model import Announcement
from crowdship.notify.webhooks.bodies import addressed_to
from crowdship.notify.webhooks.delivery.service import enqueue_all

PAGE = 50
"""Merchants that one message looks at: some two seconds of work, where the function has thirty for ten messages."""


def announce(event: DomainEvent, wall: Clock, after: str | None = None) -> None:
    """Log a zone's event for a page of its merchants, enqueue their webhooks, and put the rest on the queue of notices.

    The rest is enqueued when the page is done: a page that fails comes again, and those after it are not begun twice by
    each of its tries. A page that comes twice finds its merchants' events logged and their attempts made.
    """
    told, further = merchants.page_in_zone(event.data["zone_id"], after, PAGE)
    for merchant in told:
        enqueue_all(addressed_to(event, merchant.id), wall)
    if further:
        go_on(Announcement(announcing=event, after=further))
