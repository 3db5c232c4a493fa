"""Windows of a pickup and a drop-off: a missing window follows from the other; impossible windows are refused.

Pure. The way of a delivery is the least time between the opening of its pickup and its arrival at the customer: the
stay at the pickup and the travel time from there to the drop-off, without any driver's way to the pickup.
"""

from datetime import datetime, timedelta
from typing import Protocol

from crowdship.deliveries.lateness import Way
from crowdship.kernel.clock import next_minute, written
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.shipment.windows import Window
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import ZoneSettings

MAX_AHEAD = timedelta(days=30)
MINIMUM_WINDOW = timedelta(minutes=10)
LONGEST_WINDOW = timedelta(days=1)
SHORTEST_VISIT = timedelta(minutes=10)
"""A store must be open for at least this long within the pickup window, because a driver needs that."""

SHORTEST_PICKUP = timedelta(minutes=1)
"""The shortest pickup window that is made to fit a given drop-off window."""


class Asked(Protocol):
    """A request for a delivery, as far as windows need it."""

    @property
    def pickup_window(self) -> Window | None:
        """When it may be picked up."""

    @property
    def dropoff_window(self) -> Window | None:
        """When it is to arrive."""


def way_of(pickup: Point, dropoff: Point, settings: ZoneSettings, travel: TravelTimes) -> Way:
    """Return the shortest time from a delivery's pickup to its arrival at the customer, in whole seconds."""
    return Way(stay_s=settings.travel.pickup_dwell_s, travel_s=round(travel.seconds(pickup, dropoff)))


def promise_of(settings: ZoneSettings, way: Way) -> timedelta:
    """Return how long after the pickup a drop-off is promised: the zone's promise, or the time of the way if longer."""
    return max(timedelta(minutes=settings.promise_minutes), way.takes + MINIMUM_WINDOW)


def windows(
    request: Asked, settings: ZoneSettings, way: Way, now: datetime, store_hours: OpeningHours | None = None
) -> tuple[Window, Window]:
    """Return the pickup and drop-off windows of a request, completed and checked.

    ==============  =====================================================================================
    given           what follows
    ==============  =====================================================================================
    nothing         the drop-off closes one promise from now; the pickup closes one way before that
    pickup          the drop-off opens with the pickup and closes one promise after the pickup closes
    drop-off        the pickup opens one promise before the drop-off opens, and closes one way before it closes
    both            nothing; the drop-off must not close before the way from the pickup's opening is done
    ==============  =====================================================================================

    A promise is that of ``promise_of``. A pickup at a store with hours lies within them.

    Raises
    ------
    Unprocessable
        If a window is over, too far ahead or too long (``check_window``), if the drop-off can't be reached in time
        (``check_reachable``), or if the store is closed (``while_open``).
    """
    for name, given in (("pickup_window", request.pickup_window), ("dropoff_window", request.dropoff_window)):
        if given:
            check_window(name, given, now)
    promise = promise_of(settings, way)
    pickup, dropoff = request.pickup_window, request.dropoff_window
    if pickup:
        pickup = while_open(store_hours, pickup, now)
        dropoff = dropoff or Window(opens_at=pickup.opens_at, closes_at=pickup.closes_at + promise)
        check_reachable(pickup, dropoff, way, now)
        return pickup, dropoff
    if dropoff:
        return pickup_before(dropoff, promise, way, now, store_hours), dropoff
    pickup = while_open(store_hours, Window(opens_at=now, closes_at=now + promise), now)
    dropoff = Window(opens_at=pickup.opens_at, closes_at=pickup.opens_at + promise)
    closes = min(pickup.closes_at, dropoff.closes_at - way.takes)
    return Window(opens_at=pickup.opens_at, closes_at=closes), dropoff


