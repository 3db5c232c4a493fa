"""Use cases of holds: place one on a driver's payouts, lift it, and ask what holds a payout."""

from collections.abc import Callable
from datetime import date
from functools import partial

from crowdship.adapters.storage import changed
from crowdship.kernel.clock import Clock
from crowdship.onboarding import service as onboarding
from crowdship.payouts.holds import AccountTimes, DriverHolds, Hold, HoldCode, Wait, reason_to_wait
from crowdship.payouts.model import Payout
from crowdship.payouts.store import HoldsRow


def hold(
    driver_id: str, code: HoldCode, cause: str, reason: str, by: str, clock: Clock, until: date | None = None
) -> DriverHolds:
    """Hold all payouts of a driver that are not instructed yet, once per cause.

    Parameters
    ----------
    cause : str
        What it is placed for, such as the id of a claim; ``lift`` ends it by that.
    until : date or None
        First day on which it no longer counts; None until it is lifted.
    """
    placed = Hold.placed(code, cause, reason, by, clock.now(), until)
    return _changed(driver_id, lambda holds: holds.with_hold(placed))


def lift(driver_id: str, *causes: str) -> DriverHolds:
    """End the holds that were placed for some causes; none of them is no fault."""
    return _changed(driver_id, lambda holds: holds.without(*causes))


def holds_of(driver_id: str) -> DriverHolds:
    """Return the holds on a driver's payouts."""
    return HoldsRow.load(DriverHolds.id_of(driver_id)) or DriverHolds.none(driver_id)


def account_of(driver_id: str) -> AccountTimes | None:
    """Return when a driver gave the bank account, and from when it is paid to; None without one."""
    times = onboarding.account_times(driver_id)
    return AccountTimes(payable_from=times[0], given_at=times[1]) if times else None


def reason_of(payout: Payout, period: date, today: date) -> Wait | None:
    """Return why a payout must not be instructed now, or None."""
    holds = holds_of(payout.driver_id).holds
    return reason_to_wait(holds, account_of(payout.driver_id), period, today, payout.released_at)


def has_other_account(payout: Payout) -> bool:
    """Return whether a driver gave another account since a payout was instructed, so that it went to the one before."""
    account = account_of(payout.driver_id)
    if account is None or account.given_at is None or payout.instructed_at is None:
        return False
    return account.given_at > payout.instructed_at


def _changed(driver_id: str, decide: Callable[[DriverHolds], DriverHolds]) -> DriverHolds:
    return changed(partial(holds_of, driver_id), decide, HoldsRow.of)
