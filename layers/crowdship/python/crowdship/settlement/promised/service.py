"""Use cases of extra pay: book what an event of a promise tells, and let staff take back what was not yet."""

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import Row, persistently
from crowdship.settlement import store
from crowdship.settlement.ledger import Posting
from crowdship.settlement.promised.model import PromisedPay
from crowdship.settlement.promised.store import PromisedRow


def book(posting: Posting) -> Posting | None:
    """Book the posting of an event of a promise once, without what staff have taken back before.

    Returns
    -------
    Posting or None
        As it was booked now or by an earlier call; None if staff had taken back all of it.
    """

    def attempt() -> Posting | None:
        if before := store.booked(posting.id):
            return before
        known = _of(posting)
        if posting.id in known.ignored:
            return None
        promise, left = known.told(posting)
        if left is not None:
            return store.book(left, PromisedRow.of(promise), tries=store.TRIES_TO_BOOK)
        store.write(PromisedRow.of(promise))
        logger.warning("extra_pay_taken_back_already", posting_id=posting.id, promise_id=known.id)
        metrics.add_metric("ExtraPayTakenBackAlready", MetricUnit.Count, 1)
        return None

    return persistently(attempt, store.TRIES)


def taking_back(posting: Posting) -> tuple[Row, ...]:
    """Return the rows to write with the reversal of a posting by staff; none if it is no promise's.

    Raises
    ------
    Conflict
        ``already_reversed``, if its promise's events have taken it back.
    """
    return (PromisedRow.of(_of(posting).taken_back(posting)),) if posting.promise_id else ()


def _of(posting: Posting) -> PromisedPay:
    return PromisedRow.load(str(posting.promise_id)) or PromisedPay(id=str(posting.promise_id))
