"""Reversals by staff of a posting as a whole; a request causes them, not an event."""

from datetime import datetime

from crowdship.kernel.errors import Conflict
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import OwnerKind, owner_id, owner_kind
from crowdship.settlement.ledger import (
    INVOICE_PAID,
    INVOICE_UNPAID,
    Phase,
    Posting,
    PostingKind,
    posting_id_for,
    reversed_entry,
)

REVERSIBLE = frozenset(
    {
        PostingKind.DELIVERY,
        PostingKind.TIP,
        PostingKind.ADJUSTMENT,
        PostingKind.QUEST,
        PostingKind.BATCH_BONUS,
        PostingKind.PEAK_BONUS,
        PostingKind.GUARANTEE,
        PostingKind.PAY_FLOOR,
        PostingKind.REFUND,
        PostingKind.CLAIM,
        PostingKind.CHARGEBACK,
    }
)
"""Kinds that staff may reverse. Payouts, holds, carried debts and what invoices book are ended by those who made them,
because something outside the ledger goes with them.
"""

_OF_INVOICES = frozenset({INVOICE_PAID, INVOICE_UNPAID})
"""Codes of entries that an invoice knows of; a payment that was charged back is booked as a chargeback, too."""


_PREFIX = "reversal/"


def reversal_cause(posting_id: str) -> str:
    """Return the cause of the one reversal of a posting."""
    return f"{_PREFIX}{posting_id}"


def reversal_id_for(posting_id: str) -> str:
    """Return the id of the one reversal of a posting."""
    return posting_id_for(reversal_cause(posting_id))


def reversed_id(posting: Posting) -> str | None:
    """Return the id of the posting that a reversal takes back; None if it is none."""
    return posting.cause.removeprefix(_PREFIX) if posting.kind is PostingKind.REVERSAL else None


def is_reversible(posting: Posting) -> bool:
    """Return whether staff may reverse a posting: one of these kinds that is posted and no invoice's."""
    of_invoice = any(entry.code in _OF_INVOICES for entry in posting.entries)
    return posting.phase is Phase.POSTED and posting.kind in REVERSIBLE and not of_invoice


def must_be_reversible(posting: Posting) -> None:
    """Refuse a posting that staff may not reverse.

    Raises
    ------
    Conflict
        ``not_reversible``.
    """
    if not is_reversible(posting):
        kinds = ", ".join(sorted(REVERSIBLE))
        what = f"{posting.id} is a {posting.phase} posting of kind {posting.kind}"
        which = "only posted ones of these kinds that no payment of an invoice caused can be reversed"
        raise Conflict("not_reversible", f"{what}; {which}: {kinds}.")


def driver_in(posting: Posting) -> str | None:
    """Return the driver on whose accounts a posting has entries, if it is exactly one."""
    ids = {owner_id(owner) for owner in posting.owners if owner_kind(owner) is OwnerKind.DRIVER}
    return ids.pop() if len(ids) == 1 else None


def moved_by(posting: Posting) -> Money:
    """Return the sum of a posting's debits, which its credits equal."""
    debits = (entry.amount for entry in posting.entries if entry.signed > 0)
    return Money.total(debits, posting.currency)


def reversal_posting(posting: Posting, now: datetime, note: str, by: str) -> Posting:
    """Return the posting that takes another one back, entry by entry, on the day it is asked for."""
    return Posting.caused_by(
        reversal_cause(posting.id),
        PostingKind.REVERSAL,
        now,
        (reversed_entry(entry) for entry in posting.entries),
        delivery_id=posting.delivery_id,
        external_id=posting.external_id,
        note=note,
        booked_by=by,
    )
