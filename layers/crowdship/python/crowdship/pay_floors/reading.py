"""Engaged work read from a delivery: each driver who had it, from when until when, for which pay. Pure.

Engaged time goes from acceptance to completion. A driver who gives a delivery back has completed nothing; from whom
the platform takes it, or for whom it is called off, was engaged until then. While pay is held neither its time nor its
pay counts, and if it was refused neither ever does, as the driver was not where they said.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import CLOSED, State
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.pay_floors.work import Span
from crowdship.pricing.model import settle_price


class Tenure(NamedTuple):
    """The time for which a driver had a delivery.

    Parameters
    ----------
    counts : bool
        False while it has not ended, or if it does not count as work.
    pay : Money
        Without the tip.
    """

    driver_id: str
    since: datetime
    until: datetime
    offer_id: str | None
    counts: bool
    pay: Money

    @property
    def span(self) -> Span:
        """From begin to end."""
        return Span(self.since, self.until)


def tenures_of(delivery: Delivery) -> Iterator[Tenure]:
    """Yield the tenures of a delivery that end in something: hand-overs, and that of its present driver."""
    currency = delivery.price.tip.currency
    for made in delivery.hand_overs:
        pay = Money.total((part.amount for part in made.pay), currency)
        yield Tenure(made.driver_id, made.since, max(made.at, made.since), made.offer_id, counts=True, pay=pay)
    given = delivery.given
    if delivery.driver_id is None or given is None:
        return
    until = max(delivery.timeline[-1].made_at, given.made_at)
    counts = delivery.state in CLOSED and not _is_in_doubt(delivery)
    pay = _pay_of(delivery) if counts else Money.zero(currency)
    yield Tenure(delivery.driver_id, given.made_at, until, delivery.offer_id, counts=counts, pay=pay)


def _is_in_doubt(delivery: Delivery) -> bool:
    held = delivery.hold
    return held is not None and (held.decision is None or held.decision.verdict is not Verdict.RELEASED)


def _pay_of(delivery: Delivery) -> Money:
    """Return what the driver of a closed delivery earned by it, without the tip."""
    before, closing = delivery.timeline[-2:]
    ending = outcome(before.state, closing.state, closing.reason, delivery.undeliverable)
    if ending is None:
        return Money.zero(delivery.price.tip.currency)
    shares = delivery.cancellation.shares if delivery.cancellation else None
    return settle_price(delivery.price, ending, shares).pay_total


AT_SHOP = frozenset({State.ARRIVED_AT_PICKUP, State.PICKED_UP, State.RETURNED})
AT_DOOR = frozenset({State.ARRIVED_AT_DROPOFF, State.DELIVERED})


def known_places(delivery: Delivery, tenure: Tenure) -> list[tuple[datetime, Point]]:
    """Return where a driver said to be in a tenure, and when: at the shop and at the customer's door.

    Goods that are fetched from another vehicle are fetched at a place that is not kept.
    """
    places: list[tuple[datetime, Point]] = []
    was_fetched = False
    for step in delivery.standing:
        within = tenure.since <= step.made_at <= tenure.until
        at_other_vehicle = step.state in AT_SHOP - {State.RETURNED} and was_fetched
        was_fetched = was_fetched or _ends_fetching(step)
        if within and step.state in AT_SHOP and not at_other_vehicle:
            places.append((step.made_at, delivery.pickup))
        elif within and step.state in AT_DOOR:
            places.append((step.made_at, delivery.dropoff))
    return places


def _ends_fetching(step: Step) -> bool:
    return step.state is State.PICKED_UP
