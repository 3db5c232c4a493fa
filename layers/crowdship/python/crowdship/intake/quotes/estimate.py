"""Estimate of a delivery's pickup and arrival from the drivers on duty now. Pure.

The estimate assumes that every suitable driver first finishes their route as planned. Then each waiting delivery, the
oldest first, goes to the driver who can be at its pickup first; that driver is free again after the hand-over, at its
drop-off. The delivery in question comes last:

    pickup  = max(window opens, first of (free, and the way to the pickup))
    drop-off = max(window opens, pickup + dwell at the pickup + way to the drop-off)

No driver is asked before the zone has waited for other orders to bundle (``rounds.batch_seconds``,
``rounds.urgent_seconds``). A delivery that is planned only later is expected when its windows open, as its drivers are
not known yet. An order that the zone keeps for its dedicated drivers counts as theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import PASSING, Available, unavailable, unfit, unsuitable
from crowdship.dispatch.rounds.fleet import kept_for_dedicated
from crowdship.drivers.model import DriverKind
from crowdship.kernel.geo import Point
from crowdship.routes.timetable import Start, free_after
from crowdship.shipment.options import Priority
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import ZoneSettings

MOST_WAITING = 200
"""At most this many waiting deliveries, the oldest, are taken into account."""


@dataclass
class _Free:
    entry: Available
    at: Point
    since: datetime


def expected(
    delivery: Delivery,
    available: Sequence[Available],
    waiting: Sequence[Delivery],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> tuple[datetime | None, datetime | None]:
    """Return the expected pickup and arrival of a delivery; None and None if no suitable driver is on duty.

    Parameters
    ----------
    available : sequence of Available
        The drivers on duty in the zone.
    waiting : sequence of Delivery
        The deliveries of the zone that wait for a driver, the longest waiting first.
    """
    if delivery.plan_from > now:
        return _arrival(delivery, delivery.pickup_window.opens_at, settings, travel)
    rules = settings.dispatch.rounds
    asked = now + timedelta(
        seconds=rules.urgent_seconds if delivery.priority is Priority.URGENT else rules.batch_seconds
    )
    ready = [entry for entry in available if _may_be_asked(entry, settings, now)]
    free = [_after_route(entry, asked, now, travel) for entry in ready]
    kept = kept_for_dedicated([*waiting[:MOST_WAITING], delivery], ready, settings, travel, now)
    for other in waiting[:MOST_WAITING]:
        takers = [one for one in free if not unfit(one.entry.driver, [other], now) and _may_take(one, other, kept)]
        if taker := _first_there(other, takers, travel):
            picked_up = max(_there(taker, other, travel), other.pickup_window.opens_at)
            _, dropped_off = _arrival(other, picked_up, settings, travel)
            taker.at, taker.since = other.dropoff, dropped_off + timedelta(seconds=settings.travel.dropoff_dwell_s)
    fitting = [
        one for one in free if not unsuitable(one.entry, [delivery], settings, now) and _may_take(one, delivery, kept)
    ]
    taker = _first_there(delivery, fitting, travel)
    if taker is None:
        return None, None
    return _arrival(delivery, max(_there(taker, delivery, travel), delivery.pickup_window.opens_at), settings, travel)


def _may_take(one: _Free, delivery: Delivery, kept: frozenset[str]) -> bool:
    """Return whether a driver may take a delivery by the zone's fleet policy."""
    return delivery.id not in kept or one.entry.driver.kind is DriverKind.DEDICATED


def _may_be_asked(entry: Available, settings: ZoneSettings, now: datetime) -> bool:
    """Return whether a driver can be asked now or soon; one with an open offer or a full route can be asked soon."""
    reason = unavailable(entry, settings, now)
    return reason is None or reason in PASSING


def _after_route(entry: Available, asked: datetime, now: datetime, travel: TravelTimes) -> _Free:
    free = free_after(entry.route.stops, Start(entry.at, now), travel)
    return _Free(entry, free.point, max(asked, free.at))


def _there(one: _Free, delivery: Delivery, travel: TravelTimes) -> datetime:
    return one.since + timedelta(seconds=travel.seconds(one.at, delivery.pickup))


def _first_there(delivery: Delivery, among: Sequence[_Free], travel: TravelTimes) -> _Free | None:
    return min(among, key=lambda one: (_there(one, delivery, travel), one.entry.driver.id), default=None)


def _arrival(
    delivery: Delivery, picked_up: datetime, settings: ZoneSettings, travel: TravelTimes
) -> tuple[datetime, datetime]:
    way_s = settings.travel.pickup_dwell_s + travel.seconds(delivery.pickup, delivery.dropoff)
    arrives = max(picked_up + timedelta(seconds=way_s), delivery.dropoff_window.opens_at)
    return picked_up.replace(microsecond=0), arrives.replace(microsecond=0)
