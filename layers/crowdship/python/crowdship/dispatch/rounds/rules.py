"""One planning round of a zone: which deliveries travel together, and who is asked for them. Pure.

What is best is found by ``planner.matching``; here deliveries and drivers become its orders and drivers, and its
hand-outs become offers with everything that a person needs to follow them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from math import cos, floor, hypot, radians
from statistics import mean

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available, Barred, unavailable, unfit, unsuitable
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.scoring import ACCEPTANCE, UNANSWERED_S, order_preferences, score, willingness, work_preferences
from crowdship.drivers.model import DriverKind
from crowdship.kernel.geo import Point, distance_m, east_of
from crowdship.planner.acceptance import AskRules, wave
from crowdship.planner.matching import model as matching
from crowdship.planner.matching.model import IdleExplanation, MatchingRules, OrderExplanation, Plan
from crowdship.planner.matching.rounds import plan_trips
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Start, free_after, insert
from crowdship.shipment.options import Priority
from crowdship.travel.times import TravelTimes
from crowdship.zones.dispatch_rules import Policy
from crowdship.zones.model import ZoneSettings

RUNNERS_UP = 5
"""How many drivers who were not asked an offer remembers, for whoever wonders why."""

SCORED = 12
"""How many drivers, the nearest, are scored for an offer."""

METRES_PER_DEGREE = 111_195.0
"""Of latitude."""

PASSING = 8
"""Routes, the nearest, into which a delivery is put to see what it would cost."""

FAILS_AFTER = timedelta(minutes=45)
"""So long after the promise a delivery is as good as failed."""


@dataclass(frozen=True)
class PlannedOffer:
    """A bundle and the drivers to ask for it; dedicated drivers are given it at once."""

    deliveries: tuple[Delivery, ...]
    candidates: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    policy: Policy
    dedicated: bool = False

    @property
    def names(self) -> str:
        """The deliveries' ids, for the log."""
        return " ".join(delivery.id for delivery in self.deliveries)


@dataclass
class RoundPlan:
    """What a round decided, why the rest waits, and what the next round may start from.

    Parameters
    ----------
    explained : tuple of OrderExplanation
        For each delivery, if it was asked for: who could take it at what cost.
    idle : tuple of IdleExplanation
        For each driver without work, if it was asked for: why.
    searched : int
        Steps of the search.
    complete : bool
        False if its time was over before its end.
    """

    offers: list[PlannedOffer] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    ahead: Plan = field(default_factory=dict)
    explained: tuple[OrderExplanation, ...] = ()
    idle: tuple[IdleExplanation, ...] = ()
    searched: int = 0
    complete: bool = True


