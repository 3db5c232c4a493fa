"""A driver's scorecard: the facts of the window, and the answers to offers, which are shown and never counted. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from crowdship.drivers.measures import LATE_S, WINDOW, WINDOW_DELIVERIES, Measures
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.performance.facts import Fact, WorkOutcome
from crowdship.performance.lateness import Lateness

CARRIED = frozenset({WorkOutcome.DELIVERED, WorkOutcome.NOT_DELIVERED})
DROPPED = frozenset({WorkOutcome.GIVEN_UP, WorkOutcome.LOST})


class OfferAnswer(Value):
    """The end of an offer for a driver who was asked."""

    offer_id: str
    at: Moment
    accepted: bool


class Scorecard(Aggregate):
    """Facts and answers of a driver, whose id it has; both are the newest of the window.

    Keeping the newest of a union is the same as keeping the newest of what was kept before and the rest, so facts may
    come in any order and more than once.
    """

    facts: tuple[Fact, ...] = ()
    answers: tuple[OfferAnswer, ...] = ()

    def noting(self, delivery_id: str, fact: Fact | None, now: datetime) -> Self:
        """Return the card with the fact of a delivery in place of an earlier one; None takes that away."""
        others = [one for one in self.facts if one.delivery_id != delivery_id]
        facts = windowed([*others, fact] if fact else others, now)
        return self if facts == self.facts else self.with_changes(facts=facts)

    def answering(self, answer: OfferAnswer, now: datetime) -> Self:
        """Return the card with the answer to an offer; the same again changes nothing."""
        by_offer = {one.offer_id: one for one in (*self.answers, answer)}
        kept = [one for one in by_offer.values() if one.at > now - WINDOW]
        newest = tuple(sorted(kept, key=lambda one: (one.at, one.offer_id))[-WINDOW_DELIVERIES:])
        return self if newest == self.answers else self.with_changes(answers=newest)

    @property
    def acceptance(self) -> tuple[int, int]:
        """Offers accepted, and offers put to the driver and not taken by another one."""
        return sum(one.accepted for one in self.answers), len(self.answers)


def windowed(facts: Iterable[Fact], now: datetime) -> tuple[Fact, ...]:
    """Return the facts that count at a moment, the oldest first."""
    recent = [one for one in facts if one.at > now - WINDOW]
    return tuple(sorted(recent, key=lambda one: (one.at, one.delivery_id))[-WINDOW_DELIVERIES:])


def measured(facts: Iterable[Fact], prior: float) -> Measures:
    """Return the measures of some facts; ``prior`` is the rating at registration."""
    every = tuple(facts)
    stars = [one.stars for one in every if one.stars is not None]
    return Measures(
        prior=prior,
        rated=len(stars),
        stars=sum(stars),
        carried=sum(one.outcome in CARRIED for one in every),
        delivered=sum(one.outcome is WorkOutcome.DELIVERED for one in every),
        late=sum(one.lateness.driver >= LATE_S for one in every),
        dropped=sum(one.outcome in DROPPED for one in every),
        contradicted=sum(one.contradicted for one in every if one.outcome in CARRIED),
    )


def causes(facts: Iterable[Fact]) -> Lateness:
    """Return the lateness of some deliveries, added up by cause."""
    every = [one.lateness for one in facts]
    return Lateness(**{cause: sum(getattr(one, cause) for one in every) for cause in Lateness.model_fields})
