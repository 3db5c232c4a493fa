"""One planning round of a zone: which deliveries travel together, and who is asked for them. Pure.

What is best is found by ``planner.trips``; here deliveries and drivers become its orders and drivers, and its
hand-outs become offers with everything that a person needs to follow them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery, Priority
from crowdship.dispatch.model import Candidate, OfferedPay
from crowdship.drivers.model import LONGEST_TRIP_M, Driver, DriverKind
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.money import Money
from crowdship.planner import trips as planner
from crowdship.pricing.model import PricePart
from crowdship.routing.model import Load, Route, Start, StopKind, insert, stops_of, timed
from crowdship.routing.travel import TravelTimes
from crowdship.zones.model import DispatchRules, Policy, ZoneSettings

RUNNERS_UP = 5
"""How many drivers who were not asked an offer remembers, for whoever wonders why."""

SCORED = 20
"""How many drivers, the nearest, are scored for an offer."""

ON_THE_WAY_SHARE = 0.35
"""A driver under way takes a delivery along if that costs at most this share of a round trip of its own."""

FAILS_AFTER = timedelta(minutes=45)
"""So long after the promise a delivery is as good as failed."""

DEDICATED_FIRST_S = 3600.0
"""Seconds of waiting that asking a merchant's own driver rather than the crowd is worth."""

UNANSWERED_S = 900.0
"""Seconds of driving that an offer left unanswered is worth when the same driver might be asked again."""


@dataclass(frozen=True)
class Available:
    """A driver on duty as the planner sees them; ``asked_elsewhere`` while an offer waits for their answer."""

    driver: Driver
    at: Point
    seen_at: datetime
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

    @property
    def names(self) -> str:
        """The deliveries' ids, for the log."""
        return " ".join(delivery.id for delivery in self.deliveries)


@dataclass
class RoundPlan:
    """What a round decided, why the rest waits, and what the next round may start from."""

    offers: list[PlannedOffer] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    ahead: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def plan_round(
    open_deliveries: Sequence[Delivery],
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    *,
    before: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
    may_go_on: Callable[[], bool] = lambda: True,
) -> RoundPlan:
    """Return whom to ask for what.

    First, drivers who pass by anyway take along what costs them little. For the rest, bundles and drivers are chosen
    together, a few trips ahead; what need not leave yet waits, since a better bundle or driver may come.

    Parameters
    ----------
    before : mapping, optional
        ``ahead`` of the round before.
    may_go_on : callable
        False ends the search with the best plan so far.
    """
    plan = RoundPlan()
    asked: set[str] = set()
    rest = [d for d in open_deliveries if not _take_along(d, available, settings, travel, now, plan, asked)]
    places = _pickup_places(rest, settings.dispatch.bundle_radius_m)
    broadcast = settings.dispatch.policy is Policy.BROADCAST
    takers = [e for e in available if e.driver.id not in asked and (broadcast or not e.asked_elsewhere)]
    found = planner.plan_trips(
        [_order(delivery, places[delivery.id], takers, settings, now) for delivery in rest],
        [_driver(entry, settings, travel, now) for entry in takers],
        lambda a, b: travel.seconds(Point(lat=a[0], lon=a[1]), Point(lat=b[0], lon=b[1])),
        now.timestamp(),
        _rules(settings),
        before=before,
        may_go_on=may_go_on,
    )
    by_id = {delivery.id: delivery for delivery in rest}
    for hand_out in found.hand_outs:
        bundle = tuple(by_id[delivery_id] for delivery_id in hand_out.order_ids)
        plan.offers.append(_offer(bundle, hand_out.driver_id, available, settings, travel, now))
    plan.waiting = dict(found.waiting)
    plan.ahead = found.plan
    return plan


def _take_along(
    delivery: Delivery,
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    plan: RoundPlan,
    asked: set[str],
) -> bool:
    """Offer a delivery to a driver under way whom it costs little, and no promise; return whether there is one."""
    most = ON_THE_WAY_SHARE * 2 * travel.seconds(delivery.pickup, delivery.dropoff)
    best: tuple[float, Available] | None = None
    for entry in available:
        if not entry.route.stops or entry.driver.id in asked or unsuitable(entry, [delivery], settings, now):
            continue
        if not _passes_near(entry, delivery, settings.dispatch):
            continue
        groups = [stops_of(delivery, settings.travel)]
        weight = settings.dispatch.lateness_weight
        found = insert(entry.route.stops, groups, Start(entry.at, now), entry.capacity, travel, weight)
        if found and not found.late_s and found.added_s <= most and (best is None or found.added_s < best[0]):
            best = found.added_s, entry
    if best is None:
        return False
    asked.add(best[1].driver.id)
    plan.offers.append(_offer((delivery,), best[1].driver.id, available, settings, travel, now))
    return True


def _passes_near(entry: Available, delivery: Delivery, rules: DispatchRules) -> bool:
    places = (entry.at, *(stop.point for stop in entry.route.stops))
    return min(distance_m(place, delivery.pickup) for place in places) <= rules.max_pickup_distance_m / 4