def plan_round(
    open_deliveries: Sequence[Delivery],
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    *,
    before: Plan | None = None,
    may_go_on: Callable[[], bool] = lambda: True,
    explained: bool = False,
    processes: int = 1,
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
    explained : bool
        Whether to say for each delivery and driver why.
    processes : int
        How many to use at once in a large zone.
    """
    plan = RoundPlan()
    asked: set[str] = set()
    cannot = {entry.driver.id: unavailable(entry, settings, now) for entry in available}
    ready = [entry for entry in available if not cannot[entry.driver.id]]
    under_way = [entry for entry in ready if entry.route.stops]
    ends = (point for delivery in open_deliveries for point in (delivery.pickup, delivery.dropoff))
    ways = (point for entry in ready for point in (entry.at, *(stop.point for stop in entry.route.stops)))
    travel.know((point.lat, point.lon) for point in (*ends, *ways))
    jobs = _jobs(open_deliveries, ready)
    in_jobs = {delivery.id for bundle in jobs.values() for delivery in bundle}
    rest = [
        delivery
        for delivery in open_deliveries
        if delivery.id in in_jobs
        or _has_own_driver(delivery, ready, settings)
        or not may_go_on()
        or not _take_along(delivery, under_way, ready, settings, travel, now, plan, asked)
    ]
    groups = {delivery.id: (delivery,) for delivery in rest if delivery.id not in in_jobs} | jobs
    places = _pickup_places(rest, settings.dispatch.limits.bundle_radius_m)
    takers = {entry.driver.id: entry for entry in ready if entry.driver.id not in asked}
    found = plan_trips(
        [_order(name, group, places[group[0].id], takers, settings) for name, group in groups.items()],
        [_driver(entry, settings, travel, now) for entry in takers.values()],
        travel.seconds_between,
        now.timestamp(),
        _rules(settings),
        before=before,
        may_go_on=may_go_on,
        explained=explained,
        processes=processes,
    )
    plan.waiting = {delivery.id: why for name, why in found.waiting.items() for delivery in groups[name]}
    # A widened offer leaves alone whom another offer of this round asks.
    asked |= {hand_out.driver_id for hand_out in found.hand_outs}
    for hand_out in found.hand_outs:
        bundle = tuple(delivery for name in hand_out.order_ids for delivery in groups[name])
        _offer(bundle, hand_out.driver_id, ready, settings, travel, now, plan, asked)
    plan.ahead = found.plan
    plan.explained = tuple(replace(why, order_id=d.id) for why in found.orders for d in groups[why.order_id])
    if explained:
        busy = {candidate.driver_id for offer in plan.offers for candidate in offer.candidates}
        nearest = {name: group[0].id for name, group in groups.items()}
        plan.idle = tuple(
            replace(idle, order_id=nearest.get(idle.order_id or ""))
            for idle in found.idle
            if idle.driver_id not in busy
        )
        plan.idle += tuple(IdleExplanation(who, why) for who, why in cannot.items() if why)
    plan.searched, plan.complete = found.rounds, found.complete
    return plan


def _jobs(open_deliveries: Sequence[Delivery], ready: Sequence[Available]) -> dict[str, tuple[Delivery, ...]]:
    """Return what is open of each job, by the job's id, where there is more than one and a driver can take it all.

    One drop-off that nobody there can take, as it was changed to need a skill for example, must not hold up the others.
    Within the planner's limits a job is one order: one driver is asked for all of it.
    """
    jobs: dict[str, list[Delivery]] = {}
    for delivery in open_deliveries:
        if delivery.job_id:
            jobs.setdefault(delivery.job_id, []).append(delivery)
    return {
        job_id: tuple(bundle)
        for job_id, bundle in jobs.items()
        if len(bundle) > 1 and not all(unfit(entry.driver, bundle) for entry in ready)
    }


def _has_own_driver(delivery: Delivery, ready: Sequence[Available], settings: ZoneSettings) -> bool:
    """Return whether a driver of the merchant's own, with nothing to do, can have a delivery."""
    own = (e for e in ready if e.driver.merchant_id == delivery.merchant_id and not e.route.stops)
    return settings.dispatch.weights.dedicated_first_s > 0 and any(not unsuitable(e, [delivery], settings) for e in own)


def _take_along(
    delivery: Delivery,
    under_way: Sequence[Available],
    ready: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    plan: RoundPlan,
    asked: set[str],
) -> bool:
    """Offer a delivery to a driver under way whom it costs little, and no promise; return whether there is one.

    Only the routes that pass nearest are looked at, and nobody who let an offer of this delivery run out.
    """
    most = settings.dispatch.limits.detour_share * 2 * travel.seconds(delivery.pickup, delivery.dropoff)
    near_enough = settings.dispatch.limits.pickup_distance_m / 4 / METRES_PER_DEGREE
    north = cos(radians(delivery.pickup.lat))

    def apart(entry: Available) -> float:
        places = (entry.at, *(stop.point for stop in entry.route.stops))
        return min(
            hypot(place.lat - delivery.pickup.lat, north * east_of(place.lon, delivery.pickup.lon)) for place in places
        )

    passing = sorted(
        (distance, entry.driver.id, entry)
        for entry in under_way
        if entry.driver.id not in asked
        and entry.driver.id not in delivery.unanswered_by
        and (distance := apart(entry)) <= near_enough
    )
    best: tuple[float, str] | None = None
    for _, driver_id, entry in passing[:PASSING]:
        if unsuitable(entry, [delivery], settings):
            continue
        groups = [stops_of(delivery, settings.travel)]
        weight = settings.dispatch.weights.lateness
        found = insert(entry.route.stops, groups, Start(entry.at, now), entry.capacity, travel, weight)
        if found and not found.late_s and found.added_s <= most and (best is None or found.added_s < best[0]):
            best = found.added_s, driver_id
    if best is None:
        return False
    asked.add(best[1])
    _offer((delivery,), best[1], ready, settings, travel, now, plan, asked)
    return True


def _offer(
    deliveries: tuple[Delivery, ...],
    driver_id: str,
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
    plan: RoundPlan,
    asked: set[str],
) -> None:
    """Plan the offer of a bundle: to its driver, or to the best few in a broadcast; whom it asks is then asked."""
    rules = settings.dispatch.offers
    chosen = next(entry for entry in available if entry.driver.id == driver_id)
    ranked = _ranked(deliveries, chosen, available, settings, travel, now)
    race = rules.policy is Policy.BROADCAST
    if chosen.driver.kind is DriverKind.DEDICATED:
        candidates = [candidate for candidate in ranked if candidate.driver_id == driver_id]
    else:
        # The driver whom the plan chose comes first. In a broadcast, others may be in several races at once, the later
        # the more of them; a directed offer wants its driver's whole mind.
        crowd = {entry.driver.id for entry in available if entry.driver.kind is DriverKind.CROWD}
        races = Counter(candidate.driver_id for offer in plan.offers for candidate in offer.candidates)
        races.update(entry.driver.id for entry in available if entry.asked_elsewhere)
        free = crowd if race else (crowd - asked) | {driver_id}
        worth_asking = [candidate for candidate in ranked if candidate.driver_id in free]
        worth_asking.sort(key=lambda candidate: (candidate.driver_id != driver_id, races[candidate.driver_id]))
        refused = max(len(d.declined_by) + sum(d.unanswered_by.values()) for d in deliveries)
        ask = AskRules(rules.acceptance_probability, rules.broadcast_drivers, rules.widen_after)
        likely = [candidate.acceptance / (1 + races[candidate.driver_id]) for candidate in worth_asking]
        candidates = worth_asking[: wave(likely, refused, ask, broadcast=race)]
    if not candidates:
        plan.waiting.update((delivery.id, matching.NOBODY) for delivery in deliveries)
        return
    asked.update(candidate.driver_id for candidate in candidates)
    plan.offers.append(
        PlannedOffer(
            deliveries,
            candidates=tuple(candidates),
            runners_up=tuple(candidate for candidate in ranked if candidate not in candidates)[:RUNNERS_UP],
            policy=Policy.BROADCAST if len(candidates) > 1 else rules.policy,
            dedicated=chosen.driver.kind is DriverKind.DEDICATED,
        )
    )


def _ranked(
    deliveries: tuple[Delivery, ...],
    chosen: Available,
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> list[Candidate]:
    """Return the candidates for a bundle, best first; the chosen driver is always among them."""
    shop = deliveries[0].pickup
    north = cos(radians(shop.lat))

    def apart(entry: Available) -> float:
        return (entry.at.lat - shop.lat) ** 2 + (north * east_of(entry.at.lon, shop.lon)) ** 2

    others = sorted((e for e in available if e is not chosen), key=lambda entry: (apart(entry), entry.driver.id))
    fit = (entry for entry in others if not unsuitable(entry, deliveries, settings))
    looked_at = [chosen, *islice(fit, max(SCORED, settings.dispatch.offers.broadcast_drivers))]
    scored = (score(entry, deliveries, settings, travel, now) for entry in looked_at)
    return sorted((c for c in scored if c), key=lambda c: (c.score, c.driver_id))


def _rules(settings: ZoneSettings) -> MatchingRules:
    rounds, weights = settings.dispatch.rounds, settings.dispatch.weights
    return MatchingRules(
        pickup_s=settings.travel.pickup_dwell_s,
        dropoff_s=settings.travel.dropoff_dwell_s,
        # A second of lateness is a second of waiting to begin with.
        lateness=max(0.0, weights.lateness - 1),
        ageing=weights.ageing,
        driver_time_per_load=weights.driver_time,
        acceptance=ACCEPTANCE,
        refusal_s=weights.refusal_s,
        horizon_s=rounds.lead_minutes * 60,
        max_bundle=settings.dispatch.limits.bundle_size,
        # What leaves before the next look has to be handed out now.
        patience_s=rounds.retry_seconds + rounds.batch_seconds,
        # A zone is so small that one latitude does for all of it.
        east_scale=cos(radians(mean(corner.lat for corner in settings.area))),
    )


def _order(
    name: str, group: tuple[Delivery, ...], place: Point, takers: Mapping[str, Available], settings: ZoneSettings
) -> matching.Order:
    """Return a delivery, or a job as one order that ends at its last drop-off and shares no trip with others."""
    first, last = group[0], group[-1]
    urgent, usual = first.priority is Priority.URGENT, settings.rates.usual_pay_per_minute
    closes = min(delivery.dropoff_window.closes_at for delivery in group)
    due = first.created_at if urgent else closes
    silent: Counter[str] = Counter()
    for delivery in group:
        silent |= Counter(delivery.unanswered_by)
    declined = sorted({driver_id for delivery in group for driver_id in delivery.declined_by})
    return matching.Order(
        id=name,
        pickup=(place.lat, place.lon),
        dropoff=(last.dropoff.lat, last.dropoff.lon),
        placed_at=min(max(delivery.created_at, delivery.plan_from) for delivery in group).timestamp(),
        ready_at=max(delivery.pickup_window.opens_at for delivery in group).timestamp(),
        due_at=due.timestamp(),
        fails_at=(closes + FAILS_AFTER).timestamp(),
        weight=sum(delivery.parcel.weight_g for delivery in group),
        volume=sum(delivery.parcel.volume_l for delivery in group),
        skills=frozenset(skill for delivery in group for skill in delivery.requirements.skills),
        pay=sum(delivery.price.pay_total.amount for delivery in group) / usual,
        tip=sum(delivery.price.tip.amount for delivery in group) / usual,
        alone=urgent or len(group) > 1,
        barred=Barred(group, takers, settings),
        surcharges={driver_id: UNANSWERED_S * times for driver_id, times in silent.items()},
        kind=f"{first.price.tip.currency} {declined}",
    )


def _driver(entry: Available, settings: ZoneSettings, travel: TravelTimes, now: datetime) -> matching.Driver:
    free = free_after(entry.route.stops, Start(entry.at, now), travel)
    weights = settings.dispatch.weights
    dedicated = entry.driver.kind is DriverKind.DEDICATED
    return matching.Driver(
        id=entry.driver.id,
        at=(free.point.lat, free.point.lon),
        free_at=free.at.timestamp(),
        free=free.at <= now + timedelta(seconds=settings.dispatch.rounds.ask_ahead_seconds),
        max_weight=entry.capacity.weight_g,
        max_volume=entry.capacity.volume_l,
        skills=frozenset(entry.driver.skills),
        pay_price=0.0 if dedicated else weights.pay_s,
        willingness=None if dedicated else willingness(entry.driver, now),
        order_preferences=order_preferences(entry.driver, weights),
        work_preferences=work_preferences(entry, weights, now),
    )


def _pickup_places(deliveries: Iterable[Delivery], radius_m: float) -> dict[str, Point]:
    """Return where each delivery is picked up, with neighbouring pickups taken for one place.

    Places are kept in squares as wide as the radius, so that a delivery is compared with the nine around it.
    """
    side = max(radius_m, 1.0) / METRES_PER_DEGREE
    squares: dict[tuple[int, int], list[Point]] = {}
    found = {}
    for delivery in sorted(deliveries, key=lambda d: (d.created_at, d.pickup.lat, d.pickup.lon)):
        pickup = delivery.pickup
        row = floor(pickup.lat / side)
        # Meridians draw together towards the poles; the row's own latitude keeps neighbours in the same columns.
        column = floor(pickup.lon * cos(radians(row * side)) / side)
        near = (p for r in (row - 1, row, row + 1) for p in _of_row(squares, r, pickup, side))
        place = next((p for p in near if distance_m(p, pickup) <= radius_m), None)
        if place is None:
            place = pickup
            squares.setdefault((row, column), []).append(place)
        found[delivery.id] = place
    return found


def _of_row(squares: Mapping[tuple[int, int], list[Point]], row: int, pickup: Point, side: float) -> Iterator[Point]:
    column = floor(pickup.lon * cos(radians(row * side)) / side)
    for c in (column - 1, column, column + 1):
        yield from squares.get((row, c), ())
