"""Scorecards: any order and number of events gives the same measures; a prior keeps newcomers afloat."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.drivers.measures import LATE_S, PRIOR_WEIGHT, WINDOW, WINDOW_DELIVERIES, Measures
from crowdship.drivers.tiers import opens, tier_of
from crowdship.performance.facts import Fact, WorkOutcome
from crowdship.performance.lateness import Lateness
from crowdship.performance.scorecard import OfferAnswer, Scorecard, measured, windowed
from crowdship.zones.tiers import USUAL, Tier
from tests.city import NOON

STARS = st.integers(1, 5)
FACTS = st.builds(
    Fact,
    delivery_id=st.integers(0, 150).map(lambda number: f"dlv_{number}"),
    zone_id=st.just("loop"),
    at=st.integers(0, 200).map(lambda days: NOON - timedelta(days=days)),
    outcome=st.sampled_from(WorkOutcome),
    lateness=st.builds(Lateness, driver=st.sampled_from((0, LATE_S - 1, LATE_S)), shop=st.integers(0, 99)),
    stars=st.none() | STARS,
    contradicted=st.booleans(),
)
ONCE = st.lists(FACTS, max_size=150, unique_by=lambda fact: fact.delivery_id)


def rated(prior, *stars):
    return Measures(prior=prior, rated=len(stars), stars=sum(stars)).rating


@given(ONCE, st.data())
def test_facts_in_any_order_and_more_than_once_make_the_same_card(facts, data):
    told = data.draw(st.permutations([*facts, *facts[: len(facts) // 2]]))
    card = Scorecard(id="drv_1")
    for fact in told:
        card = card.noting(fact.delivery_id, fact, NOON)
    assert card.facts == windowed(facts, NOON)


@given(ONCE)
def test_what_is_older_or_more_than_the_window_does_not_count(facts):
    kept = windowed(facts, NOON)
    assert len(kept) <= WINDOW_DELIVERIES
    assert all(fact.at > NOON - WINDOW for fact in kept)
    left_out = [fact for fact in facts if fact.at > NOON - WINDOW and fact not in kept]
    assert all(fact.at <= kept[0].at for fact in left_out)


@given(st.floats(1, 5), st.lists(STARS, max_size=100))
def test_a_rating_is_between_one_and_five_whatever_customers_give(prior, stars):
    assert 1 <= rated(prior, *stars) <= 5


@given(st.lists(STARS, max_size=50))
def test_one_rating_moves_the_mean_by_no_more_than_its_share(stars):
    assert abs(rated(5.0, *stars, 1) - rated(5.0, *stars)) <= 4 / (PRIOR_WEIGHT + 1) + 0.01


@given(ONCE, st.floats(1, 5))
def test_customers_who_gave_no_rating_have_no_weight(facts, prior):
    silent = [fact.model_copy(update={"stars": None}) for fact in facts]
    assert measured(silent, prior).rating == round(prior, 2)


def test_one_bad_evening_does_not_sink_a_newcomer():
    bad = Measures(rated=3, stars=3, carried=5, delivered=5, late=5)
    assert bad.rating >= 4.4
    assert bad.on_time >= 0.7


@given(ONCE, st.integers(0, 50), st.integers(0, 50))
def test_no_answer_to_an_offer_changes_a_measure_or_a_tier(facts, accepted, refused):
    card = Scorecard(id="drv_1", facts=windowed(facts, NOON))
    before = measured(card.facts, 5.0)
    for number in range(accepted + refused):
        card = card.answering(OfferAnswer(offer_id=f"ofr_{number}", at=NOON, accepted=number < accepted), NOON)
    assert measured(card.facts, 5.0) == before
    assert tier_of(measured(card.facts, 5.0), USUAL) == tier_of(before, USUAL)
    assert card.acceptance[0] <= accepted


@given(st.integers(0, 20), st.integers(0, 3000))
def test_lateness_of_shop_traffic_and_plan_changes_no_measure(number, seconds):
    def measures(**causes):
        facts = [
            Fact(delivery_id=f"d{n}", zone_id="z", at=NOON, outcome=WorkOutcome.DELIVERED, lateness=Lateness(**causes))
            for n in range(number)
        ]
        return measured(facts, 5.0)

    assert measures(shop=seconds, traffic=seconds, plan=seconds, driver=LATE_S - 1) == measures()


def test_a_newcomer_has_a_tier_and_proven_work_opens_goods_of_higher_worth():
    newcomer, proven = Measures(), Measures(carried=40, delivered=40)
    assert [tier_of(one, USUAL).code for one in (newcomer, proven)] == ["newcomer", "proven"]
    assert opens(newcomer, USUAL, 20_000)
    assert not opens(newcomer, USUAL, 20_001)
    assert opens(proven, USUAL, 20_001)


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ((Tier(code="one", deliveries=1),), "newcomers"),
        ((Tier(code="one"), Tier(code="one")), "code of its own"),
        ((Tier(code="one"), Tier(code="two", goods_value=1)), "at least the goods_value"),
    ],
)
def test_tiers_that_leave_somebody_out_or_go_down_are_refused(tiers, said):
    from tests.city import settings

    with pytest.raises(ValueError, match=said):
        type(settings()).model_validate({**settings().model_dump(), "tiers": [one.model_dump() for one in tiers]})
