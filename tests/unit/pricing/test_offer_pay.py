import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.planner.acceptance import AcceptanceModel
from crowdship.pricing.offer_pay import Asked, RaiseRules, cheapest_raise, raised_chance, shared, taken

MODEL = AcceptanceModel()
RULES = RaiseRules(fill_probability=0.9, most=1000, usual_pay_per_minute=26.0)
ASKED = [Asked(0.4, 24.0)]


def raise_of(asked=ASKED, tip=0, refused=0, tries=3, rules=RULES):
    return cheapest_raise(asked, tip, refused, tries, rules, MODEL)


def test_an_offer_that_is_probably_taken_is_not_raised():
    assert raise_of([Asked(0.8, 24.0)]) == 0


def test_the_pay_rises_as_time_runs_out():
    amounts = [raise_of(tries=tries) for tries in (9, 4, 3, 2)]
    assert amounts == sorted(amounts)
    assert amounts[0] == 0 < amounts[-1]


def test_the_pay_rises_with_each_refusal():
    amounts = [raise_of(refused=refused) for refused in range(4)]
    assert amounts == sorted(set(amounts))


def test_a_raise_is_the_cheapest_one_that_fills():
    amount, needed = raise_of(), 1 - 0.1 ** (1 / 3)
    assert taken(ASKED, amount, 0, 0, RULES, MODEL) >= needed > taken(ASKED, amount - 1, 0, 0, RULES, MODEL)


def test_several_drivers_who_are_asked_at_once_need_less():
    assert raise_of(ASKED * 3) < raise_of(ASKED)


def test_a_tip_lowers_no_raise():
    usual, way, minutes = 26.0, 1500.0, 24.0
    willing = MODEL.willingness(0.0, 0.0)

    def chance(pay):
        return MODEL.probability(willing, pay / minutes / usual, way)

    without = raise_of([Asked(chance(400), minutes)], tries=2)
    with_tip = raise_of([Asked(chance(400 + 250), minutes)], tip=250, tries=2)
    assert without > 0
    assert with_tip == pytest.approx(without, abs=1)


def test_a_raised_chance_is_the_model_s_own_at_that_pay():
    willing, minutes = MODEL.willingness(0.0, 0.0), 24.0
    before = MODEL.probability(willing, 400 / minutes / 26.0, 600.0)
    after = MODEL.probability(willing, 500 / minutes / 26.0, 600.0)
    assert raised_chance(Asked(before, minutes), 100, RULES, MODEL) == pytest.approx(after)


@settings(max_examples=80)
@given(
    st.lists(st.builds(Asked, st.floats(0, 1), st.floats(0, 300)), min_size=1, max_size=6),
    st.integers(0, 5000),
    st.integers(0, 30),
    st.integers(-5, 100),
    st.integers(-100, 2000),
)
def test_a_raise_stays_between_nothing_and_its_limit(asked, tip, refused, tries, most):
    rules = RaiseRules(fill_probability=0.95, most=most, usual_pay_per_minute=26.0)
    assert 0 <= raise_of(asked, tip, refused, tries, rules) <= max(0, most)


@given(st.integers(0, 100_000), st.lists(st.integers(0, 10_000), min_size=1, max_size=10))
def test_shares_sum_to_the_amount(amount, weights):
    parts = shared(amount, weights)
    assert sum(parts) == amount
    assert len(parts) == len(weights)
    assert min(parts) >= 0
