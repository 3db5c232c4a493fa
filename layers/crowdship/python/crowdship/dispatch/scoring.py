"""Scores of candidates: the cost of letting a driver take deliveries, in seconds of driving, and the pay offered."""

from collections.abc import Sequence
from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.offers.model import Candidate, OfferedPay
from crowdship.drivers.model import Driver, DriverKind
from crowdship.kernel.money import Money
from crowdship.planner.acceptance import AcceptanceModel
from crowdship.pricing.model import PricePart
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Start, insert
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes
from crowdship.zones.dispatch_rules import DispatchWeights
from crowdship.zones.model import ZoneSettings

UNANSWERED_S = 900.0
"""Seconds of driving added to a driver's score for each offer of the same delivery that they left unanswered."""

FAIR_MINUTES = 30.0
"""Longest time without work that counts in a driver's favour, minutes."""

ACCEPTANCE = AcceptanceModel()

SCORE_PARTS = (
    "route_growth",
    "pickup_wait",
    "did_not_answer",
    "refusal",
    "rating",
    "dedicated_first",
    "fairness",
)
"""The parts of a score. ``did_not_answer`` counts unanswered offers of the same delivery, and of no other; ``refusal``
comes from a model of the offer and knows no answer that a driver gave before.
"""


def willingness(driver: Driver, now: datetime) -> float:
    """Return a driver's part of the log-odds of an acceptance; the stars above four are the driver's tier."""
    on_duty_h = (now - driver.duty.since).total_seconds() / 3600 if driver.duty else 0.0
    return ACCEPTANCE.willingness(max(0.0, driver.rating - 4.0), on_duty_h)


def order_preferences(driver: Driver, weights: DispatchWeights) -> dict[str, float]:
    """Return the extra cost of each delivery that a driver takes, by name, in seconds."""
    return {
        "rating": (5.0 - driver.rating) * weights.rating_s,
        "dedicated_first": -weights.dedicated_first_s if driver.kind is DriverKind.DEDICATED else 0.0,
    }


def work_preferences(entry: Available, weights: DispatchWeights, now: datetime) -> dict[str, float]:
    """Return the extra cost of giving a driver any work, by name, in seconds."""
    return {"fairness": -weights.fairness_s * min(FAIR_MINUTES, _minutes_without_work(entry, now))}


def _minutes_without_work(entry: Available, now: datetime) -> float:
    if entry.route.stops or not entry.driver.duty:
        return 0.0
    since = max(entry.driver.duty.since, entry.route.idle_since or entry.driver.duty.since)
    return max(0.0, (now - since).total_seconds() / 60)


def score(
    entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, travel: TravelTimes, now: datetime
) -> Candidate | None:
    """Return the score of a driver for some deliveries, or None if they don't fit into the vehicle.

    The score is in seconds of driving; less is better. It adds the growth of the route (lateness weighted), the wait
    until the pickup, the expected loss by refusals, and a malus for a low rating and for unanswered offers. Drivers who
    have long been without work and dedicated drivers get a bonus.
    """
    weights = settings.dispatch.weights
    groups = [stops_of(delivery, settings.travel) for delivery in deliveries]
    start = Start(entry.at, now)
    insertion = insert(entry.route.stops, groups, start, entry.capacity, travel, weights.lateness)
    if insertion is None:
        return None
    mine = {delivery.id for delivery in deliveries}
    pickups = [s.eta for s in insertion.stops if s.delivery_id in mine and s.kind is StopKind.PICKUP and s.eta]
    ready = max(d.pickup_window.opens_at for d in deliveries)
    acceptance = 1.0
    if entry.driver.kind is DriverKind.CROWD:
        first = next(number for number, stop in enumerate(insertion.stops) if stop.delivery_id in mine)
        before = insertion.stops[first - 1].point if first else entry.at
        way_s = travel.seconds(before, insertion.stops[first].point)
        minutes = max(1.0, insertion.added_s / 60 + len(deliveries) * _dwell_s(settings) / 60)
        pay_ratio = offered_pay(deliveries).total.amount / minutes / settings.rates.usual_pay_per_minute
        acceptance = ACCEPTANCE.probability(willingness(entry.driver, now), pay_ratio, way_s)
    parts = {
        "route_growth": insertion.added_s,
        "pickup_wait": max(0.0, (min(pickups) - max(ready, now)).total_seconds()) if pickups else 0.0,
        "did_not_answer": UNANSWERED_S * max(d.unanswered_by.get(entry.driver.id, 0) for d in deliveries),
        "refusal": weights.refusal_s * (1 / acceptance - 1),
        **{name: each * len(deliveries) for name, each in order_preferences(entry.driver, weights).items()},
        **work_preferences(entry, weights, now),
    }
    parts = {name: round(value, 1) for name, value in parts.items()}
    score = round(sum(parts.values()), 1)
    return Candidate(driver_id=entry.driver.id, score=score, parts=parts, acceptance=round(acceptance, 3))


def _dwell_s(settings: ZoneSettings) -> int:
    return settings.travel.pickup_dwell_s + settings.travel.dropoff_dwell_s


def offered_pay(deliveries: Sequence[Delivery]) -> OfferedPay:
    """Return the pay of a bundle: the parts of its deliveries, added up by code, and their tips."""
    currency = deliveries[0].price.tip.currency
    totals: dict[str, Money] = {}
    for part in (part for delivery in deliveries for part in delivery.price.pay):
        totals[part.code] = totals.get(part.code, Money.zero(currency)) + part.amount
    return OfferedPay(
        parts=tuple(PricePart(code=code, amount=amount) for code, amount in totals.items()),
        tip=Money.total((delivery.price.tip for delivery in deliveries), currency),
    )
