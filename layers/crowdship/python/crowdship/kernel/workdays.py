"""Business days of the United States: Monday to Friday without federal holidays; and those on which banks settle."""

from collections.abc import Iterator
from datetime import date, timedelta

from dateutil.relativedelta import FR, MO, TH, relativedelta

ONE_DAY = timedelta(days=1)
FRIDAY = 4
SATURDAY = 5

FIXED = ((1, 1, 1871), (6, 19, 2021), (7, 4, 1871), (11, 11, 1938), (12, 25, 1871))
"""Month and day of holidays that have a date, and the year from which they are holidays (5 U.S.C. 6103)."""

MOVING = (
    (1, relativedelta(day=1, weekday=MO(+3)), 1986),
    (2, relativedelta(day=1, weekday=MO(+3)), 1971),
    (5, relativedelta(day=31, weekday=MO(-1)), 1971),
    (9, relativedelta(day=1, weekday=MO(+1)), 1895),
    (10, relativedelta(day=1, weekday=MO(+2)), 1971),
    (11, relativedelta(day=1, weekday=TH(+4)), 1942),
)
"""Month and weekday of the others: King, Washington, Memorial Day, Labor Day, Columbus, Thanksgiving."""


def federal_holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which a federal holiday is observed.

    A holiday on a Saturday is observed on the Friday before, and one on a Sunday on the Monday after (5 U.S.C. 6103(b),
    Executive Order 11582).

    Examples
    --------
    >>> sorted(day.isoformat() for day in federal_holidays(2026) if day.month == 7)
    ['2026-07-03']
    """
    days = {_observed(date(of, month, day)) for of in (year, year + 1) for month, day, since in FIXED if of >= since}
    days |= {date(year, month, 1) + rule for month, rule, since in MOVING if year >= since}
    return frozenset(day for day in days if day.year == year)


def _observed(day: date) -> date:
    if day.weekday() == SATURDAY:
        return day + relativedelta(weekday=FR(-1))
    return day + relativedelta(weekday=MO(+1)) if day.weekday() > SATURDAY else day


def is_business_day(day: date) -> bool:
    """Return whether a day is one."""
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year)


def is_banking_day(day: date) -> bool:
    """Return whether the Federal Reserve Banks settle payments on a day.

    They stay open on a Friday on which offices observe a holiday of the next day (holiday schedule of the Federal
    Reserve Banks).

    Examples
    --------
    >>> is_business_day(date(2026, 7, 3)), is_banking_day(date(2026, 7, 3))
    (False, True)
    """
    return is_business_day(day) or (day.weekday() == FRIDAY and _is_fixed_holiday(day + ONE_DAY))


def _is_fixed_holiday(day: date) -> bool:
    return any((day.month, day.day) == (month, of) and day.year >= since for month, of, since in FIXED)


def banking_day_from(day: date) -> date:
    """Return the first banking day that is not before a day.

    Examples
    --------
    >>> banking_day_from(date(2026, 11, 26)).isoformat()
    '2026-11-27'
    """
    while not is_banking_day(day):
        day += ONE_DAY
    return day


def business_days_after(day: date, count: int) -> date:
    """Return the last of a number of business days that follow a day.

    Examples
    --------
    Five business days after the Wednesday before Thanksgiving end on the Thursday of the next week:

    >>> business_days_after(date(2026, 11, 25), 5).isoformat()
    '2026-12-03'
    """
    following = _business_days_from(day + ONE_DAY)
    last = day
    for _ in range(count):
        last = next(following)
    return last


def _business_days_from(day: date) -> Iterator[date]:
    while True:
        if is_business_day(day):
            yield day
        day += ONE_DAY
