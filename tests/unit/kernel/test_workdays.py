"""Business days against another implementation of the federal holidays."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.workdays import business_days_after, federal_holidays, is_business_day

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
