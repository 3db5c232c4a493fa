"""Prices add up."""

from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.money import Money
from crowdship.pricing.model import SHARES_OF_OUTCOME, Outcome, RateCard, price_trip, settle_price
from crowdship.pricing.terms import FAULT_OF, CancellationTerms, CancelReason, Fault, Shares, Stage

metres = st.floats(0, 100_000, allow_nan=False)
seconds = st.floats(0, 20_000, allow_nan=False)
percents = st.integers(0, 100)
shares = st.builds(Shares, charge=percents, pay=percents)
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


@given(metres, seconds, tips, st.booleans(), st.sampled_from(Outcome), shares)
def test_totals_are_the_sum_of_their_parts_whatever_the_outcome(distance, duration, tip, urgent, outcome, told):
    due = settle_price(price_trip(RateCard(), distance, duration, tip, urgent=urgent), outcome, told)
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


@given(metres, seconds, tips, st.sampled_from(sorted(SHARES_OF_OUTCOME)))
def test_a_tip_is_only_due_when_the_customer_got_the_goods(distance, duration, tip, outcome):
    due = settle_price(price_trip(RateCard(), distance, duration, tip), outcome)
    assert due.tip.amount == (tip if outcome is Outcome.DELIVERED else 0)


def test_every_outcome_has_a_share_but_those_that_the_terms_decide():
    assert set(Outcome) - SHARES_OF_OUTCOME.keys() == {Outcome.CANCELLED_AT_PICKUP, Outcome.CANCELLED_ON_THE_WAY}


@given(metres, seconds, st.sampled_from(Outcome), shares)
def test_a_driver_never_gets_less_than_the_share_of_the_whole(distance, duration, outcome, told):
    price = price_trip(RateCard(), distance, duration)
    due = settle_price(price, outcome, told)
    back = sum(part.amount.amount for part in price.return_pay) if outcome is Outcome.RETURNED else 0
    assert due.pay_total.amount * 100 >= (price.pay_total.amount + back) * told.pay


@given(metres, seconds, percents)
def test_the_way_back_is_priced_part_by_part_as_it_was_pinned(distance, duration, percent):
    price = price_trip(RateCard(return_percent=percent), distance, duration)
    due = settle_price(price, Outcome.RETURNED)
    assert {part.code for part in due.charge} <= {"base", "distance", "return_base", "return_distance"}
    assert due.charge_total.amount == price.charge_total.amount + sum(p.amount.amount for p in price.return_charge)
    assert price.pay_total.amount * percent <= sum(p.amount.amount for p in price.return_pay) * 100


def test_every_reason_has_somebody_who_caused_it_and_every_cell_of_the_terms_is_there():
    assert FAULT_OF.keys() == set(CancelReason)
    terms = CancellationTerms()
    for fault in Fault:
        assert terms.shares(fault, Stage.WAITING) == Shares(charge=0, pay=0)
        for stage in Stage:
            assert terms.shares(fault, stage)


def test_the_merchant_pays_nothing_for_what_others_caused_and_the_driver_earns_unless_they_did():
    terms = CancellationTerms()
    for stage in list(Stage)[1:]:
        assert terms.shares(Fault.PLATFORM, stage).charge == terms.shares(Fault.DRIVER, stage).charge == 0
        assert terms.shares(Fault.DRIVER, stage).pay == 0
        earned = {terms.shares(fault, stage).pay for fault in (Fault.MERCHANT, Fault.CUSTOMER, Fault.PLATFORM)}
        assert len(earned) == 1
        assert 0 not in earned
