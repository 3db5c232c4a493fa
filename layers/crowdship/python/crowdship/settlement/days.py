"""Days of the ledger for rooms that read whole ones: which are closed, and their postings."""

from collections.abc import Iterable, Iterator
from datetime import date

from crowdship.settlement import store
from crowdship.settlement.accounts import OwnerKind, owner_id, owner_kind
from crowdship.settlement.ledger import Posting
from crowdship.settlement.store import PostingRow, SettlementRow


def begun(days: Iterable[date]) -> dict[date, bool]:
    """Return, for those among some days whose settlement was begun, whether the day is closed."""
    known = SettlementRow.load_many(days)
    return {day: settlement.closed_at is not None for day, settlement in sorted(known.items())}


def postings_of(day: date) -> Iterator[Posting]:
    """Return the postings of a day, in no order; of a closed day they are all that it will ever have."""
    return PostingRow.of_period(day)


def drivers_of(posting_ids: Iterable[str]) -> dict[str, str]:
    """Return the driver of each posting, among some, that has entries of one."""
    found: dict[str, str] = {}
    for posting in store.booked_among(posting_ids):
        for owner in posting.owners:
            if owner_kind(owner) is OwnerKind.DRIVER:
                found[posting.id] = owner_id(owner)
    return found
