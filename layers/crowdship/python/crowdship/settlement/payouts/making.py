"""Payouts of a statement, and the check that a period's payouts settled it."""

from collections.abc import Iterator
from datetime import date

from crowdship.kernel.errors import counted
from crowdship.onboarding import service as onboarding
from crowdship.settlement import store
from crowdship.settlement.ledger import BooksDontBalance
from crowdship.settlement.payouts.model import Payout, PayoutState
from crowdship.settlement.statements import Statement, left_standing, settling_ids
from crowdship.settlement.store import PayoutRow, StatementRow


class PayoutsUndecided(Exception):  # noqa: N818
    """Some payouts are neither sent nor refused; the cycle must be run again."""


def payouts_of(statement: Statement) -> Iterator[Payout]:
    """Yield the payout that settles a statement; none if nothing is to be paid."""
    if statement.driver_id and statement.payout_id:
        yield Payout(
            id=statement.payout_id,
            driver_id=statement.driver_id,
            period=statement.period,
            amount=statement.sums.total,
            held=onboarding.is_held(statement.driver_id, statement.period),
        )


def due_in(period: date) -> list[str]:
    """Return the ids of the payouts of a period."""
    return [payout_id for statement in StatementRow.of_period(period) if (payout_id := statement.payout_id)]


def check_paid(period: date) -> None:
    """Check that a period's payouts are decided, and that they and carried debts settle it.

    Raises
    ------
    PayoutsUndecided
        If a payout is still pending.
    BooksDontBalance
        If an amount is left on a driver's account that was neither paid nor carried.
    """
    statements = StatementRow.of_period(period)
    payouts = PayoutRow.load_many(one.payout_id for one in statements if one.payout_id)
    if undecided := [payout.id for payout in payouts if payout.state is PayoutState.PENDING]:
        raise PayoutsUndecided(
            f"{counted(len(undecided), 'payout is', 'payouts are')} neither sent nor refused: {period} {undecided[:10]}"
        )
    settling = store.booked_among(posting_id for statement in statements for posting_id in settling_ids(statement))
    if standing := left_standing(statements, settling):
        left = ", ".join(f"{account} {money}" for account, money in standing.items())
        off_by = sum(abs(money.amount) for money in standing.values())
        raise BooksDontBalance(f"period {period} is off by {counted(off_by, 'minor unit', 'minor units')}: {left}")
