"""How likely a driver takes an offer, and whom it is worth asking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.planner.acceptance import LEAST, AcceptanceModel, AskRules, wave

MODEL = AcceptanceModel()
ORDINARY = MODEL.willingness(0.0, 2.0)
chances = st.lists(st.floats(LEAST, 0.95), max_size=12)


def test_offers_are_taken_as_often_as_the_model_says_of_itself():
    def taken(pay_ratio, minutes):
        return MODEL.probability(ORDINARY, pay_ratio, minutes * 60) / MODEL.seen

    assert taken(1.0, 8) == pytest.approx(0.9, abs=0.01)
    assert taken(0.5, 8) == pytest.approx(0.67, abs=0.02)
    assert taken(1.0, 20) == pytest.approx(0.5, abs=0.01)


@given(st.floats(0, 1), st.floats(0, 24), st.floats(0, 10), st.floats(0, 36_000), st.floats(0.01, 3))
def test_more_pay_a_shorter_way_a_higher_tier_and_rest_never_make_a_no_likelier(tier, hours, pay, way, more):
    def chance(tier=tier, hours=hours, pay=pay, way=way):
        return MODEL.probability(MODEL.willingness(tier, hours), pay, way)

    here = chance()
    assert LEAST <= here <= MODEL.seen
    assert chance(pay=pay + more) >= here
    assert chance(way=way + 60 * more) <= here
    assert chance(hours=hours + more) <= here
    assert chance(tier=tier + more) >= here


@given(chances, st.integers(0, 40), st.booleans())
def test_a_wave_is_within_its_bounds_and_never_smaller_after_more_refusals(likely, refused, broadcast):
    rules = AskRules(most=5)
    asked = wave(likely, refused, rules, broadcast=broadcast)
    assert (asked == 0) == (not likely)
    assert asked <= min(len(likely), rules.most)
    assert wave(likely, refused + 1, rules, broadcast=broadcast) >= asked


def test_a_wave_is_the_fewest_of_whom_somebody_is_sure_enough_to_take_it():
    rules = AskRules(sure=0.9, most=10)
    assert wave([0.8, 0.5, 0.5], 0, rules, broadcast=True) == 2
    assert wave([0.95, 0.5], 0, rules, broadcast=True) == 1
    assert wave([0.1, 0.1], 0, rules, broadcast=True) == 2
    assert wave([0.95] * 20, 0, AskRules(sure=1.0, most=10), broadcast=True) == 10


def test_a_directed_offer_goes_to_one_until_it_goes_begging():
    rules = AskRules(sure=0.9, widen_after=2)
    sizes = [wave([0.5] * 8, refused, rules, broadcast=False) for refused in range(4)]
    assert sizes == [1, 1, 4, 4]
