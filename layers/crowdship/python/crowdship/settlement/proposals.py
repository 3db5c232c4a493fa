"""Adjustments and reversals as staff propose them: small ones are booked at once, others wait for a second person.

The limit is a setting of the driver's zone. It holds for the sum of what is booked at once for a driver on a day, so
that a large amount can't be booked in small parts.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.settlement.causes.adjustments import Adjustment, adjustment_cause, adjustment_posting
from crowdship.settlement.causes.reversals import moved_by, reversal_cause, reversal_posting
from crowdship.settlement.ledger import Posting, posting_id_for
from crowdship.zones.model import Zone

WAITS = timedelta(days=7)
"""Time for which a proposal waits for a second person."""


class ProposalState(StrEnum):
    """States of a proposal; all but the first are final."""

    PENDING = "pending"
    BOOKED = "booked"
    REFUSED = "refused"
    EXPIRED = "expired"


def proposal_id_for(reference: str) -> str:
    """Return the id of the one proposal with a reference."""
    return derived_id("adj", reference)


class BookedAlone(Aggregate):
    """Minor units that were booked for a driver on a day in one currency without a second person, ups and downs."""

    total: int = 0

    @classmethod
    def id_of(cls, driver_id: str, currency: str, now: datetime) -> str:
        """Return the id of the sum of a driver's day."""
        return f"ALONE#{driver_id}#{currency}#{now.date()}"

    def and_also(self, amount: Money) -> Self:
        """Return the sum with one more amount."""
        return self.with_changes(total=self.total + abs(amount.amount))


def needs_second_person(amount: Money, alone: BookedAlone, zone: Zone) -> bool:
    """Return whether an adjustment is above the limit of a zone; one in another currency than the zone's always is."""
    if amount.currency != zone.settings.rates.currency:
        return True
    return alone.and_also(amount).total > zone.settings.adjusted_alone


class Proposal(Aggregate):
    """An adjustment or a reversal that somebody proposed, and what became of it.

    Parameters
    ----------
    reference : str
        Its name; one name is booked once.
    driver_id : str or None
        The driver whose pay it changes; None for the reversal of a posting that has not exactly one.
    amount : Money
        Of an adjustment what the driver gets, of a reversal all that the posting moved.
    reverses : str or None
        Id of the posting that it reverses; None for an adjustment.
    state : ProposalState
        As it was stored; ``state_at`` also knows of its expiry.
    expires_at, decided_by, decided_at : optional
        None for one that was booked at once; the last two also while it waits.
    """

    reference: str
    driver_id: str | None
    amount: Money
    note: str
    asked_by: str
    asked_at: Moment
    reverses: str | None = None
    state: ProposalState = ProposalState.PENDING
    expires_at: Moment | None = None
    decided_by: str | None = None
    decided_at: Moment | None = None

    @classmethod
    def to_reverse(
        cls, posting: Posting, driver_id: str | None, reference: str, note: str, by: str, now: datetime
    ) -> Self:
        """Return the proposal to reverse a posting."""
        return cls(
            id=proposal_id_for(reference),
            reference=reference,
            driver_id=driver_id,
            amount=moved_by(posting),
            note=note,
            asked_by=by,
            asked_at=now,
            reverses=posting.id,
        )

    def is_like(self, other: "Proposal") -> bool:
        """Return whether it proposes the same as another one."""

        def asked(one: Proposal) -> tuple[str | None, Money, str, str | None]:
            return one.driver_id, one.amount, one.note, one.reverses

        return asked(self) == asked(other)

    def state_at(self, now: datetime) -> ProposalState:
        """Return the state at a moment."""
        if self.state is ProposalState.PENDING and self.expires_at and now >= self.expires_at:
            return ProposalState.EXPIRED
        return self.state

    def waiting(self) -> Self:
        """Return it as it waits for a second person."""
        return self.with_changes(expires_at=self.asked_at + WAITS)

    def booked(self) -> Self:
        """Return it as it is booked at once."""
        return self.with_changes(state=ProposalState.BOOKED)

    def approved(self, by: str, now: datetime) -> Self:
        """Return it as a second person approves it.

        Raises
        ------
        Conflict
            ``second_person_needed`` if it is the first one; ``adjustment_decided`` if it does not wait any more.
        """
        self._must_wait(now)
        if by.casefold() == self.asked_by.casefold():
            detail = f"{self.asked_by} asked for this, so another person must approve it."
            raise Conflict("second_person_needed", detail)
        return self.with_changes(state=ProposalState.BOOKED, decided_by=by, decided_at=now)

    def refused(self, by: str, now: datetime) -> Self:
        """Return it as somebody refuses it, or as the one who asked withdraws it.

        Raises
        ------
        Conflict
            ``adjustment_decided`` if it does not wait any more.
        """
        self._must_wait(now)
        return self.with_changes(state=ProposalState.REFUSED, decided_by=by, decided_at=now)

    def _must_wait(self, now: datetime) -> None:
        state = self.state_at(now)
        if state is not ProposalState.PENDING:
            detail = f"{self.reference} is {state}; only what is pending can be decided on."
            raise Conflict("adjustment_decided", detail)

    @property
    def posting_id(self) -> str:
        """Id of the posting that it leads to once it is booked."""
        cause = reversal_cause(self.reverses) if self.reverses else adjustment_cause(self.reference)
        return posting_id_for(cause)

    def posting(self, reversed_one: Posting | None = None) -> Posting:
        """Return what is booked for it, at the moment of the decision.

        Parameters
        ----------
        reversed_one : Posting, optional
            The posting that it reverses.

        Raises
        ------
        ValueError
            If it is a reversal and the posting is left out.
        """
        time = self.decided_at or self.asked_at
        if reversed_one is not None:
            return reversal_posting(reversed_one, time, self.note, self.asked_by)
        if self.driver_id is None or self.reverses:
            raise ValueError(f"{self.reference} reverses {self.reverses}; that posting has to be given")
        return adjustment_posting(
            Adjustment(
                reference=self.reference,
                driver_id=self.driver_id,
                amount=self.amount,
                note=self.note,
                time=time,
                booked_by=self.asked_by,
            )
        )
