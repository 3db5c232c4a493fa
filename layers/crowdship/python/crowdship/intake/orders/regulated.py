"""Goods with rules of their own at the order: what the law of both places demands, and the hours it leaves. Pure."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from crowdship.deliveries.lateness import Way
from crowdship.intake.orders.windows import MINIMUM_WINDOW, pickup_before
from crowdship.kernel.clock import written
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.hours import OpeningHours
from crowdship.shipment.demands import Demands, demands_of
from crowdship.shipment.goods import Goods
from crowdship.shipment.windows import Window
from crowdship.zones.model import Zone


def demanded(
    goods: Goods | None, pickup_law: Collection[str], dropoff_law: Collection[str], window: Window
) -> Demands | None:
    """Return the law's demands on a delivery whose drop-off is in a window; None for goods without rules of their own.

    Demands are as strict as at the beginning and at the end of the window, between which a law may begin.

    Parameters
    ----------
    pickup_law, dropoff_law : collection of str
        Jurisdictions of the places.
    """
    first = demands_of(goods, pickup_law, dropoff_law, window.opens_at)
    last = demands_of(goods, pickup_law, dropoff_law, window.closes_at)
    return first.joined(last) if first and last else None


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


def refuse_without_drivers(goods: Goods | None, demands: Demands | None, has_own_drivers: Callable[[], bool]) -> None:
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

    The drop-off keeps the first allowed part of its window that is ten minutes long and can be reached. A pickup that
    was not asked for moves with a drop-off that now opens later, so that nobody waits with the goods.

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
    hours = ", ".join(
        sorted({f"{each.begins:%H:%M} to {each.ends:%H:%M} ({each.jurisdiction})" for each in demands.closed})
    )
    when = f"from {written(again)} on" if again else "outside these hours"
    detail = f"These goods may not be handed over from {hours}, by the local clock; ask for a dropoff_window {when}."
    return Unprocessable("closed_hours", detail, "/dropoff_window")


def _where(demands: Demands, rule: str) -> str:
    found = next((each for each in demands.rules if each.rule.endswith(rule)), None)
    return f" ({found.jurisdiction}: {found.source})" if found else ""
