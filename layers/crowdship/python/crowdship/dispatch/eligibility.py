"""Eligibility: whether a driver may be given a delivery, and if not, why not.

Ticks, previews, day plans, exchanges, transfers, quotes and assignments by hand all use this rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from crowdship.deliveries.model import Delivery
from crowdship.drivers.compliance import Obstacle
from crowdship.drivers.model import Driver, DriverKind
from crowdship.drivers.tiers import opens
from crowdship.kernel.geo import Point, distance_m
from crowdship.routes.route import Route
from crowdship.routes.timetable import Load
from crowdship.shipment.vehicles import LONGEST_TRIP_M, VEHICLE_CLASSES
from crowdship.zones.dispatch_rules import DispatchLimits, Policy
from crowdship.zones.model import ZoneSettings
from crowdship.zones.tiers import most_valuable


class Ineligible(StrEnum):
    """Reasons why a driver can't be given a delivery, as staff see them."""

    MAY_NOT_DRIVE = "may_not_drive"
    """Barred by standing, erased, or without a valid document that the vehicle needs."""

    POSITION_TOO_OLD = "position_too_old"
    """The phone has sent no position within the zone's ``limits.position_minutes``."""

    ASKED_FOR_ANOTHER_OFFER = "asked_for_another_offer"
    """A directed offer waits for the driver's answer."""

    ROUTE_FULL = "route_full"
    """More open stops than the zone's ``limits.open_stops``."""

    HOURS_USED_UP = "hours_used_up"
    """On duty for as many hours as the law of the zone allows."""

    OFF_SHIFT = "off_shift"
    """One of the platform's dedicated drivers, outside their shifts in the zone."""

    DEDICATED_TO_ANOTHER_MERCHANT = "dedicated_to_another_merchant"
    DECLINED_IT = "declined_it"
    NOT_FOR_THE_CROWD = "not_for_the_crowd"
    """Goods that only a merchant's own drivers may carry."""

    LACKS_CREDENTIAL = "lacks_credential"
    """The law of the goods demands a credential that the driver does not hold, or no longer."""

    TOO_HEAVY = "too_heavy"
    TOO_LARGE = "too_large"
    LACKS_SKILL = "lacks_skill"
    TRIP_TOO_LONG_FOR_VEHICLE = "trip_too_long_for_vehicle"
    TIER_TOO_LOW = "tier_too_low"
    """The goods are worth more than the driver's tier opens, by the zone's ``tiers``; crowd drivers alone have one."""

    TOO_FAR = "too_far"
    """Farther from the pickup than the zone's ``limits.pickup_distance_m``, as the crow flies."""


SENTENCES = {
    Ineligible.MAY_NOT_DRIVE: "the driver is not activated, is suspended, deactivated or lacks a valid document",
    Ineligible.POSITION_TOO_OLD: "the driver's phone has sent no position lately",
    Ineligible.ASKED_FOR_ANOTHER_OFFER: "another offer waits for the driver's answer",
    Ineligible.ROUTE_FULL: "the driver's route is full",
    Ineligible.HOURS_USED_UP: "the driver was on duty for as many hours as the law allows",
    Ineligible.OFF_SHIFT: "the driver has no shift now",
    Ineligible.DEDICATED_TO_ANOTHER_MERCHANT: "the driver works for another merchant only",
    Ineligible.DECLINED_IT: "the driver has declined it",
    Ineligible.NOT_FOR_THE_CROWD: "only a merchant's own drivers may carry these goods",
    Ineligible.LACKS_CREDENTIAL: "the driver lacks a credential that the law of these goods demands",
    Ineligible.TOO_HEAVY: "it is too heavy for the vehicle",
    Ineligible.TOO_LARGE: "it is too large for the vehicle",
    Ineligible.LACKS_SKILL: "the driver lacks a skill that the order asks for",
    Ineligible.TRIP_TOO_LONG_FOR_VEHICLE: "the way is too long for the vehicle",
    Ineligible.TIER_TOO_LOW: "the goods are worth more than the driver's tier opens",
    Ineligible.TOO_FAR: "the driver is too far from the pickup",
}
"""Each reason as a part of a sentence, for the details of problems."""

PASSING = frozenset({Ineligible.ASKED_FOR_ANOTHER_OFFER, Ineligible.ROUTE_FULL})
"""Reasons that end by themselves within minutes: an estimate counts such a driver as free after their route."""


@dataclass(frozen=True)
class Available:
    """A driver on duty as the planner sees them; ``asked_elsewhere`` means that an offer waits for an answer."""

    driver: Driver
    at: Point
    seen_at: datetime
    route: Route
    capacity: Load
    asked_elsewhere: bool = False


def is_full(open_stops: int, limits: DispatchLimits) -> bool:
    """Return whether a route with so many open stops takes no further delivery."""
    return open_stops > limits.open_stops


def most_stops(limits: DispatchLimits) -> int:
    """Return the most stops of a route: one that is not full may get one more delivery, which has two stops."""
    return limits.open_stops + 2


def why_not(
    entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, now: datetime
) -> Ineligible | None:
    """Return why a driver can't be asked for some deliveries now, or None if the driver can.

    Parameters
    ----------
    entry : Available
        The driver on duty, with position and route.
    deliveries : sequence of Delivery
        A bundle that is picked up together.
    """
    return unavailable(entry, settings, now) or unsuitable(entry, deliveries, settings, now)


