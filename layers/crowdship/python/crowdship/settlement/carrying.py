"""Debt of a driver that is carried from one period to the next."""

from datetime import datetime

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, DRIVER_RECEIVABLE
from crowdship.settlement.ledger import CARRIED, NETTED, RECOVERED, Posting, PostingKind, entry
from crowdship.settlement.statements import Statement


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
