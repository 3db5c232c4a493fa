"""One planning round of a zone: which deliveries travel together, and who is asked for them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from crowdship.deliveries.model import Delivery, Priority
from crowdship.dispatch.matching import match
from crowdship.dispatch.model import Candidate, OfferedPay
from crowdship.drivers.model import LONGEST_TRIP_M, Driver, DriverKind
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.routing.model import Load, Route, Start, StopKind, insert, stops_of
from crowdship.routing.travel import TravelTimes
from crowdship.zones.model import Policy, ZoneSettings

RUNNERS_UP = 5
"""How many drivers who were not asked an offer remembers, for whoever wonders why."""

BUNDLE_SAVING = 0.25
"""A delivery joins others only if that saves at least this share of a round trip of its own."""

UNANSWERED_S = 900.0
"""Seconds of driving that an offer left unanswered is worth when the same driver might be asked again."""


@dataclass(frozen=True)
class Available:
    """A driver on duty as the planner sees them."""

    driver: Driver
    at: Point
    route: Route
    capacity: Load
    asked_elsewhere: bool = False


@dataclass(frozen=True)
class PlannedOffer:
    """A bundle and the drivers to ask for it; dedicated drivers are given it at once."""

    deliveries: tuple[Delivery, ...]
    candidates: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    dedicated: bool = False


@dataclass
class RoundPlan:
    """What a round decided, and why the rest waits."""

    offers: list[PlannedOffer] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)


def plan_round(
    open_deliveries: Iterable[Delivery],
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> RoundPlan:
    """Return whom to ask for what.

    Deliveries are bundled by where and when they are picked up, then bundles and drivers are matched so that the
    sum of the scores is least (directed), or each bundle gets the best few drivers (broadcast).
    """
    plan = RoundPlan()
    bundles = bundle(open_deliveries, settings, travel)
    ranked = [
        sorted(_candidates(deliveries, available, settings, travel, now), key=lambda c: (c.score, c.driver_id))
        for deliveries in bundles
    ]
    dedicated = {entry.driver.id for entry in available if entry.driver.kind is DriverKind.DEDICATED}
    chosen = _choose(ranked, settings)
    for deliveries, candidates, asked in zip(bundles, ranked, chosen, strict=True):
        if not asked:
            why = "every suitable driver is being asked for another delivery" if candidates else "no suitable driver"
            plan.waiting.update(dict.fromkeys((delivery.id for delivery in deliveries), why))
            continue
        given = asked[0].driver_id in dedicated
        asked = asked[:1] if given else tuple(c for c in asked if c.driver_id not in dedicated)
        others = tuple(c for c in candidates if c not in asked)[:RUNNERS_UP]
        plan.offers.append(PlannedOffer(deliveries, asked, others, given))
    return plan


def _choose(ranked: Sequence[Sequence[Candidate]], settings: ZoneSettings) -> list[tuple[Candidate, ...]]:
    if settings.dispatch.policy is Policy.BROADCAST:
        return [tuple(candidates[: settings.dispatch.broadcast_drivers]) for candidates in ranked]
    costs = {(row, c.driver_id): c.score for row, candidates in enumerate(ranked) for c in candidates}
    matched = match(costs)
    return [tuple(c for c in candidates if c.driver_id == matched.get(row)) for row, candidates in enumerate(ranked)]


def bundle(
    open_deliveries: Iterable[Delivery], settings: ZoneSettings, travel: TravelTimes
) -> list[tuple[Delivery, ...]]:
    """Return groups of deliveries that are better carried together; urgent ones travel alone.

    A delivery joins a group if it is picked up nearby, can be picked up at the same time, was declined by the
    same drivers, and the trip through all drop-offs saves a quarter of the driving apart and keeps every promise.
    """
    bundles: list[list[Delivery]] = []
    ordered = sorted(open_deliveries, key=lambda d: (d.priority is not Priority.URGENT, d.created_at, d.id))
    for delivery in ordered:
        home = next((group for group in bundles if _joins(delivery, group, settings, travel)), None)
        if home is not None:
            home.append(delivery)
        else:
            bundles.append([delivery])
    return [tuple(group) for group in bundles]


def _joins(delivery: Delivery, group: Sequence[Delivery], settings: ZoneSettings, travel: TravelTimes) -> bool:
    rules = settings.dispatch
    first = group[0]
    if Priority.URGENT in (delivery.priority, first.priority) or len(group) >= rules.max_bundle:
        return False
    if distance_m(delivery.pickup, first.pickup) > rules.bundle_radius_m or delivery.declined_by != first.declined_by:
        return False
    together = [*group, delivery]
    opens = max(d.pickup_window.opens_at for d in together)
    if opens > min(d.pickup_window.closes_at for d in together):
        return False
    start = Start(first.pickup, opens)
    before, after = (
        _round_trip(group, start, settings, travel),
        _round_trip(together, start, settings, travel),
    )
    if before is None or after is None:
        return False
    alone = 2 * travel.seconds(delivery.pickup, delivery.dropoff)
    return after - before <= (1 - BUNDLE_SAVING) * alone


def _round_trip(
    deliveries: Sequence[Delivery], start: Start, settings: ZoneSettings, travel: TravelTimes
) -> float | None:
    """Return the seconds of driving to all drop-offs and back to the shop, or None if a promise would break.

    Round trips, because who carries one delivery after the other drives back to the shop in between.
    """
    trips = [stops_of(delivery, settings.travel) for delivery in deliveries]
    joint = insert((), trips, start, Load(10**9, 10**9), travel, settings.dispatch.lateness_weight)
    if joint is None or joint.late_s > 0:
        return None
    way = [start.point, *(stop.point for stop in joint.stops), start.point]
    return sum(travel.seconds(a, b) for a, b in pairwise(way))


def _candidates(
    deliveries: Sequence[Delivery],
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> list[Candidate]:
    found = []
    for entry in available:
        if unsuitable(entry, deliveries, settings, now):
            continue
        candidate = score(entry, deliveries, settings, travel, now)
        if candidate:
            found.append(candidate)
    return found


def unsuitable(entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, now: datetime) -> str | None:
    """Return why a driver can't be asked for some deliveries, or None if they can."""
    driver, rules = entry.driver, settings.dispatch
    if not driver.may_drive(now):
        return "may_not_drive"
    if driver.kind is DriverKind.DEDICATED and any(d.merchant_id != driver.merchant_id for d in deliveries):
        return "dedicated_to_another_merchant"
    if entry.asked_elsewhere and rules.policy is Policy.DIRECTED:
        return "asked_for_another_offer"
    if any(driver.id in d.declined_by for d in deliveries):
        return "declined_it"
    if len(entry.route.stops) > rules.max_open_stops:
        return "route_full"
    if distance_m(entry.at, deliveries[0].pickup) > rules.max_pickup_distance_m:
        return "too_far"
    if max(distance_m(d.pickup, d.dropoff) for d in deliveries) > LONGEST_TRIP_M[driver.vehicle.kind]:
        return "trip_too_long_for_vehicle"
    return None


def score(
    entry: Available,
    deliveries: Sequence[Delivery],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> Candidate | None:
    """Return what it costs to let a driver take some deliveries, or None if they don't fit into the vehicle.

    The score is in seconds of driving: what the route grows by (lateness weighted), the minutes until the pickup,
    a malus for a lower rating or an unanswered offer, and first call for dedicated drivers.
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
    parts = {
        "route_growth": insertion.added_s,
        "pickup_wait": max(0.0, (min(pickups) - max(ready, now)).total_seconds()) if pickups else 0.0,
        "rating": (5.0 - entry.driver.rating) * rules.rating_weight_s,
        "did_not_answer": UNANSWERED_S * max(d.unanswered_by.count(entry.driver.id) for d in deliveries),
        "dedicated_first": -1e6 if entry.driver.kind is DriverKind.DEDICATED else 0.0,
    }
    parts = {name: round(value, 1) for name, value in parts.items()}
    return Candidate(driver_id=entry.driver.id, score=round(sum(parts.values()), 1), parts=parts)


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
