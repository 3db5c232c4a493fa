"""Postings: what each cause books, as pure functions of the cause and a moment.

Which accounts there are is in ``accounts``, what causes a posting in ``causes``.
"""

from datetime import datetime

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.pricing.model import settle_price
from crowdship.settlement.accounts import (
    CASH,
    DRIVER_PAYABLE,
    DRIVER_RECEIVABLE,
    FEES,
    INCENTIVES,
    MERCHANT_RECEIVABLE,
)
from crowdship.settlement.causes import Adjustment, ClosedDelivery, CorrectedDelivery, ExtraPay, LateTip, cause_of
from crowdship.settlement.ledger import (
    ADJUSTED,
    CARRIED,
    FEE,
    NETTED,
    PAID_OUT,
    RECOVERED,
    RETURNED,
    TIP,
    Entry,
    Posting,
    PostingKind,
    entry,
    posting_id_for,
    reversed_entry,
)
from crowdship.settlement.payouts.model import Payout
from crowdship.settlement.statements import Statement


def posting_for(event: DomainEvent) -> Posting | None:
    """Return the posting that an event causes; None while nothing is due.

    A cancelled delivery is due by the shares that its event tells; if its goods come back, only once they are back.
    A delivery whose pay is held is due once a person has released it.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    match cause_of(event):
        case CorrectedDelivery() as corrected:
            return correction_posting(corrected)
        case ClosedDelivery() as closed:
            return delivery_posting(closed)
        case LateTip() as tip:
            return tip_posting(tip)
        case ExtraPay() as extra:
            return extra_pay_posting(extra)
        case None:
            return None


def delivery_posting(closed: ClosedDelivery) -> Posting | None:
    """Return the posting of a delivery that ended; None if nothing is charged and nothing paid.

    The merchant is charged and the driver paid part by part; the platform's fee is the difference of the two.
    """
    return _posting(closed, PostingKind.DELIVERY, _entries(closed))


def correction_posting(corrected: CorrectedDelivery) -> Posting | None:
    """Return the posting that takes back the one of an ending, entry by entry; None if that has none.

    It follows from the correction alone, so that the two may be booked in either order.
    """
    entries = [reversed_entry(booked) for booked in _entries(corrected)]
    return _posting(corrected, PostingKind.DELIVERY_REVERSAL, entries)


def _entries(closed: ClosedDelivery) -> list[Entry]:
    due = settle_price(closed.price, closed.outcome, closed.shares)
    receivable, payable = MERCHANT_RECEIVABLE.of(closed.merchant_id), DRIVER_PAYABLE.of(closed.driver_id)
    return [
        *(e for part in due.charge for e in entry(receivable, part.amount, part.code)),
        *entry(receivable, due.tip, TIP),
        *(e for part in due.pay for e in entry(payable, -part.amount, part.code)),
        *entry(payable, -due.tip, TIP),
        *entry(FEES, due.pay_total - due.charge_total, FEE),
    ]


def _posting(closed: ClosedDelivery, kind: PostingKind, entries: list[Entry]) -> Posting | None:
    if not entries:
        return None
    return Posting.caused_by(
        closed.event_id,
        kind,
        closed.time,
        entries,
        delivery_id=closed.delivery_id,
        external_id=closed.external_id,
        outcome=closed.outcome,
    )


def tip_posting(tip: LateTip) -> Posting:
    """Return the posting of a late tip: the merchant is charged all of it, the driver gets all of it."""
    entries = (
        *entry(MERCHANT_RECEIVABLE.of(tip.merchant_id), tip.amount, TIP),
        *entry(DRIVER_PAYABLE.of(tip.driver_id), -tip.amount, TIP),
    )
    about = {"delivery_id": tip.delivery_id, "external_id": tip.external_id}
    return Posting.caused_by(tip.event_id, PostingKind.TIP, tip.time, entries, **about)


def extra_pay_posting(extra: ExtraPay) -> Posting:
    """Return the posting of extra pay: the driver's account changes, at the platform's expense."""
    entries = (
        *entry(DRIVER_PAYABLE.of(extra.driver_id), -extra.amount, extra.kind),
        *entry(INCENTIVES, extra.amount, extra.kind),
    )
    about = {"note": extra.title, "delivery_id": extra.delivery_id}
    return Posting.caused_by(extra.event_id, PostingKind(extra.kind), extra.time, entries, **about)


def adjustment_posting(adjustment: Adjustment) -> Posting:
    """Return the posting of an adjustment: the driver's account changes, the platform bears the difference."""
    entries = (
        *entry(DRIVER_PAYABLE.of(adjustment.driver_id), -adjustment.amount, ADJUSTED),
        *entry(FEES, adjustment.amount, ADJUSTED),
    )
    # A reference is free text; without the prefix it could equal the id of an event.
    cause = f"adjustment/{adjustment.reference}"
    about = {"note": adjustment.note, "booked_by": adjustment.booked_by}
    return Posting.caused_by(cause, PostingKind.ADJUSTMENT, adjustment.time, entries, **about)


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


def carry_posting(statement: Statement, now: datetime) -> Posting | None:
    """Return the posting that sets a driver's debt off against what was earned, and carries on the rest.

    A negative payable is never paid out. It becomes a receivable in a period that is still open, where it lowers what
    is due.

    Returns
    -------
    Posting or None
        None for a merchant, and for a driver without debt, old or new.
    """
    if statement.driver_id is None:
        return None
    total = statement.sums.total
    debt = -statement.sums.carried
    if not debt.amount and total.amount >= 0:
        return None
    nothing = Money.zero(statement.currency)
    to_pay, to_carry = (total, nothing) if total.amount > 0 else (nothing, -total)
    payable, receivable = DRIVER_PAYABLE.of(statement.driver_id), DRIVER_RECEIVABLE.of(statement.driver_id)
    entries = (
        *entry(payable, total + debt - to_pay, NETTED),
        *entry(receivable, -debt, RECOVERED),
        *entry(receivable, to_carry, CARRIED),
    )
    return Posting.caused_by(statement.id, PostingKind.CARRY, now, entries, note=f"debt of {statement.period}")
