"""Postings of payouts: what each change of one books, each once by its cause."""

from datetime import datetime

from crowdship.payouts.model import BACK, ON_THE_WAY, Payout, PayoutState
from crowdship.settlement.accounts import CASH, DRIVER_PAYABLE, INSTANT_PAY_FEES, PAYOUTS_IN_FLIGHT, TAX_WITHHELD
from crowdship.settlement.ledger import (
    INSTANT_PAID,
    INSTANT_PAY_FEE,
    PAID_OUT,
    RETURNED,
    WITHHELD,
    Entry,
    Posting,
    PostingKind,
    entry,
)

IN_FLIGHT = PAYOUTS_IN_FLIGHT.group
WITHHELD_TAX = TAX_WITHHELD.group


def posting_of(before: Payout, after: Payout, now: datetime) -> Posting | None:
    """Return what a change of a payout books; None if it moves no money."""
    if after.state is before.state:
        return None
    if after.state is PayoutState.INSTRUCTED:
        return instruction_posting(after, now)
    if after.state is PayoutState.PAID:
        return settled_posting(after, now)
    if after.state in BACK:
        return back_posting(before, after, now)
    return None


def instruction_posting(payout: Payout, now: datetime) -> Posting:
    """Return the posting that takes a payout out of the driver's payable before the provider is told.

    What settles statements has a settling code. An instant payout also changes the open day: by what it takes from it,
    or by what the statements had more than was asked for.
    """
    payable = DRIVER_PAYABLE.of(payout.driver_id)
    entries: list[Entry] = [
        *entry(payable, payout.settled - payout.withheld, PAID_OUT),
        *entry(payable, payout.withheld, WITHHELD),
        *entry(payable, payout.from_open_day - payout.fee, INSTANT_PAID),
        *entry(payable, payout.fee, INSTANT_PAY_FEE),
        *entry(IN_FLIGHT, -payout.net, PAID_OUT, payout.id),
        *entry(WITHHELD_TAX, -payout.withheld, WITHHELD, payout.deposit),
        *entry(INSTANT_PAY_FEES.group, -payout.fee, INSTANT_PAY_FEE),
    ]
    kind = PostingKind.INSTANT_PAYOUT if payout.period_open else PostingKind.PAYOUT
    posting = Posting.caused_by(payout.id, kind, now, entries, note=f"payout of {payout.period}")
    return posting.moved_to(payout.period_open) if payout.period_open else posting


def settled_posting(payout: Payout, now: datetime) -> Posting:
    """Return the posting of money that arrived: it has left the bank.

    No bank confirms a credit of a file, so it is counted as paid some days later; the driver had it on its banking day.
    """
    entries = (*entry(IN_FLIGHT, payout.net, PAID_OUT, payout.id), *entry(CASH, -payout.net, PAID_OUT))
    cause, note = f"{payout.id}/paid", f"payout of {payout.period} arrived"
    value_on = payout.effective_on if payout.filed_for else None
    return Posting.caused_by(cause, PostingKind.PAYOUT_SETTLED, now, entries, note=note, value_on=value_on)


def back_posting(before: Payout, after: Payout, now: datetime) -> Posting:
    """Return the posting of a payout that did not stay paid: the driver is due it on the day it is booked in.

    The fee and the withheld tax come back with it. One that was never instructed settles its statements and is due
    again in the same posting.
    """
    payable = DRIVER_PAYABLE.of(after.driver_id)
    if before.state in ON_THE_WAY:
        entries = entry(IN_FLIGHT, after.net, RETURNED, after.id)
    elif before.state is PayoutState.PAID:
        entries = entry(CASH, after.net, RETURNED)
    else:
        entries = entry(payable, after.amount, PAID_OUT)
    again = after.amount
    if before.instructed_at:
        entries += entry(WITHHELD_TAX, after.withheld, RETURNED, after.deposit)
        entries += entry(INSTANT_PAY_FEES.group, after.fee_kept, RETURNED)
        again = after.net + after.withheld + after.fee_kept
    entries += entry(payable, -again, RETURNED)
    cause, note = f"{after.id}/back", f"payout of {after.period} came back"
    return Posting.caused_by(cause, PostingKind.PAYOUT_REVERSAL, now, entries, note=note)


def fee_back_posting(payout: Payout, now: datetime) -> Posting | None:
    """Return the posting that gives the fee of an instant payout back because it became a standard one."""
    if not payout.fee.amount:
        return None
    entries = (
        *entry(INSTANT_PAY_FEES.group, payout.fee, RETURNED),
        *entry(DRIVER_PAYABLE.of(payout.driver_id), -payout.fee, RETURNED),
    )
    cause, note = f"{payout.id}/degraded", "fee of an instant payout that was not instant"
    return Posting.caused_by(cause, PostingKind.PAYOUT_REVERSAL, now, entries, note=note)
