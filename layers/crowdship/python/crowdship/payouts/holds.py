"""Holds: why a payout waits, until when, and who may end that.

A hold is looked at when the transfer is about to be instructed, not when the payout is made, so that an account that
was changed in between counts.
"""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id


class HoldCode(StrEnum):
    """Reasons for which a payout waits."""

    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_REFUSED = "account_refused"
    NO_ACCOUNT = "no_account"
    STAFF = "staff"
    CLAIM = "claim"


class AccountTimes(Value):
    """The day on which a driver gave the bank account, and the period from which pay goes to it; the vault keeps it.

    Parameters
    ----------
    given_at : datetime or None
        None if it was given before this was kept.
    """

    payable_from: Day
    given_at: Moment | None = None


class Hold(Value):
    """A hold on all payouts of a driver.

    Parameters
    ----------
    until : date or None
        First day on which it no longer counts; None until it is lifted.
    cause : str
        What it was placed for: a claim, a payout that came back, a decision of staff. One cause places one hold, and
        the newest of them counts.
    """

    hold_id: str
    code: HoldCode
    reason: str
    placed_by: str
    placed_at: Moment
    until: Day | None = None
    cause: str

    @classmethod
    def placed(cls, code: HoldCode, cause: str, reason: str, by: str, now: datetime, until: date | None = None) -> Self:
        """Return a hold as it is placed."""
        hold_id = derived_id("hld", code, cause)
        return cls(hold_id=hold_id, code=code, reason=reason, placed_by=by, placed_at=now, until=until, cause=cause)

    def is_like(self, other: "Hold") -> bool:
        """Return whether it is the same as another one, whoever placed it when."""
        return (self.hold_id, self.reason, self.until) == (other.hold_id, other.reason, other.until)

    def counts(self, today: date, account: AccountTimes | None) -> bool:
        """Return whether it holds on a day; one for a refused account ends when another account is given."""
        if self.until is not None and today >= self.until:
            return False
        if self.code is not HoldCode.ACCOUNT_REFUSED:
            return True
        return account is None or account.given_at is None or account.given_at <= self.placed_at


class DriverHolds(Aggregate):
    """The holds on a driver's payouts; lifted ones are gone."""

    driver_id: str
    holds: tuple[Hold, ...] = ()

    @staticmethod
    def id_of(driver_id: str) -> str:
        """Return the id of a driver's holds."""
        return f"HOLDS#{driver_id}"

    @classmethod
    def none(cls, driver_id: str) -> Self:
        """Return the holds of a driver who has none."""
        return cls(id=cls.id_of(driver_id), driver_id=driver_id)

    def with_hold(self, hold: Hold) -> Self:
        """Return them with one more, in place of one with its cause; the same hold again changes nothing."""
        if any(known.is_like(hold) for known in self.holds):
            return self
        others = (known for known in self.holds if known.hold_id != hold.hold_id)
        return self.with_changes(holds=(*others, hold))

    def without(self, *causes: str) -> Self:
        """Return them without those of some causes."""
        return self.with_changes(holds=tuple(hold for hold in self.holds if hold.cause not in causes))

    def counting(self, today: date, account: AccountTimes | None) -> tuple[Hold, ...]:
        """Return those that hold on a day."""
        return tuple(hold for hold in self.holds if hold.counts(today, account))


class Wait(NamedTuple):
    """A reason for which a payout waits, and the day until which; None until somebody acts."""

    code: HoldCode
    until: date | None


def reason_to_wait(
    holds: Collection[Hold], account: AccountTimes | None, period: date, today: date, released_at: datetime | None
) -> Wait | None:
    """Return why a payout must not be instructed now, or None.

    Parameters
    ----------
    holds : collection of Hold
        Those on the driver.
    account : AccountTimes or None
        None if the driver gave none; a provider that needs one says so itself.
    period : date
        The period whose run looks; the day before for an instant payout.
    released_at : datetime or None
        When people released this payout from the holds that they or a changed account had placed. A hold or a change
        that came later keeps it, and so does a refused account, because the bank would refuse it again.
    """
    for hold in holds:
        ended = hold.code is not HoldCode.ACCOUNT_REFUSED and _is_over(hold.placed_at, released_at)
        if hold.counts(today, account) and not ended:
            return Wait(hold.code, hold.until)
    if account is not None and account.payable_from > period and not _is_over(account.given_at, released_at):
        return Wait(HoldCode.ACCOUNT_CHANGED, account.payable_from)
    return None


def _is_over(since: datetime | None, released_at: datetime | None) -> bool:
    return released_at is not None and (since is None or since <= released_at)
