"""Views of decisions: for staff everybody who was considered, for a driver their own part alone."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.deliveries.states import State
from crowdship.dispatch.board.views import PastOffer
from crowdship.dispatch.decisions.model import Decided, Decision, RoundRecord
from crowdship.dispatch.eligibility import Ineligible
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.rounds.waits import Wait
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money


class Excluded(Value):
    """A driver who could not be asked, and the first rule that was against it."""

    driver_id: str
    rule: Ineligible


class RoundOfDelivery(Value):
    """A round's decision about a delivery.

    Parameters
    ----------
    kind : Decided
        Whether it was offered, given to a dedicated driver, or waits.
    scored : tuple of Candidate
        The drivers who were compared, the best first; parts are seconds of driving, less is better.
    excluded : tuple of Excluded
        The drivers who could not take it, among those nearer than the last who was compared.
    unavailable : tuple of Excluded
        The drivers who could be asked for nothing in that round.
    drivers : int
        All drivers on duty with a known position; who is listed nowhere was farther away than those compared.
    """

    at: Moment
    kind: Decided
    delivery_ids: tuple[str, ...]
    offer_id: str | None
    asked: tuple[str, ...]
    scored: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    unavailable: tuple[Excluded, ...]
    drivers: int
    kept_for_dedicated: bool
    waits: Wait | None

    @classmethod
    def of(cls, record: RoundRecord, delivery_id: str) -> Self | None:
        """Return the view of a round for a delivery; None if the round says nothing of it."""
        one = record.about(delivery_id)
        if one is None:
            return None
        return cls(
            at=record.at,
            kind=one.kind,
            delivery_ids=one.delivery_ids,
            offer_id=one.offer_id,
            asked=one.asked,
            scored=one.scored,
            excluded=tuple(Excluded(driver_id=who, rule=rule) for who, rule in one.excluded.items()),
            unavailable=tuple(Excluded(driver_id=who, rule=rule) for who, rule in record.unavailable.items()),
            drivers=record.drivers,
            kept_for_dedicated=one.kept,
            waits=one.waits,
        )


class DispatchOfDelivery(Value):
    """The dispatch of a delivery: rounds and offers, the newest first, and who has it by whom.

    Rounds are kept for 30 days. A round that changed nothing is not listed.
    """

    delivery_id: str
    state: State
    driver_id: str | None
    given_by: str | None
    given_at: Moment | None
    rounds: tuple[RoundOfDelivery, ...]
    offers: tuple[PastOffer, ...]


class DecisionOutcome(StrEnum):
    """A round's decision about a driver and an order."""

    ASKED = "asked"
    GIVEN = "given"
    OTHERS_BETTER = "others_better"
    """The driver could have taken it, and others cost less."""

    KEPT_FOR_DEDICATED = "kept_for_dedicated"
    EXCLUDED = "excluded"
    UNAVAILABLE = "unavailable"
    """The driver could be asked for nothing in that round."""


class DriverDecision(Value):
    """A round's decision about the calling driver and an order; of other drivers it has numbers alone.

    Parameters
    ----------
    rule : Ineligible or None
        The rule by which the driver was not asked.
    place : int or None
        The driver's place among those compared, 1 for the best.
    compared : int
        Drivers who were compared.
    behind_s : float or None
        Seconds of driving by which the driver's score was behind the best who was asked.
    parts : dict
        The parts of the driver's score, seconds of driving; less is better.
    pickup : Point or None
        The shop, to some hundred metres; null if the driver could be asked for nothing.
    """

    at: Moment
    outcome: DecisionOutcome
    rule: Ineligible | None = None
    place: int | None = None
    compared: int = 0
    behind_s: float | None = None
    parts: dict[str, float] = Field(default_factory=dict)
    orders: int = 0
    pay: Money | None = None
    pickup: Point | None = None


class DriverDecisions(Value):
    """A page of decisions, the newest first; ``next_before`` is the moment before which to go on."""

    decisions: tuple[DriverDecision, ...]
    next_before: Moment | None


def lines_for(record: RoundRecord, driver_id: str) -> Iterator[DriverDecision]:
    """Yield a round's decisions about a driver, without any word about other drivers.

    An order that was not decided on is left out, unless the driver is excluded from it.
    """
    if rule := record.unavailable.get(driver_id):
        orders = sum(len(one.delivery_ids) for one in record.decisions)
        yield DriverDecision(at=record.at, outcome=DecisionOutcome.UNAVAILABLE, rule=rule, orders=orders)
        return
    for one in record.decisions:
        if found := _line(record, one, driver_id):
            yield found


def _line(record: RoundRecord, one: Decision, driver_id: str) -> DriverDecision | None:
    about = {"at": record.at, "orders": len(one.delivery_ids), "pay": one.pay, "pickup": one.pickup}
    if rule := one.excluded.get(driver_id):
        return DriverDecision(outcome=DecisionOutcome.EXCLUDED, rule=rule, compared=len(one.scored), **about)
    place = next((number for number, each in enumerate(one.scored, 1) if each.driver_id == driver_id), None)
    if place is None:
        return None
    mine = one.scored[place - 1]
    best = min((each.score for each in one.scored if each.driver_id in one.asked), default=mine.score)
    if driver_id in one.asked:
        outcome = DecisionOutcome.GIVEN if one.kind is Decided.GIVEN else DecisionOutcome.ASKED
    else:
        outcome = DecisionOutcome.KEPT_FOR_DEDICATED if one.kept else DecisionOutcome.OTHERS_BETTER
    return DriverDecision(
        outcome=outcome,
        place=place,
        compared=len(one.scored),
        behind_s=round(max(0.0, mine.score - best), 1),
        parts=mine.parts,
        **about,
    )
