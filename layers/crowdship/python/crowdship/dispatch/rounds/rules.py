"""One planning round of a zone: which deliveries travel together, and which drivers are asked for them. Pure.

``problem`` turns deliveries and drivers into the planner's, ``planner.matching`` searches for the best plan, and this
module turns its hand-outs into offers with the scores that explain them.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from math import cos, hypot, radians

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available, Ineligible, unavailable, unfit, unsuitable
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.offers.raises import raised
from crowdship.dispatch.rounds.fleet import kept_for_dedicated
from crowdship.dispatch.rounds.pickups import pickup_places
from crowdship.dispatch.rounds.problem import matching_driver, matching_order, matching_rules
from crowdship.dispatch.rounds.waits import Wait
from crowdship.dispatch.scoring import score
from crowdship.drivers.model import DriverKind
from crowdship.kernel.geo import METRES_PER_DEGREE, east_of
from crowdship.planner.acceptance import AskRules, wave
from crowdship.planner.matching import model as matching
from crowdship.planner.matching.model import IdleExplanation, OrderExplanation, Plan
from crowdship.planner.matching.rounds import plan_trips
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Start, insert
from crowdship.travel.times import TravelTimes
from crowdship.zones.dispatch_rules import Policy
from crowdship.zones.model import ZoneSettings

RUNNERS_UP = 5
"""Number of drivers who were not asked whose scores an offer keeps as an explanation."""

SCORED = 12
"""Number of drivers, the nearest, who are scored for an offer."""

PASSING = 8
"""Number of routes, the nearest, into which a delivery is inserted on trial."""

FOR_A_DRIVER = frozenset({matching.NOBODY, matching.BUSY})
"""Reasons to wait that the crowd could end; such an order waits because it is kept for dedicated drivers."""


@dataclass(frozen=True)
class PlannedOffer:
    """A bundle and the drivers to ask for it; a dedicated driver is given it without being asked.

    Parameters
    ----------
    ranked : tuple of Candidate
        All drivers who were compared, the best first.
    excluded : tuple of (str, Ineligible)
        Drivers who could not take it and are nearer than the last who was compared.
    kept : bool
        Whether it was kept for dedicated drivers.
    """

    deliveries: tuple[Delivery, ...]
    candidates: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    policy: Policy
    dedicated: bool = False
    ranked: tuple[Candidate, ...] = ()
    excluded: tuple[tuple[str, Ineligible], ...] = ()
    kept: bool = False

    @property
    def names(self) -> str:
        """The deliveries' ids, for the log."""
        return " ".join(delivery.id for delivery in self.deliveries)


@dataclass
class RoundPlan:
    """Result of a round.

    Parameters
    ----------
    offers : list of PlannedOffer
        Offers to make now.
    waiting : dict of str to str
        Reason why a delivery is not offered now, by delivery.
    ahead : mapping
        Trips planned ahead, from which the next round's search may start.
    explained : tuple of OrderExplanation
        For each delivery the drivers who could take it, with the cost; empty unless explanations were asked for.
    idle : tuple of IdleExplanation
        For each driver without work the reason; empty unless explanations were asked for.
    searched : int
        Steps of the search.
    complete : bool
        False if time ran out before the search ended.
    cannot : mapping of str to Ineligible
        Drivers who could be asked for nothing.
    kept : frozenset of str
        Deliveries that were kept for dedicated drivers.
    """

    offers: list[PlannedOffer] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    ahead: Plan = field(default_factory=dict)
    explained: tuple[OrderExplanation, ...] = ()
    idle: tuple[IdleExplanation, ...] = ()
    searched: int = 0
    complete: bool = True
    cannot: dict[str, Ineligible] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


def held_back(open_deliveries: Sequence[Delivery]) -> RoundPlan:
    """Return the plan of a round of a zone whose offers are paused: everything waits."""
    return RoundPlan(waiting={delivery.id: Wait.ZONE_PAUSED for delivery in open_deliveries})


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
    """Return the offers to make now, and the reasons why other deliveries wait.

    First, deliveries that are a small detour for a driver under way are offered to that driver. For the rest, bundles
    and drivers are chosen together, a few trips ahead. A trip that need not leave yet waits, since a better bundle or
    driver may come.

    Parameters
    ----------
    before : mapping, optional
        ``ahead`` of the previous round.
    may_go_on : callable
        False ends the search with the best plan so far.
    explained : bool
        Whether to explain the plan for each delivery and driver.
    processes : int
        Number of processes that plan a large zone.
    """
    plan = RoundPlan()
    asked: set[str] = set()
    cannot = {entry.driver.id: unavailable(entry, settings, now) for entry in available}
    ready = [entry for entry in available if not cannot[entry.driver.id]]
    under_way = [entry for entry in ready if entry.route.stops]
    ends = (point for delivery in open_deliveries for point in (delivery.pickup, delivery.dropoff))
    ways = (point for entry in ready for point in (entry.at, *(stop.point for stop in entry.route.stops)))
    travel.know((point.lat, point.lon) for point in (*ends, *ways))
    jobs = _jobs(open_deliveries, ready, now)
    plan.cannot = {driver_id: why for driver_id, why in cannot.items() if why}
    plan.kept = kept = kept_for_dedicated(open_deliveries, ready, settings, travel, now)
    dedicated = {entry.driver.id for entry in ready if entry.driver.kind is DriverKind.DEDICATED}
    passing = [entry for entry in under_way if entry.driver.id in dedicated] if kept else []
    in_jobs = {delivery.id for bundle in jobs.values() for delivery in bundle}
    rest = [
        delivery
        for delivery in open_deliveries
        if delivery.id in in_jobs
        or _has_own_driver(delivery, ready, settings, now)
        or not may_go_on()
        or not _take_along(
            delivery, passing if delivery.id in kept else under_way, ready, settings, travel, now, plan, asked
        )
    ]
    groups = {delivery.id: (delivery,) for delivery in rest if delivery.id not in in_jobs} | jobs
    places = pickup_places(rest, settings.dispatch.limits.bundle_radius_m)
    takers = {entry.driver.id: entry for entry in ready if entry.driver.id not in asked}
    found = plan_trips(
        [
            matching_order(name, group, places[group[0].id], takers, settings, kept, now)
            for name, group in groups.items()
        ],
        [matching_driver(entry, settings, travel, now) for entry in takers.values()],
        travel.seconds_between,
        now.timestamp(),
        matching_rules(settings),
        before=before,
        may_go_on=may_go_on,
        explained=explained,
        processes=processes,
    )
    plan.waiting = {
        delivery.id: Wait.KEPT_FOR_DEDICATED if why in FOR_A_DRIVER and delivery.id in kept else why
        for name, why in found.waiting.items()
        for delivery in groups[name]
    }
    # A widened offer does not ask drivers whom another offer of this round asks.
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
        plan.idle += tuple(IdleExplanation(who, why) for who, why in plan.cannot.items())
    plan.searched, plan.complete = found.rounds, found.complete
    return plan


