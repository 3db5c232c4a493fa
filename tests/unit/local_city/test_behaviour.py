from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.city.behaviour import GLADLY, OfferedWork, Reaction, chance, decide, work_of
from local.city.plans.geometry import Point
from local.city.plans.plan import Pace, Temper

HERE = Point(39.29, -76.61)
TEMPER = Temper(wanted_per_minute=30, patience_m=3000, oversight=0.0)
works = st.builds(OfferedWork, st.integers(1, 5000), st.floats(1, 120), st.floats(0, 20_000), st.floats(0, 16))


def test_a_fair_offer_nearby_is_nearly_always_taken():
    assert chance(TEMPER, OfferedWork(pay=900, minutes=30, pickup_m=500)) == GLADLY


@given(works, st.integers(1, 2000))
def test_more_pay_never_makes_a_driver_less_willing(work, more):
    better = replace(work, pay=work.pay + more)
    assert chance(TEMPER, better) >= chance(TEMPER, work)


@given(works, st.floats(1, 5000))
def test_a_longer_way_to_the_pickup_never_makes_a_driver_more_willing(work, farther):
    worse = replace(work, pickup_m=work.pickup_m + farther)
    assert chance(TEMPER, worse) <= chance(TEMPER, work)


@given(works, st.floats(0.1, 8))
def test_hours_on_duty_never_make_a_driver_more_willing_and_a_tier_never_less(work, hours):
    tired = replace(work, on_duty_h=work.on_duty_h + hours)
    assert chance(TEMPER, tired) <= chance(TEMPER, work)
    assert chance(replace(TEMPER, tier=1.0), work) >= chance(TEMPER, work)


@given(works, st.integers())
def test_the_same_dice_give_the_same_decision(work, seed):
    assert decide(TEMPER, work, Random(seed)) == decide(TEMPER, work, Random(seed))


@given(works, st.integers())
def test_an_obliging_driver_takes_everything(work, seed):
    temper = Temper(obliging=True, oversight=0.0)
    assert decide(temper, work, Random(seed)).reaction is Reaction.ACCEPT


@pytest.mark.parametrize(
    ("work", "reason"),
    [(OfferedWork(100, 60, 0), "pay_too_low"), (OfferedWork(3000, 60, 12_000), "too_far")],
)
def test_a_no_names_what_weighed_most(work, reason):
    decisions = (decide(TEMPER, work, Random(seed)) for seed in range(200))
    reasons = {decision.reason for decision in decisions if decision.reaction is Reaction.DECLINE}
    assert reasons == {reason}


def test_some_offers_are_simply_missed():
    temper = Temper(oversight=0.5)
    reactions = [decide(temper, OfferedWork(900, 30, 0), Random(seed)).reaction for seed in range(200)]
    assert 60 < reactions.count(Reaction.OVERLOOK) < 140


def test_the_work_of_an_offer_is_its_way_and_its_stops():
    pace = Pace(10.0, 1.0, *([timedelta(minutes=1)] * 4))
    work = work_of(700, [(HERE.moved(600, 0), HERE.moved(1200, 0))], HERE, pace)
    assert work.minutes == pytest.approx(2 + 4, rel=0.01)
    assert work.pickup_m == pytest.approx(600, rel=0.01)
