"""Offers to drivers, their answers, and the rules by which one driver wins."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart, less_paid
from crowdship.zones.dispatch_rules import Policy


class OfferState(StrEnum):
    """States of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class DeclineReason(StrEnum):
    """Reasons why a driver declines an offer; none of them counts against the driver."""

    TOO_FAR = "too_far"
    PAY_TOO_LOW = "pay_too_low"
    BUSY = "busy"
    ENDING_DUTY = "ending_duty"
    OTHER = "other"


class Candidate(Value):
    """A driver who may take an offer: score with its parts (seconds; less is better), probability of acceptance."""

    driver_id: str
    score: float
    parts: dict[str, float]
    acceptance: float


class Answer(Value):
    """A driver's refusal of an offer."""

    driver_id: str
    reason: DeclineReason
    at: Moment


class OfferedPay(Value):
    """The driver's pay, part by part, and the tip."""

    parts: tuple[PricePart, ...]
    tip: Money

    @property
    def total(self) -> Money:
        """Pay and tip together."""
        return Money.total((part.amount for part in self.parts), self.tip.currency) + self.tip

    def less(self, paid: int) -> Self:
        """Return the pay of a driver who was paid some of it before, minor units, when the platform took the work."""
        return self.model_copy(update={"parts": less_paid(self.parts, paid)})


class Offer(Aggregate):
    """A bundle of deliveries put to one driver (directed) or several (broadcast), with pay and expiry."""

    zone_id: str
    policy: Policy
    delivery_ids: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...] = ()
    pay: OfferedPay
    made_at: Moment
    expires_at: Moment
    first_created_at: Moment
    state: OfferState = OfferState.OPEN
    driver_id: str | None = None
    declines: tuple[Answer, ...] = ()
    reason: str | None = None

    def _data(self) -> dict[str, Any]:
        data = self.model_dump(
            mode="json",
            include={
                "zone_id",
                "policy",
                "delivery_ids",
                "candidates",
                "expires_at",
                "state",
                "driver_id",
                "reason",
                "first_created_at",
                "made_at",
            },
        )
        return {"offer_id": self.id, **data, "pay": self.pay.total.model_dump()}

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """Return a new offer, with its event ``offer.made``."""
        offer = cls(**fields)
        return offer.emitting("offer.made", offer.made_at, offer._data())

    @property
    def asked(self) -> tuple[str, ...]:
        """The drivers who were asked."""
        return tuple(candidate.driver_id for candidate in self.candidates)

    def _end(self, state: OfferState, now: datetime, **changes: Any) -> Self:
        changed = self.with_changes(state=state, **changes)
        return changed.emitting(f"offer.{state}", now, changed._data())

    def _must_be_open_for(self, driver_id: str, now: datetime) -> None:
        if driver_id not in self.asked:
            raise NotFound("no_such_offer", f"There is no offer {self.id} for you.")
        if self.state is OfferState.ACCEPTED:
            raise Conflict("offer_taken", "Another driver accepted this offer first; look at your open offers.")
        if self.state is not OfferState.OPEN:
            raise Conflict(f"offer_{self.state}", f"This offer was {self.state}; look at your open offers.")
        if now >= self.expires_at:
            raise Conflict(
                "offer_expired", f"This offer expired at {self.expires_at:%H:%M:%S} UTC; look at your open offers."
            )
        if any(answer.driver_id == driver_id for answer in self.declines):
            raise Conflict("offer_declined", "You declined this offer; look at your open offers.")

    def accept(self, driver_id: str, now: datetime) -> Self:
        """Let a driver take the offer: the first acceptance wins, every later one is refused.

        Raises
        ------
        Conflict
            If it is no longer open, or the driver declined it before.
        NotFound
            If the driver was not asked.
        """
        if self.state is OfferState.ACCEPTED and self.driver_id == driver_id:
            return self
        self._must_be_open_for(driver_id, now)
        return self._end(OfferState.ACCEPTED, now, driver_id=driver_id)

    def decline(self, driver_id: str, reason: DeclineReason, now: datetime) -> Self:
        """Record a driver's refusal; the offer ends when all who were asked have refused."""
        if any(answer.driver_id == driver_id for answer in self.declines):
            return self
        self._must_be_open_for(driver_id, now)
        declines = (*self.declines, Answer(driver_id=driver_id, reason=reason, at=now))
        if len(declines) < len(self.candidates):
            return self.with_changes(declines=declines)
        return self._end(OfferState.DECLINED, now, declines=declines, reason=reason)

    def expire(self, now: datetime) -> Self:
        """End an offer that no driver accepted in time."""
        return self._end(OfferState.EXPIRED, now)

    def withdraw(self, now: datetime, reason: str) -> Self:
        """Take an offer back, for example because the delivery was cancelled."""
        return self._end(OfferState.WITHDRAWN, now, reason=reason)
