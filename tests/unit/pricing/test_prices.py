"""Prices add up."""

from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.money import Money
from crowdship.pricing.model import SHARE_OF_PRICE, Outcome, RateCard, price_trip, settle_price

metres = st.floats(0, 100_000, allow_nan=False)
seconds = st.floats(0, 20_000, allow_nan=False)
tips = st.integers(0, 100_000)


def test_a_trip_is_priced_by_base_distance_and_time():
    price = price_trip(RateCard(), 2500, 600, tip=200)
    assert [(part.code, part.amount.amount) for part in price.charge] == [("base", 599), ("distance", 238)]
    assert [(part.code, part.amount.amount) for part in price.pay] == [
        ("base", 325),
        ("distance", 138),
        ("time", 120),
    ]
    assert price.tip == Money(amount=200, currency="USD")


def test_an_urgent_trip_costs_and_earns_more():
    calm, urgent = price_trip(RateCard(), 1000, 100), price_trip(RateCard(), 1000, 100, urgent=True)
    assert urgent.charge_total.amount == calm.charge_total.amount + 200
    assert urgent.pay_total.amount == calm.pay_total.amount + 120


@given(metres, seconds, tips, st.booleans(), st.sampled_from(Outcome))
def test_totals_are_the_sum_of_their_parts_whatever_the_outcome(distance, duration, tip, urgent, outcome):
    due = settle_price(price_trip(RateCard(), distance, duration, tip, urgent=urgent), outcome)
    assert due.charge_total.amount == sum(part.amount.amount for part in due.charge)
    assert due.pay_total.amount == sum(part.amount.amount for part in due.pay)
    assert all(part.amount.amount > 0 for part in (*due.charge, *due.pay))


@given(metres, seconds, tips)
def test_a_delivered_trip_is_due_as_priced_and_an_unserved_one_costs_nothing(distance, duration, tip):
    price = price_trip(RateCard(), distance, duration, tip)
    due = settle_price(price, Outcome.DELIVERED)
    assert (due.charge_total, due.pay_total, due.tip) == (price.charge_total, price.pay_total, price.tip)
    free = settle_price(price, Outcome.NO_SERVICE)
    assert free.charge == free.pay == ()


@given(metres, seconds, tips, st.sampled_from(Outcome))
def test_a_tip_is_only_due_when_the_customer_got_the_goods(distance, duration, tip, outcome):
    due = settle_price(price_trip(RateCard(), distance, duration, tip), outcome)
    assert due.tip.amount == (tip if outcome is Outcome.DELIVERED else 0)


def test_every_outcome_has_a_share():
    assert SHARE_OF_PRICE.keys() == set(Outcome)
