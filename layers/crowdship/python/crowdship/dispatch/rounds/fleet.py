"""Orders that a round keeps for dedicated drivers, and those that overflow to the crowd. Pure.

An order is kept while a dedicated driver can be at its pickup within ``fleet.hold_minutes`` and bring it in time, and
that driver has fewer than ``fleet.orders_per_driver`` open deliveries. It is kept for ``hold_minutes`` at most, counted
from when it may be picked up, and for half of its search at most, so that the crowd has the other half. Urgent orders
are never kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available, unsuitable
from crowdship.drivers.model import DriverKind
from crowdship.kernel.geo import Point
from crowdship.routes.timetable import Start, free_after
from crowdship.shipment.options import Priority
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import ZoneSettings


@dataclass
class _Slot:
    """A dedicated driver, where and when they are free after what is kept for them, and how much more is.

    ``shop``, ``shop_at`` and ``taken`` tell of their last trip: from where, when, and with how many deliveries.
    """

    entry: Available
    at: Point
    since: datetime
    left: int
    shop: Point | None = None
    shop_at: datetime | None = None
    taken: int = 0

    def pickup_of(self, delivery: Delivery, settings: ZoneSettings, travel: TravelTimes) -> datetime:
        """Return when the driver can be at a pickup; another order of the same shop travels along."""
        if self.shop_at and self.shop == delivery.pickup and self.taken < settings.dispatch.limits.bundle_size:
            return self.shop_at
        return self.since + timedelta(seconds=travel.seconds(self.at, delivery.pickup))

    def arrival_of(self, delivery: Delivery, there: datetime, settings: ZoneSettings, travel: TravelTimes) -> datetime:
        """Return when the driver can be at a drop-off, for a moment at the pickup."""
        if there == self.shop_at:
            return self.since + timedelta(seconds=travel.seconds(self.at, delivery.dropoff))
        leaves = max(there, delivery.pickup_window.opens_at) + timedelta(seconds=settings.travel.pickup_dwell_s)
        return leaves + timedelta(seconds=travel.seconds(delivery.pickup, delivery.dropoff))

    def keep(self, delivery: Delivery, there: datetime, arrives: datetime, settings: ZoneSettings) -> None:
        """Count a delivery that is kept for the driver."""
        self.taken = self.taken + 1 if there == self.shop_at else 1
        self.shop, self.shop_at, self.left = delivery.pickup, there, self.left - 1
        self.at, self.since = delivery.dropoff, arrives + timedelta(seconds=settings.travel.dropoff_dwell_s)


def kept_until(delivery: Delivery, settings: ZoneSettings) -> datetime:
    """Return the moment from which a delivery is no longer kept from the crowd, whatever dedicated drivers do."""
    opens = max(delivery.created_at, delivery.plan_from, delivery.pickup_window.opens_at)
    half = opens + (delivery.search_until - opens) / 2
    return min(opens + timedelta(minutes=settings.dispatch.fleet.hold_minutes), half)


def kept_for_dedicated(
    open_deliveries: Sequence[Delivery],
    ready: Sequence[Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> frozenset[str]:
    """Return the ids of the deliveries that only dedicated drivers are to be given in this round.

    The oldest come first; each takes the driver who can be there first, who is then free again at its drop-off.

    Parameters
    ----------
    ready : sequence of Available
        The drivers who can be asked at all.
    """
    rules = settings.dispatch.fleet
    if not rules.hold_minutes:
        return frozenset()
    slots = [slot for entry in ready if (slot := _slot(entry, settings, travel, now))]
    kept = set()
    for delivery in sorted(open_deliveries, key=lambda one: (one.created_at, one.id)):
        if delivery.priority is Priority.URGENT or now >= kept_until(delivery, settings):
            continue
        able = [slot for slot in slots if slot.left > 0 and not unsuitable(slot.entry, [delivery], settings, now)]
        reached = [(slot.pickup_of(delivery, settings, travel), slot.entry.driver.id, slot) for slot in able]
        if not reached:
            continue
        there, _, slot = min(reached, key=lambda one: one[:2])
        opens = max(now, delivery.pickup_window.opens_at)
        arrives = slot.arrival_of(delivery, there, settings, travel)
        if there > opens + timedelta(minutes=rules.hold_minutes) or arrives > delivery.dropoff_window.closes_at:
            continue
        kept.add(delivery.id)
        slot.keep(delivery, there, arrives, settings)
    return frozenset(kept)


def _slot(entry: Available, settings: ZoneSettings, travel: TravelTimes, now: datetime) -> _Slot | None:
    if entry.driver.kind is not DriverKind.DEDICATED:
        return None
    left = settings.dispatch.fleet.orders_per_driver - len({stop.delivery_id for stop in entry.route.stops})
    if left <= 0:
        return None
    free = free_after(entry.route.stops, Start(entry.at, now), travel)
    return _Slot(entry, free.point, max(now, free.at), left)
