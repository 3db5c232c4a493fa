"""Sums of a promise of extra pay in the ledger, by which it is taken back once. Pure."""

from typing import NamedTuple, Self

from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_PAYABLE, kind_of
from crowdship.settlement.ledger import Posting


def earned_by(posting: Posting) -> int:
    """Return what a driver gets by a posting, minor units; below zero if it is taken from them."""
    return -sum(entry.signed for entry in posting.entries if kind_of(entry.account) is DRIVER_PAYABLE)


class Told(NamedTuple):
    """A promise after one of its events, with what is to be booked; no posting if staff have taken it back before."""

    promise: "PromisedPay"
    posting: Posting | None


class PromisedPay(Aggregate):
    """Sums of a promise in the ledger, minor units of its currency.

    Parameters
    ----------
    paid : int
        What its driver has of it. It is below zero while an event that takes back is booked before the one that paid.
    by_staff : int
        What staff have taken back that no event has taken back since.
    ignored : tuple of str
        Postings that were not booked, because staff had taken back all of what they take back.
    """

    paid: int = 0
    by_staff: int = 0
    ignored: tuple[str, ...] = ()

    def told(self, posting: Posting) -> Told:
        """Return what becomes of the posting of an event of the promise.

        What staff have taken back is not taken back again: it is left out of what such an event takes first. So a
        driver keeps what the promise still pays, and gets the whole of it if it is earned after all.
        """
        change = earned_by(posting)
        again = min(self.by_staff, max(-change, 0))
        left = change + again
        after = self.with_changes(paid=self.paid + left, by_staff=self.by_staff - again)
        if not left:
            return Told(after.with_changes(ignored=(*self.ignored, posting.id)), None)
        if not again:
            return Told(after, posting)
        amount = Money(amount=-left, currency=posting.currency)
        entries = tuple(entry.model_copy(update={"amount": amount}) for entry in posting.entries)
        return Told(after, posting.model_copy(update={"entries": entries}))

    def taken_back(self, posting: Posting) -> Self:
        """Return it after staff reversed one of its postings.

        Raises
        ------
        Conflict
            ``already_reversed``, if its events have taken back so much that less is left than the posting paid.
        """
        amount = earned_by(posting)
        if amount > max(self.paid, 0):
            detail = f"{posting.id} paid {amount} of {self.id}, of which events have taken back all but"
            raise Conflict("already_reversed", f"{detail} {max(self.paid, 0)}. An adjustment can take back the rest.")
        return self.with_changes(paid=self.paid - amount, by_staff=self.by_staff + max(amount, 0))
