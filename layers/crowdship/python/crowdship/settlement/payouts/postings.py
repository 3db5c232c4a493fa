"""Postings of a payout: it leaves the driver's account, and comes back if the provider refuses it."""

from datetime import datetime

from crowdship.settlement.accounts import CASH, DRIVER_PAYABLE
from crowdship.settlement.ledger import PAID_OUT, RETURNED, Posting, PostingKind, entry, posting_id_for
from crowdship.settlement.payouts.model import Payout


def payout_posting(payout: Payout, now: datetime) -> Posting:
    """Return the posting that takes a payout out of the driver's payable before it is sent."""
    entries = (
        *entry(DRIVER_PAYABLE.of(payout.driver_id), payout.amount, PAID_OUT),
        *entry(CASH, -payout.amount, PAID_OUT),
    )
    return Posting.caused_by(payout.id, PostingKind.PAYOUT, now, entries, note=f"payout of {payout.period}")


def reversal_posting(payout: Payout, now: datetime) -> Posting:
    """Return the posting that gives a refused payout back to the driver, due in the period it is booked in."""
    entries = (
        *entry(CASH, payout.amount, RETURNED),
        *entry(DRIVER_PAYABLE.of(payout.driver_id), -payout.amount, RETURNED),
    )
    cause, note = posting_id_for(payout.id), f"payout of {payout.period} came back"
    return Posting.caused_by(cause, PostingKind.PAYOUT_REVERSAL, now, entries, note=note)
