"""The least pay of an offer."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from crowdship.law.model import Status
from crowdship.pay_floors.exact import half_up, rounded_up
from crowdship.pay_floors.offer import least_offer_pay

SEATTLE = ("US", "US-WA", "US-WA-king", "US-WA-seattle")


@pytest.mark.parametrize(
    ("day", "minutes", "miles", "cents"),
    [
        (date(2024, 12, 31), 10, 2, 588),
        (date(2025, 1, 1), 18, Decimal("4.2"), 1134),
        (date(2025, 1, 1), 6, Decimal("0.8"), 520),
        (date(2026, 3, 2), 6, Decimal("0.8"), 533),
        (date(2025, 1, 1), 0, 0, 520),
        (date(2025, 1, 1), Fraction(100, 9), 0, 520),
        (date(2025, 1, 1), Fraction(1040001, 90000), 0, 521),
    ],
)
def test_an_offer_in_seattle_pays_by_minute_and_mile_and_never_less_than_the_sum_of_its_day(day, minutes, miles, cents):
    assert least_offer_pay(SEATTLE, day, minutes, miles).amount.amount == cents


def test_minutes_that_are_reckoned_from_the_minimum_wage_without_the_factor_pay_too_little():
    wrong = rounded_up(Fraction("20.76") / 60 * 18 + Fraction("0.77") * Fraction("4.2"), "USD")
    assert wrong.amount == 947
    assert least_offer_pay(SEATTLE, date(2025, 6, 2), 18, Decimal("4.2")).amount.amount == 1134


@pytest.mark.parametrize("code", ["US-MN", "US-MN-minneapolis", "US-MA", "US-WA", "US-CA", "US-CO", "EU-ES"])
def test_where_law_sets_no_least_pay_for_deliveries_there_is_none(code):
    assert least_offer_pay((code,), date(2026, 6, 1), 60, 60) is None


def test_the_rules_say_how_certain_their_figures_are():
    assert {rule.status for rule in least_offer_pay(SEATTLE, date(2026, 6, 1), 1, 1).rules} == {Status.DERIVED}
    assert {rule.status for rule in least_offer_pay(SEATTLE, date(2025, 6, 1), 1, 1).rules} == {Status.PUBLISHED}


def test_before_the_first_row_there_is_none():
    assert least_offer_pay(SEATTLE, date(2024, 1, 12), 30, 10) is None


def test_a_float_is_refused():
    with pytest.raises(TypeError, match="not exact"):
        least_offer_pay(SEATTLE, date(2025, 6, 1), 18.0, 1)


def test_less_than_nothing_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        least_offer_pay(SEATTLE, date(2025, 6, 1), -1, 1)


def test_amounts_are_rounded_once():
    assert [half_up(Fraction(cents, 1000), "USD").amount for cents in (4, 5, 14, 15)] == [0, 1, 1, 2]
    assert [rounded_up(Fraction(cents, 1000), "USD").amount for cents in (0, 1, 10, 11)] == [0, 1, 1, 2]
    assert rounded_up(Fraction("12.0001"), "JPY").amount == 13
