"""The minimum of a month that a merchant's contracts ask for; the making of an invoice causes it, not an event."""

from datetime import datetime

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import FEES, MERCHANT_RECEIVABLE
from crowdship.settlement.ledger import MONTHLY_MINIMUM, Posting, PostingKind, entry, posting_id_for


def minimum_cause(merchant_id: str, month: str, currency: str) -> str:
    """Return the cause of the one posting of a merchant's month in a currency."""
    return f"monthly_minimum/{merchant_id}/{month}/{currency}"


def minimum_id_for(merchant_id: str, month: str, currency: str) -> str:
    """Return the id of the one posting of a merchant's month in a currency."""
    return posting_id_for(minimum_cause(merchant_id, month, currency))


def minimum_posting(merchant_id: str, month: str, short: Money, now: datetime) -> Posting:
    """Return the posting of what a month's charges are short of the minimum; the merchant owes it for no delivery.

    Parameters
    ----------
    month : str
        Such as ``2026-06``.
    """
    entries = (
        *entry(MERCHANT_RECEIVABLE.of(merchant_id), short, MONTHLY_MINIMUM),
        *entry(FEES, -short, MONTHLY_MINIMUM),
    )
    cause = minimum_cause(merchant_id, month, short.currency)
    return Posting.caused_by(cause, PostingKind.MONTHLY_MINIMUM, now, entries, note=month)
