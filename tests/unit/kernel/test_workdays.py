"""Business days against another implementation of the federal holidays."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.workdays import (
    banking_day_from,
    business_days_after,
    federal_holidays,
    is_banking_day,
    is_business_day,
)

DAYS = st.dates(date(2021, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("year", range(2022, 2061))
def test_the_holidays_of_a_year_are_those_that_an_independent_library_knows(year):
    known = {day for day in holidays.US(years=(year, year + 1), observed=True) if day.weekday() < 5}
    assert federal_holidays(year) == {day for day in known if day.year == year}


@given(DAYS, st.integers(0, 30))
def test_that_many_business_days_lie_between_and_the_last_is_one(day, count):
    last = business_days_after(day, count)
    passed = [day + timedelta(days=number) for number in range(1, (last - day).days + 1)]
    assert sum(map(is_business_day, passed)) == count
    assert count == 0 or is_business_day(last)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2026-07-03", True),  # the Fourth is a Saturday
        ("2026-06-19", False),  # Juneteenth itself, a Friday
        ("2026-12-25", False),
        ("2027-07-05", False),  # the Fourth is a Sunday
        ("2027-12-24", True),
        ("2027-12-31", True),  # New Year's Day of 2028 is a Saturday
        ("2026-11-26", False),
        ("2026-11-28", False),
    ],
)
def test_banks_settle_on_the_friday_before_a_holiday_on_a_saturday_and_on_no_other_holiday(day, open_):
    assert is_banking_day(date.fromisoformat(day)) is open_


@given(st.dates(date(2022, 1, 1), date(2060, 12, 31)))
def test_the_next_banking_day_is_one_and_none_is_left_out(day):
    found = banking_day_from(day)
    between = [day + timedelta(days=number) for number in range((found - day).days)]
    assert is_banking_day(found)
    assert not any(map(is_banking_day, between))
    assert len(between) <= 4
