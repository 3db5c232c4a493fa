"""Alerts to dispatchers: drivers who are silent, leave their route, are late, or stay too long at a stop."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from crowdship.routes.stops import Stop
from crowdship.routes.timetable import on_board
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.model import Alert, AlertKind, Position, Progress
from crowdship.travel.expectation import Arrival
from crowdship.zones.model import ZoneSettings

CERTAIN_AFTER = timedelta(minutes=1)
"""A driver has to be off their route for this long before an alert is raised: longer than a single wrong position."""

CALM = 0.5
"""An alert about a late or off-route driver ends once the excess is below this share of the zone's limit."""


def under_way(stops: Sequence[Stop], now: datetime) -> bool:
    """Return whether a driver has something to do now: a stop they set out for, goods on board, or an open window."""
    if not stops:
        return False
    return stops[0].started or on_board(stops).weight_g > 0 or stops[0].opens_at <= now


def progress_of(position: Position, stops: Sequence[Stop], way_s: float, limit_s: int, *, estimated: bool) -> Progress:
    """Return the progress of a driver towards their next stop.

    The way is measured along streets, so that a bend or the way to a bridge counts as coming nearer. Where streets are
    not known it is estimated. A change between the two begins the progress anew, as they can't be compared.

    Parameters
    ----------
    stops : sequence of Stop
        The open stops in their order; at least one.
    way_s : float
        Seconds to the next stop now, in free flow.
    limit_s : int
        Seconds of detour that the zone allows.
    estimated : bool
        True if ``way_s`` is the great circle's.
    """
    before, at = position.progress, position.fix.device_at
    now = Progress(stop_id=stops[0].stop_id, least_s=way_s, estimated=estimated)
    if before is None or (before.stop_id, before.estimated) != (now.stop_id, estimated) or way_s <= before.least_s:
        return now
    is_told = any(alert.kind is AlertKind.OFF_ROUTE for alert in position.alerts)
    away = way_s - before.least_s > (CALM * limit_s if is_told else limit_s)
    return before.model_copy(update={"away_since": (before.away_since or at) if away else None})


def alerts_of(
    position: Position, stops: Sequence[Stop], expected: Mapping[str, Arrival], settings: ZoneSettings, now: datetime
) -> tuple[Alert, ...]:
    """Return the alerts about a driver on duty, the worst first; none if the driver has nothing to do now.

    Parameters
    ----------
    position : Position
        The driver's newest position, with the standing alerts.
    stops : sequence of Stop
        The open stops in their order.
    expected : mapping of str to Arrival
        Expected arrivals of the driver, by stop id.
    """
    if not under_way(stops, now):
        return ()
    found = [
        *_silent(position, stops, settings, now),
        *_off_route(position, stops, settings),
        *_late(position, stops, expected, settings, now),
        *_long_stops(position, stops, settings, now),
    ]
    return tuple(sorted(found, key=lambda alert: alert.worst_first))


def silent_at(position: Position, stops: Sequence[Stop], settings: ZoneSettings) -> datetime:
    """Return the moment from which a driver who sends nothing more counts as silent."""
    begins = position.received_at
    if not stops[0].started and on_board(stops).weight_g <= 0:
        begins = max(begins, stops[0].opens_at)
    return begins + timedelta(minutes=settings.dispatch.limits.position_minutes)


def _silent(position: Position, stops: Sequence[Stop], settings: ZoneSettings, now: datetime) -> Iterator[Alert]:
    limit = timedelta(minutes=settings.dispatch.limits.position_minutes)
    ends = silent_at(position, stops, settings)
    if now >= ends:
        yield _alert(AlertKind.SILENT, stops[0].stop_id, ends - limit, now - (ends - limit), limit)


def _off_route(position: Position, stops: Sequence[Stop], settings: ZoneSettings) -> Iterator[Alert]:
    progress = position.progress
    if not progress or not progress.away_since or progress.stop_id != stops[0].stop_id or not stops[0].started:
        return
    away = position.fix.device_at - progress.away_since
    if away >= CERTAIN_AFTER:
        limit = timedelta(minutes=settings.alerts.off_route_minutes)
        yield _alert(AlertKind.OFF_ROUTE, progress.stop_id, progress.away_since, limit + away, limit)


def _late(
    position: Position, stops: Sequence[Stop], expected: Mapping[str, Arrival], settings: ZoneSettings, now: datetime
) -> Iterator[Alert]:
    limit = timedelta(minutes=settings.alerts.late_minutes)
    standing = {alert.occurrence: alert for alert in position.alerts}
    for stop in stops:
        if stop.kind is not StopKind.DROPOFF or stop.stop_id not in expected:
            continue
        late = expected[stop.stop_id].at - stop.closes_at
        known = standing.get((AlertKind.RUNNING_LATE, stop.stop_id))
        if late > (CALM * limit if known else limit):
            yield _alert(AlertKind.RUNNING_LATE, stop.stop_id, known.since if known else now, late, limit)


def _long_stops(position: Position, stops: Iterable[Stop], settings: ZoneSettings, now: datetime) -> Iterator[Alert]:
    limit = timedelta(minutes=settings.alerts.long_stop_minutes)
    opens_at = {stop.stop_id: stop.opens_at for stop in stops}
    # Times of a visit are by the device's clock, which may be slow; windows are by ours.
    behind = position.received_at - position.fix.device_at
    for visit in position.visits:
        open_here = [stop_id for stop_id in visit.stop_ids if stop_id in opens_at]
        if visit.arrived_at is None or not visit.is_there or not open_here:
            continue
        # An early driver waits for the window to open; that is not part of a long stop.
        since = max(visit.arrived_at + behind, *(opens_at[stop_id] for stop_id in open_here))
        if now - since > limit:
            yield _alert(AlertKind.LONG_STOP, open_here[0], since, now - since, limit)


def _alert(kind: AlertKind, stop_id: str, since: datetime, seconds: timedelta, limit: timedelta) -> Alert:
    return Alert(
        kind=kind,
        stop_id=stop_id,
        since=since,
        seconds=round(seconds.total_seconds()),
        limit_s=round(limit.total_seconds()),
    )


def with_alerts(position: Position, found: Iterable[Alert], zone_id: str, now: datetime) -> Position:
    """Return a position with the present alerts; new alerts and ended ones emit an event, once each."""
    current = {alert.occurrence: alert for alert in found}
    before = {alert.occurrence: alert for alert in position.alerts}
    changed = position
    for occurrence, alert in before.items():
        if occurrence not in current:
            changed = changed.emitting("tracking.alert_cleared", now, _data(position.id, zone_id, alert))
    for occurrence, alert in current.items():
        if occurrence not in before:
            changed = changed.emitting("tracking.alert_raised", now, _data(position.id, zone_id, alert))
    if changed is position:
        return position
    return changed.with_changes(alerts=tuple(before.get(occurrence, alert) for occurrence, alert in current.items()))


def _data(driver_id: str, zone_id: str, alert: Alert) -> dict[str, object]:
    data = alert.model_dump(mode="json")
    return {"driver_id": driver_id, "zone_id": zone_id, "delivery_id": alert.delivery_id, **data}
