"""Adjustments by staff of what a driver is due; a request causes them, not an event."""

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, FEES
from crowdship.settlement.ledger import ADJUSTED, Posting, PostingKind, entry


class Adjustment(Value):
    """Change by staff of what a driver is due.

    Parameters
    ----------
    reference : str
        Name of the adjustment; one name is booked once.
    amount : Money
        Above zero is more for the driver, below zero less.
    note : str
        The driver reads it.
    booked_by : str
        Sign-in name of the person who asked for it.
    """

    reference: str
    driver_id: str
    amount: Money
    note: str
    time: Moment
    booked_by: str


def adjustment_cause(reference: str) -> str:
    """Return the cause of the one adjustment with a reference."""
    # A reference is free text; without the prefix it could equal the id of an event.
    return f"adjustment/{reference}"


def adjustment_posting(adjustment: Adjustment) -> Posting:
    """Return the posting of an adjustment: the driver's account changes, the platform bears the difference."""
    entries = (
        *entry(DRIVER_PAYABLE.of(adjustment.driver_id), -adjustment.amount, ADJUSTED),
        *entry(FEES, adjustment.amount, ADJUSTED),
    )
    cause = adjustment_cause(adjustment.reference)
    about = {"note": adjustment.note, "booked_by": adjustment.booked_by}
    return Posting.caused_by(cause, PostingKind.ADJUSTMENT, adjustment.time, entries, **about)
