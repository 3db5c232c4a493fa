"""A driver's rating, from customers' ratings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.drivers.ratings import PRIOR_WEIGHT, Ratings

STARS = st.integers(1, 5)
PRIORS = st.floats(1, 5)


def rated(prior, *stars):
    ratings = Ratings(prior=prior)
    for one in stars:
        ratings = ratings.counting(one, None)
    return ratings


@given(PRIORS, st.lists(STARS, max_size=200))
def test_a_rating_is_between_one_and_five_whatever_customers_give(prior, stars):
    assert 1 <= rated(prior, *stars).mean <= 5


@given(PRIORS, st.lists(STARS), st.data())
def test_the_order_of_ratings_does_not_matter(prior, stars, data):
    assert rated(prior, *stars) == rated(prior, *data.draw(st.permutations(stars)))


@given(PRIORS, st.lists(STARS), STARS, STARS)
def test_a_replaced_rating_counts_as_if_it_had_been_given_at_first(prior, others, first, second):
    assert rated(prior, first, *others).counting(second, first) == rated(prior, second, *others)


@given(PRIORS, st.lists(STARS), STARS, STARS)
def test_more_stars_never_make_a_lower_rating(prior, others, some, more):
    less, more = sorted((some, more))
    assert rated(prior, *others, less).mean <= rated(prior, *others, more).mean


@given(st.lists(STARS, max_size=50))
def test_one_rating_moves_the_mean_by_no_more_than_its_share(stars):
    before = rated(5.0, *stars).mean
    assert abs(rated(5.0, *stars, 1).mean - before) <= 4 / (PRIOR_WEIGHT + 1) + 0.01


def test_with_many_ratings_the_prior_no_longer_matters():
    assert rated(1.0, *[5] * 2000).mean == pytest.approx(5, abs=0.05)
