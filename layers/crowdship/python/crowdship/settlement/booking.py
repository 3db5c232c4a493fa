"""Booking: each cause is booked once, whether an event or the daily check brings it."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import batched

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import Row
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.kernel.events import DomainEvent
from crowdship.settlement import store
from crowdship.settlement.causes import posting_for
from crowdship.settlement.ledger import Posting
from crowdship.settlement.promised import service as promised


def post(event: DomainEvent) -> Posting | None:
    """Book what an event causes, once however often it comes; None if nothing is due or left, and for a test.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    posting = posting_for(event) if event.livemode else None
    if posting and posting.promise_id:
        return promised.book(posting)
    return store.book(posting) if posting else None


def book_missing(period: date, shards: Iterable[int] | None = None) -> int:
    """Book what deliveries that closed on a day owe and no event brought; return the number of postings.

    Parameters
    ----------
    shards : iterable of int, optional
        Shards of the day's postings; each goes with some shards of its deliveries. All if left out.

    The postings are those that the events would have caused, so an event that arrives later changes nothing.
    """
    made, parts = 0, len(store.shards_of(period))
    wanted = set(store.shards_of(period) if shards is None else shards)
    looked_in = [shard for shard in deliveries.SETTLING_SHARDS if shard % parts in wanted]
    for some in batched(deliveries.settling_on(period, looked_in), deliveries.READ_AT_ONCE, strict=False):
        due = (posting_for(event) for delivery in some for event in settling_events(delivery))
        postings = {posting.id: posting for posting in due if posting}
        for posting_id in sorted(store.not_booked(postings)):
            posting = store.book(postings[posting_id])
            logger.error("delivery_not_booked", delivery_id=posting.delivery_id, posting_id=posting.id)
            made += 1
    if made:
        metrics.add_metric("DeliveriesNotBooked", MetricUnit.Count, made)
    return made


def book(posting: Posting, *also: Row, without: Sequence[Row] = (), tries: int = store.TRIES_TO_BOOK) -> Posting:
    """Book a posting once, and write or delete rows that its cause was decided from in the same transaction.

    The caller reads these rows and decides again after a ``StaleWrite``, so more tries here would repeat a lost write.

    Returns
    -------
    Posting
        As it was booked now or by an earlier call; in the latter case no other row was written.

    Raises
    ------
    StaleWrite
        If somebody else changed one of the other rows; with one try also if the posting's period is closed.
    """
    return store.book(posting, *also, without=without, tries=tries)
