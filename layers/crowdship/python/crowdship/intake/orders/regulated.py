"""Goods with rules of their own, at the order: the law of both places, its demands, and the hours that it leaves. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

from crowdship.deliveries.lateness import Way
from crowdship.intake.orders.windows import MINIMUM_WINDOW, pickup_before
from crowdship.kernel.clock import written
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.law.places import jurisdictions_of
from crowdship.shipment.demands import Demands, demands_over
from crowdship.shipment.goods import Goods
from crowdship.shipment.windows import Window
from crowdship.zones.model import Zone


def law_of(point: Point, zone: Zone) -> tuple[str, ...]:
    """Return the jurisdictions that count at a point of a zone: those of the place, and those that the zone names."""
    return tuple(dict.fromkeys((*jurisdictions_of(point), *zone.settings.jurisdictions)))


def demanded(
    goods: Goods | None, pickup: tuple[Point, Zone], dropoff: tuple[Point, Zone], window: Window
) -> Demands | None:
    """Return the law's demands on a delivery whose drop-off is in a window; None for goods without rules of their own.

    Parameters
    ----------
    pickup, dropoff : (Point, Zone)
        The places, with the zones that serve them.
    """
    if goods is None:
        return None
    return demands_over(goods, law_of(*pickup), law_of(*dropoff), window.opens_at, window.closes_at)


def refuse_uncarried(goods: Goods | None, zone: Zone) -> None:
    """Check that a zone carries some goods.

    Raises
    ------
    Unprocessable
        ``restricted_goods``, if it does not.
    """
    if goods is not None and goods not in zone.settings.goods:
        carried = ", ".join(sorted(zone.settings.goods)) or "none"
        detail = f"Zone {zone.id} carries no {goods}; restricted goods it carries: {carried}."
        raise Unprocessable("restricted_goods", detail, "/goods")


def refuse_without_drivers(
    goods: Goods | None, demands: Demands | None, has_own_drivers: Callable[[], bool]
) -> None:
    """Check that a merchant has drivers who may carry some goods.

    Raises
    ------
    Unprocessable
        ``no_eligible_driver``, if only its own drivers may, and it has none.
    """
    if demands and demands.dedicated_only and not has_own_drivers():
        where = _where(demands, "dedicated_only")
        detail = f"Only a merchant's own drivers may carry {goods}{where}, and this merchant has none."
        raise Unprocessable("no_eligible_driver", detail, "/goods")


def lawful_windows(
    demands: Demands | None,
    pickup: Window,
    dropoff: Window,
    way: Way,
    now: datetime,
    *,
    promise: timedelta,
    pickup_asked: bool = True,
    store_hours: OpeningHours | None = None,
) -> tuple[Window, Window]:
    """Return the windows within the hours in which the law allows the hand-over.

    The drop-off keeps the first allowed part of its window that is ten minutes long and can be reached. A pickup that was
    not asked for moves with a drop-off that now opens later, so that nobody waits with the goods.

    Parameters
    ----------
    promise : timedelta
        How long before the drop-off a pickup opens.
    pickup_asked : bool
        Whether the merchant named the pickup window.

    Raises
    ------
    Unprocessable
        ``closed_hours``, with the moment from which it is allowed again.
    """
    if demands is None or not demands.closed:
        return pickup, dropoff
    earliest = max(now, pickup.opens_at) + way.takes
    for opens, closes in demands.open_parts(dropoff.opens_at, dropoff.closes_at):
        if closes - max(opens, now) >= MINIMUM_WINDOW and closes >= earliest:
            allowed = Window(opens_at=opens, closes_at=closes)
            if allowed.opens_at > dropoff.opens_at and not pickup_asked:
                pickup = pickup_before(allowed, promise, way, now, store_hours)
            return pickup, allowed
    raise _closed(demands, dropoff, max(now, earliest))


def _closed(demands: Demands, dropoff: Window, earliest: datetime) -> Unprocessable:
    again = demands.closed_until(max(dropoff.opens_at, earliest)) or demands.closed_until(dropoff.closes_at)
    hours = ", ".join(sorted({f"{each.begins:%H:%M} to {each.ends:%H:%M} ({each.jurisdiction})" for each in demands.closed}))
    when = f"from {written(again)} on" if again else "outside these hours"
    detail = f"These goods may not be handed over from {hours}, by the local clock; ask for a dropoff_window {when}."
    return Unprocessable("closed_hours", detail, "/dropoff_window")


def _where(demands: Demands, rule: str) -> str:
    found = next((each for each in demands.rules if each.rule.endswith(rule)), None)
    return f" ({found.jurisdiction}: {found.source})" if found else ""
