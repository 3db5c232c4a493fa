"""Facts of the map: which reasons hold for a delivery, and why an open one waits. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, State
from crowdship.dispatch.eligibility import Available, unavailable, unsuitable
from crowdship.dispatch.overview.urgency import FLAT, Facts, Reason
from crowdship.dispatch.rounds.waits import Wait
from crowdship.routes.route import Route
from crowdship.routes.stops import stop_of
from crowdship.shipment.options import Priority
from crowdship.tracking.model import Alert, AlertKind
from crowdship.zones.model import Zone

MOST_CHECKS = 50_000
"""Drivers checked for open deliveries in one map. Beyond that an open delivery waits for the next round, which says
more."""

UNCONFIRMED_AFTER = timedelta(minutes=5)
"""Time that a driver has to confirm a changed plan before a dispatcher should look at it."""

OF_ALERTS = {AlertKind.OFF_ROUTE: Reason.OFF_ROUTE, AlertKind.LONG_STOP: Reason.LONG_STOP}
"""Alerts that are reasons for the delivery of their stop; silence is one for all deliveries of the driver."""


def under_way(
    route: Route, alerts: Iterable[Alert], now: datetime, *, in_emergency: bool = False
) -> dict[str, frozenset[Reason]]:
    """Return the reasons that hold for each delivery on a route: by its driver's alerts, plan, and emergency.

    A change counts once the driver has not confirmed it for ``UNCONFIRMED_AFTER``.

    Parameters
    ----------
    in_emergency : bool
        True if the driver raised an emergency that nobody has handled.
    """
    of_driver = {Reason.EMERGENCY} if in_emergency else set()
    found: dict[str, set[Reason]] = {stop.delivery_id: set(of_driver) for stop in route.stops}
    for alert in alerts:
        if alert.kind is AlertKind.SILENT:
            for reasons in found.values():
                reasons.add(Reason.DRIVER_SILENT)
        elif alert.kind in OF_ALERTS and alert.delivery_id in found:
            found[alert.delivery_id].add(OF_ALERTS[alert.kind])
    for change in (change for change in route.pending if change.at <= now - UNCONFIRMED_AFTER):
        for stop in (*change.added, *change.changed):
            if (delivery_id := stop_of(stop)[0]) in found:
                found[delivery_id].add(Reason.UNCONFIRMED_PLAN)
    return {delivery_id: frozenset(reasons) for delivery_id, reasons in found.items()}


def late_by(delivery: Delivery, expected: datetime | None, now: datetime) -> float:
    """Return the seconds by which a delivery comes later than promised; 0 if it does not.

    Parameters
    ----------
    expected : datetime or None
        Moment at which its driver is expected at the customer. Without a driver the shortest trip counts, begun now or
        when the pickup opens. Goods on their way back are not late.
    """
    if delivery.state is State.RETURNING:
        return 0.0
    if expected is None:
        expected = now if delivery.driver_id else max(now, delivery.pickup_window.opens_at) + delivery.way.takes
    return max(0.0, (expected - delivery.dropoff_window.closes_at).total_seconds())


def facts_of(
    delivery: Delivery, late_s: float, now: datetime, waits: Wait | None, reasons: frozenset[Reason] = frozenset()
) -> Facts:
    """Return the facts from which the urgency of a delivery follows.

    Parameters
    ----------
    waits : Wait or None
        Reason why it waits for a driver; None if it has one.
    reasons : frozenset of Reason
        Those that come from its driver.
    """
    flat = set(reasons)
    if delivery.priority is Priority.URGENT:
        flat.add(Reason.URGENT_PRIORITY)
    if delivery.pin_locked_at and delivery.state in ON_BOARD:
        flat.add(Reason.PIN_LOCKED)
    if waits in (Wait.NO_DRIVER, Wait.NOBODY_CAN_TAKE_IT):
        flat.add(Reason.NO_DRIVER)
    overdue_s = (now - delivery.dropoff_window.closes_at).total_seconds()
    is_open = delivery.driver_id is None
    return Facts(
        late_s=late_s,
        overdue_s=max(0.0, overdue_s) if delivery.state is not State.RETURNING else 0.0,
        search_left_s=(delivery.search_until - now).total_seconds() if is_open else None,
        refusals=len(delivery.declined_by) + sum(delivery.unanswered_by.values()) if is_open else 0,
        flat=frozenset(flat & FLAT.keys()),
    )


class Waiting:
    """Reasons why open deliveries of a zone wait, with a common limit to the drivers that are checked."""

    def __init__(self, ready: Sequence[Available], crew: int, zone: Zone, now: datetime) -> None:
        self._ready, self._settings, self._now = ready, zone.settings, now
        self._has_crew = crew > 0
        pause = zone.pause_at(now)
        self._paused = pause is not None and pause.offers
        self._checks = MOST_CHECKS

    @classmethod
    def among(cls, available: Sequence[Available], zone: Zone, now: datetime) -> Self:
        """Return it for the drivers of a zone whose position is known."""
        ready = [entry for entry in available if not unavailable(entry, zone.settings, now)]
        return cls(ready, len(available), zone, now)

    def why(self, delivery: Delivery) -> Wait:
        """Return why an open delivery waits."""
        if delivery.state is State.OFFERED:
            return Wait.OFFER_STANDS
        if self._paused:
            return Wait.ZONE_PAUSED
        if not self._has_crew:
            return Wait.NO_DRIVER
        for entry in self._ready:
            if self._checks <= 0:
                return Wait.NEXT_ROUND
            self._checks -= 1
            if not unsuitable(entry, [delivery], self._settings, self._now):
                return Wait.NEXT_ROUND
        return Wait.NOBODY_CAN_TAKE_IT


def latest(late: Mapping[str, float], delivery_ids: Iterable[str]) -> int:
    """Return the greatest lateness among some deliveries, whole seconds; 0 if there is none."""
    return round(max((late.get(delivery_id, 0.0) for delivery_id in delivery_ids), default=0.0))
