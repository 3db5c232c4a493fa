"""Who can be asked for a delivery, and what it costs to ask them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.offers.model import Candidate, OfferedPay
from crowdship.drivers.model import Driver, DriverKind
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.money import Money
from crowdship.planner.acceptance import AcceptanceModel
from crowdship.pricing.model import PricePart
from crowdship.routes.route import Route
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Load, Start, insert
from crowdship.shipment.goods import GOODS_RULES
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import LONGEST_TRIP_M, VEHICLE_CLASSES
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import DispatchRules, Policy, ZoneSettings

UNANSWERED_S = 900.0
"""Seconds of driving that an offer left unanswered is worth when the same driver might be asked again."""

FAIR_MINUTES = 30.0
"""Minutes without work beyond which a driver gains no more on others."""

ACCEPTANCE = AcceptanceModel()


@dataclass(frozen=True)
class Available:
    """A driver on duty as the planner sees them; ``asked_elsewhere`` while an offer waits for their answer."""

    driver: Driver
    at: Point
    seen_at: datetime
    route: Route
    capacity: Load
    asked_elsewhere: bool = False


def willingness(driver: Driver, now: datetime) -> float:
    """Return a driver's part in how likely they take an offer; stars above four count as their tier."""
    on_duty_h = (now - driver.duty.since).total_seconds() / 3600 if driver.duty else 0.0
    return ACCEPTANCE.willingness(max(0.0, driver.rating - 4.0), on_duty_h)


def order_preferences(driver: Driver, rules: DispatchRules) -> dict[str, float]:
    """Return what each delivery costs besides with a driver, in seconds."""
    return {
        "rating": (5.0 - driver.rating) * rules.rating_weight_s,
        "dedicated_first": -rules.dedicated_first_s if driver.kind is DriverKind.DEDICATED else 0.0,
    }


def work_preferences(entry: Available, rules: DispatchRules, now: datetime) -> dict[str, float]:
    """Return what it costs besides that a driver gets work at all, in seconds."""
    return {"fairness": -rules.fairness_weight_s * min(FAIR_MINUTES, _minutes_without_work(entry, now))}


def _minutes_without_work(entry: Available, now: datetime) -> float:
    if entry.route.stops or not entry.driver.duty:
        return 0.0
    since = max(entry.driver.duty.since, entry.route.idle_since or entry.driver.duty.since)
    return max(0.0, (now - since).total_seconds() / 60)


def unavailable(entry: Available, settings: ZoneSettings, now: datetime) -> str | None:
    """Return why a driver can't be asked for anything, or None if they can."""
    rules = settings.dispatch
    if not entry.driver.may_drive(now):
        return "may_not_drive"
    if entry.seen_at < now - timedelta(minutes=rules.position_minutes):
        return "position_too_old"
    if entry.asked_elsewhere and rules.policy is Policy.DIRECTED:
        return "asked_for_another_offer"
    if len(entry.route.stops) > rules.max_open_stops:
        return "route_full"
    return None


def unfit(driver: Driver, deliveries: Sequence[Delivery]) -> str | None:
    """Return why a driver can't take some deliveries wherever they are, or None if they can."""
    if driver.kind is DriverKind.DEDICATED and any(d.merchant_id != driver.merchant_id for d in deliveries):
        return "dedicated_to_another_merchant"
    if any(driver.id in d.declined_by for d in deliveries):
        return "declined_it"
    if driver.kind is DriverKind.CROWD and any(d.goods and GOODS_RULES[d.goods].dedicated_only for d in deliveries):
        return "not_for_the_crowd"
    vehicle = driver.vehicle
    if sum(d.parcel.weight_g for d in deliveries) > vehicle.max_weight_g:
        return "too_heavy"
    if sum(d.parcel.volume_l for d in deliveries) > vehicle.max_volume_l:
        return "too_large"
    sizes = (d.parcel.size for d in deliveries if d.parcel.size)
    if not all(VEHICLE_CLASSES[vehicle.kind].holds_sides(size.sides_cm) for size in sizes):
        return "too_large"
    if any(d.requirements.skills and not set(driver.skills).issuperset(d.requirements.skills) for d in deliveries):
        return "lacks_skill"
    longest = LONGEST_TRIP_M[driver.vehicle.kind]
    if longest < inf and max(distance_m(d.collect_at, d.dropoff) for d in deliveries) > longest:
        return "trip_too_long_for_vehicle"
    return None


def unfit_by_hand(driver: Driver, delivery: Delivery) -> str | None:
    """Return why nobody can give a driver a delivery, or None if somebody can; also what the driver once declined."""
    return unfit(driver, [delivery.with_changes(declined_by=())])


def unsuitable(entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings) -> str | None:
    """Return why a driver who is available can't be asked for some deliveries, or None if they can."""
    if why := unfit(entry.driver, deliveries):
        return why
    if distance_m(entry.at, deliveries[0].collect_at) > settings.dispatch.max_pickup_distance_m:
        return "too_far"
    return None


class Barred:
    """The drivers who can't be asked for some deliveries, worked out for those in question."""

    def __init__(
        self, deliveries: Sequence[Delivery], drivers: Mapping[str, Available], settings: ZoneSettings
    ) -> None:
        self._deliveries, self._drivers, self._settings = deliveries, drivers, settings
        self._known: dict[object, bool] = {}

    def __contains__(self, driver_id: object) -> bool:
        known = self._known.get(driver_id)
        if known is None:
            found = unsuitable(self._drivers[str(driver_id)], self._deliveries, self._settings)
            known = self._known[driver_id] = found is not None
        return known


def score(
    entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, travel: TravelTimes, now: datetime
) -> Candidate | None:
    """Return what it costs to let a driver take some deliveries, or None if they don't fit into the vehicle.

    The score is in seconds of driving: what the route grows by (lateness weighted), the wait until the pickup, what an
    offer that is not taken loses, a malus for a lower rating or an unanswered offer, and a bonus for who has long been
    without work and for dedicated drivers.
    """
    rules = settings.dispatch
    groups = [stops_of(delivery, settings.travel) for delivery in deliveries]
    start = Start(entry.at, now)
    insertion = insert(entry.route.stops, groups, start, entry.capacity, travel, rules.lateness_weight)
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
        "refusal": rules.refusal_s * (1 / acceptance - 1),
        **{name: each * len(deliveries) for name, each in order_preferences(entry.driver, rules).items()},
        **work_preferences(entry, rules, now),
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
