"""Currencies as the maintenance agency of ISO 4217 publishes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.intake.orders.model import TipRequest
from crowdship.kernel.money import Money, minor_digits
from crowdship.kernel.reading import STORED
from crowdship.pricing.model import RateCard
from crowdship.settlement.views import AdjustmentRequest
from local.city.results.amounts import amount

NO_MONEY = ["XXX", "XTS", "XAU", "XAG", "XDR", "XBA", "ZZZ", "HRK", "usd", "US", "USDX", "", "ÜSD", "USD\n"]


@pytest.mark.parametrize(
    ("currency", "minor", "written"),
    [
        ("USD", 450, "4.50"),
        ("XOF", 500, "500"),
        ("UGX", 500, "500"),
        ("JPY", 500, "500"),
        ("ISK", 500, "500"),
        ("KWD", 4500, "4.500"),
        ("IQD", 4500, "4.500"),
        ("TND", -5, "-0.005"),
        ("CLF", 45_000, "4.5000"),
        ("RSD", 450, "4.50"),
        ("LAK", 450, "4.50"),
        ("HUF", 450, "4.50"),
        ("MRU", 0, "0.00"),
    ],
)
def test_an_amount_is_written_with_the_decimals_of_its_currency(currency, minor, written):
    money = Money(amount=minor, currency=currency)
    assert str(money) == f"{written} {currency}"
    assert Money.of(Decimal(written), currency) == money
    assert amount(minor, currency) == written


@given(st.sampled_from(sorted(minor_digits())), st.integers(-(10**12), 10**12))
def test_what_is_written_is_read_back_as_the_same_amount(currency, minor):
    money = Money(amount=minor, currency=currency)
    assert Money.of(Decimal(str(money).split()[0]), currency) == money


@pytest.mark.parametrize("code", NO_MONEY)
def test_a_code_that_is_no_money_is_refused_wherever_one_is_asked_for(code):
    correction = {"reference": "r", "driver_id": "drv_1", "note": "n", "amount": {"amount": 1, "currency": code}}
    for kind, given_as in (
        (RateCard, {"currency": code}),
        (TipRequest, {"amount": 1, "currency": code}),
        (AdjustmentRequest, correction),
    ):
        with pytest.raises(ValidationError, match=r"currency|amount"):
            kind.model_validate(given_as)


def test_a_zone_whose_currency_was_withdrawn_can_still_be_read_and_written():
    kept = RateCard.model_validate_json('{"currency": "HRK"}', context=STORED)
    assert kept.currency == "HRK"
    assert str(Money(amount=450, currency="HRK")) == "4.50 HRK"
    with pytest.raises(ValueError, match="HRK is no ISO 4217 code"):
        Money.of(Decimal(1), "HRK")