def pickup_before(
    dropoff: Window, promise: timedelta, way: Way, now: datetime, store_hours: OpeningHours | None = None
) -> Window:
    """Return the pickup window that follows from a drop-off window.

    Raises
    ------
    Unprocessable
        ``dropoff_too_soon``, if there is no time left for a pickup; ``store_closed``.
    """
    opens = max(now, dropoff.opens_at - promise)
    latest = dropoff.closes_at - way.takes
    possible = Window(opens_at=opens, closes_at=max(latest, opens + SHORTEST_VISIT))
    pickup = while_open(store_hours, possible, now)
    if latest < pickup.opens_at + SHORTEST_PICKUP:
        raise _too_soon(dropoff, way, pickup.opens_at, pickup.opens_at + SHORTEST_PICKUP + way.takes)
    return Window(opens_at=pickup.opens_at, closes_at=min(pickup.closes_at, latest, opens + LONGEST_WINDOW))


def check_reachable(pickup: Window, dropoff: Window, way: Way, now: datetime) -> None:
    """Check that a driver who is at the pickup as it opens, or now, can be at the customer before the window closes.

    Raises
    ------
    Unprocessable
        ``windows_crossed``, if the drop-off closes before the pickup opens; ``dropoff_too_soon``, if the way is longer.
    """
    begins = max(now, pickup.opens_at)
    earliest = begins + way.takes
    if dropoff.closes_at <= pickup.opens_at:
        detail = "The drop-off window closes before the pickup window opens; let it close at"
        raise Unprocessable(
            "windows_crossed", f"{detail} {written(next_minute(earliest))} or later.", "/dropoff_window"
        )
    if dropoff.closes_at < earliest:
        raise _too_soon(dropoff, way, begins, earliest)


def _too_soon(dropoff: Window, way: Way, begins: datetime, earliest: datetime) -> Unprocessable:
    detail = (
        f"The drop-off window closes at {written(dropoff.closes_at)}. From a pickup at {written(begins)} it takes "
        f"{way.minutes} minutes to the customer; let the window close at {written(next_minute(earliest))} or later."
    )
    return Unprocessable("dropoff_too_soon", detail, "/dropoff_window/closes_at")


def check_window(name: str, window: Window, now: datetime) -> None:
    """Check that a window is still to come, within reach and no longer than a day.

    Raises
    ------
    Unprocessable
        If it is not.
    """
    if window.closes_at < now + MINIMUM_WINDOW:
        raise Unprocessable(
            "window_over",
            f"{name} closes at {written(window.closes_at)}; it must be 10 minutes from now or later.",
            f"/{name}/closes_at",
        )
    if window.opens_at > now + MAX_AHEAD:
        raise Unprocessable("window_too_far", f"{name} opens in more than 30 days.", f"/{name}/opens_at")
    if window.closes_at - window.opens_at > LONGEST_WINDOW:
        detail = f"{name} is open for {window.closes_at - window.opens_at}; the longest window is one day."
        raise Unprocessable("window_too_long", detail, f"/{name}/closes_at")


def while_open(hours: OpeningHours | None, window: Window, now: datetime) -> Window:
    """Return the first part of a pickup window, from now on, in which a store is open for as long as a driver needs.

    A store without hours is always open; the window then stays as it is.

    Raises
    ------
    Unprocessable
        ``store_closed``, if there is no such part.
    """
    if hours is None:
        return window
    opens_at, closes_at = max(window.opens_at, now), window.closes_at
    following = None
    for opens, closes in hours.stretches(opens_at):
        first, last = max(opens, opens_at), min(closes, closes_at)
        if last - first >= SHORTEST_VISIT:
            return Window(opens_at=first, closes_at=last)
        if following is None and opens > opens_at:
            following = opens
        if opens > closes_at:
            break
    detail = f"The store is closed from {written(opens_at)} to {written(closes_at)}"
    when = f"it opens at {written(following)}" if following else "it does not open soon"
    raise Unprocessable("store_closed", f"{detail}; {when}, ask for a pickup_window then.", "/pickup_window")
