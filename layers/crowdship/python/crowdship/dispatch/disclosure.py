"""Disclosure: what decides who is offered work in a zone, and how much each part can weigh. Pure.

Directive (EU) 2024/2831, Article 9, asks for the main parameters and their relative importance. Every figure is made of
the settings and constants by which dispatch reckons, so a change of them changes what drivers are told.
"""

from enum import StrEnum

from crowdship.dispatch.scoring import ACCEPTANCE, FAIR_MINUTES, UNANSWERED_S
from crowdship.drivers.measures import (
    LATE_S,
    PRIOR_SHARE,
    PRIOR_WEIGHT,
    WINDOW,
    WINDOW_DELIVERIES,
)
from crowdship.kernel.events import Value
from crowdship.planner.acceptance import LEAST
from crowdship.zones.dispatch_rules import Policy
from crowdship.zones.model import Zone
from crowdship.zones.tiers import Tier

WORST_RATING = 1.0
LATE_MINUTES = 10
"""A lateness for which the weight of lateness is shown, minutes."""


class Factor(StrEnum):
    """Parts of the cost by which drivers are compared for an order."""

    ADDED_DRIVING = "added_driving"
    WAY_TO_THE_SHOP = "way_to_the_shop"
    EXPECTED_REFUSAL = "expected_refusal"
    LATE_FOR_CUSTOMER = "late_for_customer"
    OWN_FLEET_FIRST = "own_fleet_first"
    LEFT_UNANSWERED = "left_unanswered"
    RATING = "rating"
    TIME_WITHOUT_WORK = "time_without_work"
    KEPT_FOR_DEDICATED = "kept_for_dedicated"


FACTOR_OF = {
    "route_growth": Factor.ADDED_DRIVING,
    "pickup_wait": Factor.WAY_TO_THE_SHOP,
    "did_not_answer": Factor.LEFT_UNANSWERED,
    "refusal": Factor.EXPECTED_REFUSAL,
    "rating": Factor.RATING,
    "dedicated_first": Factor.OWN_FLEET_FIRST,
    "fairness": Factor.TIME_WITHOUT_WORK,
}
"""The factor by which drivers are told of each part of a score (``scoring.SCORE_PARTS``)."""


class Weight(Value):
    """A part of the comparison.

    Parameters
    ----------
    at_most_s : int
        The largest difference that it can make between two drivers, in seconds of driving.
    explanation : str
        One sentence in plain words.
    """

    factor: Factor
    at_most_s: int
    explanation: str


class Measuring(Value):
    """The making of the measures.

    Parameters
    ----------
    window_deliveries, window_days : int
        The newest deliveries that count, and for how long.
    prior_deliveries : int
        Deliveries that the start value counts like.
    prior_share : float
        The start value of on-time, completion and compliance.
    late_s : int
        Seconds of own lateness from which a delivery counts as late.
    """

    window_deliveries: int = WINDOW_DELIVERIES
    window_days: int = WINDOW.days
    prior_deliveries: int = PRIOR_WEIGHT
    prior_share: float = PRIOR_SHARE
    late_s: int = LATE_S


class Disclosure(Value):
    """The parameters that decide who is offered work in a zone.

    Parameters
    ----------
    limits : dict
        Limits beyond which nobody is asked, by the name of the setting.
    weights : tuple of Weight
        Parts of the comparison, the one that can weigh most first.
    never_counted : tuple of str
        What has no influence on offers, measures or tiers.
    """

    zone_id: str
    policy: Policy
    answer_s: int
    limits: dict[str, int | float]
    weights: tuple[Weight, ...]
    measuring: Measuring = Measuring()
    tiers: tuple[Tier, ...]
    never_counted: tuple[str, ...] = (
        "declined_offers_of_other_orders",
        "acceptance_rate",
        "tips",
        "lateness_by_shop_traffic_or_plan",
        "customers_who_gave_no_rating",
    )


def disclosed(zone: Zone) -> Disclosure:
    """Return what decides who is offered work in a zone, from its settings."""
    rules, travel = zone.settings.dispatch, zone.settings.travel
    limits, weights = rules.limits, rules.weights
    farthest_s = limits.pickup_distance_m * travel.detour_factor / travel.speed_mps
    told = {
        Factor.ADDED_DRIVING: (
            farthest_s,
            f"The driving that the order adds to your route; the pickup is at most {limits.pickup_distance_m} m away.",
        ),
        Factor.WAY_TO_THE_SHOP: (farthest_s, "The time until you can be at the shop, once the order can be fetched."),
        Factor.EXPECTED_REFUSAL: (
            weights.refusal_s * (1 / LEAST - 1),
            "An estimate how likely a driver takes such an offer: by its pay, the way to the shop, the rating, and the "
            f"hours on duty beyond {ACCEPTANCE.rested_h:g}. Your earlier answers are no part of it.",
        ),
        Factor.LATE_FOR_CUSTOMER: (
            weights.lateness * LATE_MINUTES * 60,
            f"A minute late for any customer on the route counts like {weights.lateness:g} minutes of driving.",
        ),
        Factor.OWN_FLEET_FIRST: (
            weights.dedicated_first_s,
            f"Dedicated drivers come first for the orders they may take, as if {weights.dedicated_first_s:g} s nearer.",
        ),
        Factor.LEFT_UNANSWERED: (
            UNANSWERED_S,
            f"An offer of this same order that you left unanswered counts like {UNANSWERED_S:g} s of driving; "
            "it has no influence on other orders.",
        ),
        Factor.RATING: (
            weights.rating_s * (5 - WORST_RATING),
            f"One star less in your rating counts like {weights.rating_s:g} s of driving.",
        ),
        Factor.TIME_WITHOUT_WORK: (
            weights.fairness_s * FAIR_MINUTES,
            f"Each minute without work counts {weights.fairness_s:g} s in your favour, up to {FAIR_MINUTES:g} minutes.",
        ),
    }
    if hold := rules.fleet.hold_minutes:
        told[Factor.KEPT_FOR_DEDICATED] = (
            hold * 60,
            f"An order waits up to {hold} minutes for a dedicated driver who can be at the shop by then.",
        )
    listed = (Weight(factor=factor, at_most_s=round(most), explanation=said) for factor, (most, said) in told.items())
    return Disclosure(
        zone_id=zone.id,
        policy=rules.offers.policy,
        answer_s=rules.offers.seconds,
        limits=limits.model_dump(include={"pickup_distance_m", "open_stops", "position_minutes", "bundle_size"}),
        weights=tuple(sorted(listed, key=lambda one: -one.at_most_s)),
        tiers=zone.settings.tiers,
    )