def _offer(
    deliveries: tuple[Delivery, ...],
    driver_id: str,
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> PlannedOffer:
    """Return the offer of a bundle: to its driver, or to the best few in a broadcast."""
    chosen = next(entry for entry in available if entry.driver.id == driver_id)
    ranked = _ranked(deliveries, chosen, available, settings, travel, now)
    given = chosen.driver.kind is DriverKind.DEDICATED
    if given or settings.dispatch.policy is Policy.DIRECTED:
        asked = tuple(candidate for candidate in ranked if candidate.driver_id == driver_id)
    else:
        crowd = {entry.driver.id for entry in available if entry.driver.kind is DriverKind.CROWD}
        asked = tuple(c for c in ranked if c.driver_id in crowd)[: settings.dispatch.broadcast_drivers]
    others = tuple(candidate for candidate in ranked if candidate not in asked)[:RUNNERS_UP]
    return PlannedOffer(deliveries, asked, others, given)


def _ranked(
    deliveries: tuple[Delivery, ...],
    chosen: Available,
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> list[Candidate]:
    """Return the candidates for a bundle, best first; the chosen driver is always among them."""
    suitable = [entry for entry in available if entry is chosen or not unsuitable(entry, deliveries, settings, now)]
    nearest = sorted(suitable, key=lambda entry: (distance_m(entry.at, deliveries[0].pickup), entry.driver.id))
    many = max(SCORED, settings.dispatch.broadcast_drivers)
    looked_at = [chosen, *(entry for entry in nearest[:many] if entry is not chosen)]
    scored = (score(entry, deliveries, settings, travel, now) for entry in looked_at)
    return sorted((c for c in scored if c), key=lambda c: (c.score, c.driver_id))


def _rules(settings: ZoneSettings) -> planner.MatchingRules:
    rules = settings.dispatch
    return planner.MatchingRules(
        pickup_s=settings.travel.pickup_dwell_s,
        dropoff_s=settings.travel.dropoff_dwell_s,
        horizon_s=rules.lead_minutes * 60,
        max_bundle=rules.max_bundle,
        # What leaves before the next look has to be handed out now.
        patience_s=rules.retry_seconds + rules.batch_seconds,
    )


def _order(
    delivery: Delivery, place: Point, takers: Sequence[Available], settings: ZoneSettings, now: datetime
) -> planner.Order:
    fit = [entry.driver.id for entry in takers if not unsuitable(entry, [delivery], settings, now)]
    # Who let an offer run out is asked when there is nobody else.
    willing = [driver_id for driver_id in fit if driver_id not in delivery.unanswered_by] or fit
    urgent = delivery.priority is Priority.URGENT
    due = delivery.created_at if urgent else delivery.dropoff_window.closes_at
    return planner.Order(
        id=delivery.id,
        pickup=(place.lat, place.lon),
        dropoff=(delivery.dropoff.lat, delivery.dropoff.lon),
        placed_at=max(delivery.created_at, delivery.plan_from).timestamp(),
        ready_at=delivery.pickup_window.opens_at.timestamp(),
        due_at=due.timestamp(),
        fails_at=(delivery.dropoff_window.closes_at + FAILS_AFTER).timestamp(),
        weight=delivery.parcel.weight_g,
        volume=delivery.parcel.volume_l,
        alone=urgent,
        barred=frozenset(entry.driver.id for entry in takers) - frozenset(willing),
        kind=f"{delivery.price.tip.currency} {sorted(delivery.declined_by)}",
    )


def _driver(entry: Available, settings: ZoneSettings, travel: TravelTimes, now: datetime) -> planner.Driver:
    at, free_at = entry.at, now
    if entry.route.stops:
        last = timed(entry.route.stops, Start(entry.at, now), travel)[-1]
        at, free_at = last.point, (last.eta or now) + timedelta(seconds=last.dwell_s)
    rules = settings.dispatch
    malus = (5.0 - entry.driver.rating) * rules.rating_weight_s
    dedicated = entry.driver.kind is DriverKind.DEDICATED
    return planner.Driver(
        id=entry.driver.id,
        at=(at.lat, at.lon),
        free_at=free_at.timestamp(),
        free=free_at <= now + timedelta(seconds=rules.ask_ahead_seconds),
        max_weight=entry.capacity.weight_g,
        max_volume=entry.capacity.volume_l,
        malus=malus - (DEDICATED_FIRST_S if dedicated else 0.0),
    )


def _pickup_places(deliveries: Iterable[Delivery], radius_m: float) -> dict[str, Point]:
    """Return where each delivery is picked up, with neighbouring pickups taken for one place."""
    places: list[Point] = []
    found = {}
    for delivery in sorted(deliveries, key=lambda d: (d.created_at, d.pickup.lat, d.pickup.lon)):
        place = next((p for p in places if distance_m(p, delivery.pickup) <= radius_m), None)
        if place is None:
            place = delivery.pickup
            places.append(place)
        found[delivery.id] = place
    return found


def unsuitable(entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, now: datetime) -> str | None:
    """Return why a driver can't be asked for some deliveries, or None if they can."""
    driver, rules = entry.driver, settings.dispatch
    if not driver.may_drive(now):
        return "may_not_drive"
    if entry.seen_at < now - timedelta(minutes=rules.position_minutes):
        return "position_too_old"
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
    entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, travel: TravelTimes, now: datetime
) -> Candidate | None:
    """Return what it costs to let a driver take some deliveries, or None if they don't fit into the vehicle.

    The score is in seconds of driving: what the route grows by (lateness weighted), the wait until the pickup, a
    malus for a lower rating or an unanswered offer, and first call for dedicated drivers.
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
        "did_not_answer": UNANSWERED_S * max(d.unanswered_by.get(entry.driver.id, 0) for d in deliveries),
        "dedicated_first": -DEDICATED_FIRST_S if entry.driver.kind is DriverKind.DEDICATED else 0.0,
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
