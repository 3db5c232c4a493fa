"""Queries of calculations: those of a period, and those of a driver."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.pay_floors.calculation import Calculation
from crowdship.pay_floors.periods import Period
from crowdship.pay_floors.registry import SCHEMES
from crowdship.pay_floors.store import CalculationRow, DutyRow, OwnRow, WorkRow
from crowdship.pay_floors.views import PayFloors, PayFloorView

MOST_HELD = 500
"""Calculations of a driver that an export has: three years of weeks in three places are fewer."""

_OF_PERIOD = re.compile(r"[0-9]+#[A-Za-z0-9_-]+")
_OF_DRIVER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}#[A-Za-z0-9-]+")


def of_period(jurisdiction: str, period: date | None, cursor: str | None, limit: int, clock: Clock) -> PayFloors:
    """Return a page of a period's calculations.

    Parameters
    ----------
    period : date, optional
        A day of the period; the period that ended last if left out.

    Raises
    ------
    Unprocessable
        If law sets no floor there, or the cursor is none of this list.
    """
    first = _period_of(jurisdiction, period, clock).first
    query = f"pay-floors {jurisdiction} {first}"
    after = position_of(cursor, _OF_PERIOD, query) if cursor else ""
    found = list(islice(CalculationRow.of_period(jurisdiction, first, after, limit + 1), limit + 1))
    more = cursor_of(CalculationRow.position_of(found[limit - 1]), query) if len(found) > limit else None
    return _page(found[:limit], more, with_works=False)


def _period_of(jurisdiction: str, day: date | None, clock: Clock) -> Period:
    scheme = SCHEMES.get(jurisdiction)
    if scheme is None:
        detail = f"There is no pay floor in {jurisdiction}; there are those of {', '.join(sorted(SCHEMES))}."
        raise Unprocessable("no_such_pay_floor", detail, "/query/jurisdiction")
    calendar = scheme.calendar
    if day is None:
        return calendar.period_at(calendar.period_at(clock.now()).begins - timedelta(seconds=1))
    return calendar.period_on(day - timedelta(days=(day.weekday() - calendar.weekday) % 7))


def of_driver(driver_id: str, cursor: str | None, limit: int) -> PayFloors:
    """Return a page of a driver's calculations with the work that was counted, the newest period first.

    Raises
    ------
    Unprocessable
        If the cursor is none of this list.
    """
    query = f"pay-floors of {driver_id}"
    before = position_of(cursor, _OF_DRIVER, query) if cursor else ""
    found = OwnRow.of_driver(driver_id, before, limit + 1)
    more = cursor_of(OwnRow.position_of(found[limit - 1]), query) if len(found) > limit else None
    return _page(found[:limit], more, with_works=True)


def _page(found: list[Calculation], more: str | None, *, with_works: bool) -> PayFloors:
    return PayFloors(pay_floors=tuple(PayFloorView.of(one, with_works=with_works) for one in found), next_cursor=more)


def held_on(driver_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return all that is kept of a driver's engaged work, duties and floors."""
    first, last = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
    kept: dict[str, Iterable[Value]] = {
        "work": WorkRow.around(driver_id, first, last),
        "duties": DutyRow.around(driver_id, first, last),
        "floors": OwnRow.of_driver(driver_id, limit=MOST_HELD),
    }
    return {name: [one.model_dump(mode="json") for one in some] for name, some in kept.items()}