def off_work(driver: Driver, now: datetime) -> str | None:
    """Return why a driver can be given no work at all, as a sentence, or None if the driver can."""
    if driver.duty is None:
        return f"{driver.id} is not on duty."
    match driver.why_not(driver.day_of(now)):
        case Obstacle.ONBOARDING:
            return f"The application of {driver.id} is not finished."
        case (Obstacle.ACCOUNT_CLOSED | Obstacle.SUSPENDED | Obstacle.DEACTIVATED) as barred:
            return f"{driver.id} gets no work: {barred}."
        case Obstacle.DOCUMENTS_MISSING:
            return f"{driver.id} lacks a valid document for a {driver.vehicle.kind}."
    if driver.used_up_hours(now):
        return f"{driver.id} was on duty for as many hours as the law allows."
    return None


def unavailable(entry: Available, settings: ZoneSettings, now: datetime) -> Ineligible | None:
    """Return why a driver can be asked for no delivery at all, or None if the driver can."""
    rules = settings.dispatch
    if not entry.driver.may_drive(now):
        return Ineligible.MAY_NOT_DRIVE
    if entry.driver.used_up_hours(now):
        return Ineligible.HOURS_USED_UP
    if entry.driver.duty and not entry.driver.works(entry.driver.duty.zone_id, now):
        return Ineligible.OFF_SHIFT
    if entry.seen_at < now - timedelta(minutes=rules.limits.position_minutes):
        return Ineligible.POSITION_TOO_OLD
    if entry.asked_elsewhere and rules.offers.policy is Policy.DIRECTED:
        return Ineligible.ASKED_FOR_ANOTHER_OFFER
    if is_full(len(entry.route.stops), rules.limits):
        return Ineligible.ROUTE_FULL
    return None


def barred_by_law(driver: Driver, delivery: Delivery, now: datetime) -> Ineligible | None:
    """Return why the law of its goods keeps a delivery from a driver now, or None if it does not."""
    demands = delivery.demands
    if demands is None:
        return None
    if demands.dedicated_only and driver.merchant_id is None:
        return Ineligible.NOT_FOR_THE_CROWD
    if demands.credentials and not all(driver.holds(name, driver.day_of(now)) for name in demands.credentials):
        return Ineligible.LACKS_CREDENTIAL
    return None


def unfit(driver: Driver, deliveries: Sequence[Delivery], now: datetime) -> Ineligible | None:
    """Return why a driver can't take some deliveries, wherever the driver is, or None if the driver can.

    Parameters
    ----------
    now : datetime
        The driver's credentials have to count on its day, where the driver works.
    """
    if driver.merchant_id is not None and any(d.merchant_id != driver.merchant_id for d in deliveries):
        return Ineligible.DEDICATED_TO_ANOTHER_MERCHANT
    if any(driver.id in d.declined_by for d in deliveries):
        return Ineligible.DECLINED_IT
    for delivery in deliveries:
        if delivery.demands is not None and (why := barred_by_law(driver, delivery, now)):
            return why
    vehicle = driver.vehicle
    if sum(d.parcel.weight_g for d in deliveries) > vehicle.max_weight_g:
        return Ineligible.TOO_HEAVY
    if sum(d.parcel.volume_l for d in deliveries) > vehicle.max_volume_l:
        return Ineligible.TOO_LARGE
    sizes = (d.parcel.size for d in deliveries if d.parcel.size)
    if not all(VEHICLE_CLASSES[vehicle.kind].holds_sides(size.sides_cm) for size in sizes):
        return Ineligible.TOO_LARGE
    if any(d.requirements.skills and not set(driver.skills).issuperset(d.requirements.skills) for d in deliveries):
        return Ineligible.LACKS_SKILL
    longest = LONGEST_TRIP_M[driver.vehicle.kind]
    if longest < inf and max(distance_m(d.collect_at, d.dropoff) for d in deliveries) > longest:
        return Ineligible.TRIP_TOO_LONG_FOR_VEHICLE
    return None


def unfit_by_hand(driver: Driver, delivery: Delivery, now: datetime) -> Ineligible | None:
    """Return why staff can't give a driver a delivery, or None if they can; a delivery once declined can be given."""
    return unfit(driver, [delivery.with_changes(declined_by=())], now)


def opens_to(driver: Driver, settings: ZoneSettings, worth: int) -> bool:
    """Return whether a driver may be given goods of a worth, in minor units; crowd drivers alone have a tier."""
    return driver.kind is not DriverKind.CROWD or opens(driver.measures, settings.tiers, worth)


def unsuitable(
    entry: Available, deliveries: Sequence[Delivery], settings: ZoneSettings, now: datetime
) -> Ineligible | None:
    """Return why an available driver can't be asked for some deliveries on a day, or None if the driver can."""
    if why := unfit(entry.driver, deliveries, now):
        return why
    if not opens_to(entry.driver, settings, most_valuable(d.parcel.goods_value for d in deliveries)):
        return Ineligible.TIER_TOO_LOW
    if distance_m(entry.at, deliveries[0].collect_at) > settings.dispatch.limits.pickup_distance_m:
        return Ineligible.TOO_FAR
    return None


class Barred:
    """Set of drivers who can't be asked for some deliveries; each driver is checked at the first look-up.

    Parameters
    ----------
    dedicated_only : bool
        Whether the deliveries are kept from the crowd in this round.
    """

    def __init__(
        self,
        deliveries: Sequence[Delivery],
        drivers: Mapping[str, Available],
        settings: ZoneSettings,
        now: datetime,
        *,
        dedicated_only: bool = False,
    ) -> None:
        self._deliveries, self._drivers, self._settings, self._now = deliveries, drivers, settings, now
        self._dedicated_only = dedicated_only
        self._known: dict[object, bool] = {}

    def __contains__(self, driver_id: object) -> bool:
        known = self._known.get(driver_id)
        if known is None:
            entry = self._drivers[str(driver_id)]
            kept = self._dedicated_only and entry.driver.kind is DriverKind.CROWD
            known = kept or unsuitable(entry, self._deliveries, self._settings, self._now) is not None
            self._known[driver_id] = known
        return known
