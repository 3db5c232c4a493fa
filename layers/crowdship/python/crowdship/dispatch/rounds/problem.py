"""The matching problem of a round: a zone's deliveries, drivers and settings as the planner takes them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import cos, radians
from statistics import mean

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available, Barred
from crowdship.dispatch.scoring import ACCEPTANCE, UNANSWERED_S, order_preferences, willingness, work_preferences
from crowdship.drivers.model import DriverKind
from crowdship.kernel.geo import Point
from crowdship.planner.matching import model as matching
from crowdship.planner.matching.model import MatchingRules
from crowdship.routes.timetable import Start, free_after
from crowdship.shipment.options import Priority
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import ZoneSettings

FAILS_AFTER = timedelta(minutes=45)
"""Time after the promise from which the planner counts a delivery as failed."""


def matching_rules(settings: ZoneSettings) -> MatchingRules:
    """Return the planner's rules of a zone."""
    rounds, weights = settings.dispatch.rounds, settings.dispatch.weights
    return MatchingRules(
        pickup_s=settings.travel.pickup_dwell_s,
        dropoff_s=settings.travel.dropoff_dwell_s,
        # A second of lateness is also a second of waiting, which counts already.
        lateness=max(0.0, weights.lateness - 1),
        ageing=weights.ageing,
        driver_time_per_load=weights.driver_time,
        acceptance=ACCEPTANCE,
        refusal_s=weights.refusal_s,
        horizon_s=rounds.lead_minutes * 60,
        max_bundle=settings.dispatch.limits.bundle_size,
        # A trip that has to leave before the next round is handed out now.
        patience_s=rounds.retry_seconds + rounds.batch_seconds,
        # A zone is small, so one latitude gives the scale for all of it.
        east_scale=cos(radians(mean(corner.lat for corner in settings.area))),
    )


def matching_order(
    name: str,
    group: tuple[Delivery, ...],
    place: Point,
    takers: Mapping[str, Available],
    settings: ZoneSettings,
    kept: frozenset[str],
    now: datetime,
) -> matching.Order:
    """Return the planner's order for a delivery, or for a job, which ends at its last drop-off and shares no trip.

    Where orders are kept for dedicated drivers, no other order waits for one of them: the bonus of asking them first is
    taken back.
    """
    mine = all(delivery.id in kept for delivery in group)
    first, last = group[0], group[-1]
    urgent, usual = first.priority is Priority.URGENT, settings.rates.usual_pay_per_minute
    closes = min(delivery.dropoff_window.closes_at for delivery in group)
    due = first.created_at if urgent else closes
    silent: Counter[str] = Counter()
    for delivery in group:
        silent |= Counter(delivery.unanswered_by)
    surcharges = {driver_id: UNANSWERED_S * times for driver_id, times in silent.items()}
    if settings.dispatch.fleet.hold_minutes and not mine:
        for driver_id, entry in takers.items():
            if entry.driver.kind is DriverKind.DEDICATED:
                surcharges[driver_id] = surcharges.get(driver_id, 0.0) + settings.dispatch.weights.dedicated_first_s
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
        barred=Barred(group, takers, settings, now, dedicated_only=mine),
        surcharges=surcharges,
        kind=f"{first.price.tip.currency} {declined}",
    )


def matching_driver(entry: Available, settings: ZoneSettings, travel: TravelTimes, now: datetime) -> matching.Driver:
    """Return the planner's driver, who is free at the end of the present route."""
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
