"""Booking: each cause is booked once, whether an event, staff or the daily check brings it."""

from datetime import date
from itertools import batched

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.settlement import store
from crowdship.settlement.causes import Adjustment
from crowdship.settlement.ledger import Posting
from crowdship.settlement.postings import adjustment_posting, posting_for


def post(event: DomainEvent) -> Posting | None:
    """Book what an event causes, once however often it comes; None if nothing is due, and for a test.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    posting = posting_for(event) if event.livemode else None
    return store.book(posting) if posting else None


def adjust(reference: str, driver_id: str, amount: Money, note: str, clock: Clock, *, by: str) -> Posting:
    """Adjust what a driver is due, once per ``reference``.

    Parameters
    ----------
    amount : Money
        Above zero is more for the driver, below zero less.
    note : str
        The driver reads it.
    by : str
        Sign-in name of the person who asks.

    Raises
    ------
    NotFound
        If there is no such driver.
    Conflict
        If the reference was used for another adjustment.
    """
    drivers.get(driver_id)
    adjustment = Adjustment(
        reference=reference, driver_id=driver_id, amount=amount, note=note, time=clock.now(), booked_by=by
    )
    asked = adjustment_posting(adjustment)
    booked = store.book(asked)
    if (booked.entries, booked.note) != (asked.entries, asked.note):
        detail = f"{reference} was another adjustment, of {booked.period}; give this one a reference of its own."
        raise Conflict("reference_used", detail, "/reference")
    return booked


def book_missing(period: date) -> int:
    """Book what deliveries that closed on a day owe and no event brought; return the number of postings.

    The postings are those that the events would have caused, so an event that arrives later changes nothing.
    """
    made = 0
    for some in batched(deliveries.settling_on(period), deliveries.READ_AT_ONCE, strict=False):
        due = (posting_for(event) for delivery in some for event in settling_events(delivery))
        postings = {posting.id: posting for posting in due if posting}
        for posting_id in sorted(store.not_booked(postings)):
            posting = store.book(postings[posting_id])
            logger.error("delivery_not_booked", delivery_id=posting.delivery_id, posting_id=posting.id)
            made += 1
    if made:
        metrics.add_metric("DeliveriesNotBooked", MetricUnit.Count, made)
    return made