def _jobs(
    open_deliveries: Sequence[Delivery], ready: Sequence[Available], now: datetime
) -> dict[str, tuple[Delivery, ...]]:
    """Return the open deliveries of each job, by the job's id, for jobs of several that one driver can take together.

    Such a job is one order to the planner: one driver is asked for all of it. The deliveries of other jobs are planned
    one by one, so that a drop-off that no driver can take, such as one that needs a skill, does not hold up the others.
    """
    jobs: dict[str, list[Delivery]] = {}
    for delivery in open_deliveries:
        if delivery.job_id:
            jobs.setdefault(delivery.job_id, []).append(delivery)
    return {
        job_id: tuple(bundle)
        for job_id, bundle in jobs.items()
        if len(bundle) > 1 and not all(unfit(entry.driver, bundle, now) for entry in ready)
    }


def _has_own_driver(delivery: Delivery, ready: Sequence[Available], settings: ZoneSettings, now: datetime) -> bool:
    """Return whether one of the merchant's own drivers is without work and can take a delivery."""
    own = (e for e in ready if e.driver.merchant_id == delivery.merchant_id and not e.route.stops)
    first = settings.dispatch.weights.dedicated_first_s > 0
    return first and any(not unsuitable(entry, [delivery], settings, now) for entry in own)


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
    """Offer a delivery to the driver under way with the smallest detour; return whether there is one.

    The detour is within the zone's ``limits.detour_share`` and adds no lateness. Only the routes that pass nearest are
    tried, and no driver who let an offer of this delivery expire.
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
        if unsuitable(entry, [delivery], settings, now):
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
    """Plan the offer of a bundle, to its driver or to several, and add the drivers that it asks to ``asked``."""
    rules = settings.dispatch.offers
    chosen = next(entry for entry in available if entry.driver.id == driver_id)
    ranked, excluded = _ranked(deliveries, chosen, available, settings, travel, now)
    race = rules.policy is Policy.BROADCAST
    if chosen.driver.kind is DriverKind.DEDICATED:
        candidates = [candidate for candidate in ranked if candidate.driver_id == driver_id]
    else:
        # The driver whom the plan chose comes first, then those with the fewest open offers. A broadcast may ask
        # drivers who have other offers to answer; a directed offer may not.
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
    named = {candidate.driver_id for candidate in candidates}
    asked |= named
    if chosen.driver.kind is DriverKind.CROWD:
        entries = {entry.driver.id: entry for entry in available if entry.driver.id in named}
        deliveries, candidates = raised(deliveries, candidates, entries, settings, travel, now)
    plan.offers.append(
        PlannedOffer(
            deliveries,
            candidates=tuple(candidates),
            runners_up=tuple(each for each in ranked if each.driver_id not in named)[:RUNNERS_UP],
            policy=Policy.BROADCAST if len(candidates) > 1 else rules.policy,
            dedicated=chosen.driver.kind is DriverKind.DEDICATED,
            ranked=tuple(ranked),
            excluded=tuple(excluded),
            kept=any(delivery.id in plan.kept for delivery in deliveries),
        )
    )


def _ranked(
    deliveries: tuple[Delivery, ...],
    chosen: Available,
    available: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> tuple[list[Candidate], list[tuple[str, Ineligible]]]:
    """Return the candidates for a bundle, best first, and who was excluded on the way to them.

    The chosen driver is always among the candidates.
    """
    shop = deliveries[0].pickup
    north = cos(radians(shop.lat))

    def apart(entry: Available) -> float:
        return (entry.at.lat - shop.lat) ** 2 + (north * east_of(entry.at.lon, shop.lon)) ** 2

    others = sorted((e for e in available if e is not chosen), key=lambda entry: (apart(entry), entry.driver.id))
    excluded: list[tuple[str, Ineligible]] = []

    def fit(entry: Available) -> bool:
        if why := unsuitable(entry, deliveries, settings, now):
            excluded.append((entry.driver.id, why))
        return not why

    looked_at = [chosen, *islice(filter(fit, others), max(SCORED, settings.dispatch.offers.broadcast_drivers))]
    scored = (score(entry, deliveries, settings, travel, now) for entry in looked_at)
    return sorted((c for c in scored if c), key=lambda c: (c.score, c.driver_id)), excluded
