"""Hybrid fleets: dedicated drivers first, the rest to the crowd."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.dispatch.eligibility import Ineligible, unavailable
from crowdship.dispatch.rounds.fleet import kept_for_dedicated, kept_until
from crowdship.dispatch.rounds.rules import plan_round
from crowdship.dispatch.rounds.waits import Wait
from crowdship.dispatch.scoring import SCORE_PARTS
from crowdship.drivers.model import Duty
from crowdship.drivers.shifts import PlannedShift
from crowdship.routes.stops import stops_of
from crowdship.shipment.options import Priority
from crowdship.shipment.windows import Window
from tests import city
from tests.city import NOON, at, delivery
from tests.unit.dispatch.test_planning import RULES, TRAVEL, free


def zone(seed):
    """Return the deliveries and drivers of an invented zone; a third of the drivers are merchants' own."""
    random = Random(f"fleet {seed}")
    waiting = []
    for number in range(random.randint(1, 12)):
        shop = at(random.randrange(-3000, 3000), random.randrange(-2000, 2000))
        home = at(random.randrange(-3000, 3000), random.randrange(-2000, 2000))
        one = delivery(f"dlv_{number:02d}", shop, home)
        urgent = Priority.URGENT if random.random() < 0.1 else one.priority
        age = timedelta(minutes=random.randrange(20))
        waiting.append(
            one.with_changes(priority=urgent, created_at=NOON - age, merchant_id=random.choice(("mer_1", "mer_2")))
        )
    crew = []
    for number in range(random.randint(1, 9)):
        own = random.choice(({}, {}, {"kind": "dedicated", "merchant_id": "mer_1"}))
        entry = free(f"drv_{number}", at(random.randrange(-3000, 3000)), **own)
        if random.random() < 0.3:
            stops = stops_of(delivery(f"dlv_on{number}", at(0), at(1500)), RULES.travel)
            entry = replace(entry, route=entry.route.with_changes(stops=stops))
        crew.append(entry)
    return waiting, crew


def told(plan):
    """Return the digest of a plan's offers and of what waits."""
    offers = [
        ([d.id for d in offer.deliveries], offer.dedicated, str(offer.policy), [c.driver_id for c in offer.candidates])
        for offer in plan.offers
    ]
    return sha256(repr((offers, sorted(plan.waiting.items()))).encode()).hexdigest()[:12]


PLANS_WITHOUT_POLICY = (
    "68b529b6074a",
    "c4c856169ba0",
    "0fa4941c0a0e",
    "6c17a8a614d6",
    "01b446ab1a22",
    "bc57c433c896",
    "68a8f8c6a4fa",
    "3fca7a13e81c",
    "7c6d66dc0aae",
    "8786687fa9aa",
    "482178513c5d",
    "2efb0c533a7e",
)
"""Digests of the plans of the code before there was a fleet policy."""


@pytest.mark.parametrize(("seed", "known"), list(enumerate(PLANS_WITHOUT_POLICY)))
def test_without_a_policy_plans_are_those_that_were_recorded_before_there_was_one(seed, known):
    assert told(plan_round(*zone(seed), RULES, TRAVEL, NOON)) == known


HYBRID = city.settings(fleet={"hold_minutes": 10, "orders_per_driver": 2})


def core(name, point, **fields):
    """Return one of the platform's own drivers, on shift all day."""
    shift = PlannedShift(zone_id="testville", on_at=NOON - timedelta(hours=4), off_at=NOON + timedelta(hours=4))
    duty = Duty(zone_id="testville", since=NOON - timedelta(hours=1))
    return free(name, point, **{"kind": "dedicated", "shifts": (shift,), "duty": duty, **fields})


def takers(deliveries, crew, rules=HYBRID, now=NOON):
    """Return who gets each delivery in a round."""
    plan = plan_round(deliveries, crew, rules, TRAVEL, now)
    return {d.id: offer.candidates[0].driver_id for offer in plan.offers for d in offer.deliveries}, plan.waiting


def test_a_dedicated_driver_on_shift_is_given_an_order_before_a_nearer_crowd_driver_is_asked():
    crew = [core("drv_core", at(900)), free("drv_crowd", at(50))]
    (offer,) = plan_round([delivery()], crew, HYBRID, TRAVEL, NOON).offers
    assert ([one.driver_id for one in offer.candidates], offer.dedicated) == (["drv_core"], True)


def test_a_dedicated_driver_of_the_platform_takes_the_orders_of_every_merchant():
    orders = [delivery(f"dlv_{name}", at(100), at(900), merchant_id=name) for name in ("mer_1", "mer_2")]
    given, _ = takers(orders, [core("drv_core", at(0))])
    assert set(given.values()) == {"drv_core"}


@pytest.mark.parametrize("off_by", [timedelta(0), timedelta(hours=5)])
def test_off_shift_the_platforms_driver_is_given_nothing(off_by):
    ended = PlannedShift(zone_id="testville", on_at=NOON - off_by - timedelta(hours=2), off_at=NOON - off_by)
    entry = core("drv_core", at(0), shifts=(ended,))
    assert unavailable(entry, HYBRID, NOON) is Ineligible.OFF_SHIFT
    assert takers([delivery()], [entry, free("drv_crowd", at(50))])[0] == {"dlv_1": "drv_crowd"}


def test_a_shift_elsewhere_counts_for_nothing_here():
    away = PlannedShift(zone_id="elsewhere", on_at=NOON - timedelta(hours=2), off_at=NOON + timedelta(hours=2))
    assert unavailable(core("drv_core", at(0), shifts=(away,)), HYBRID, NOON) is Ineligible.OFF_SHIFT


def busy(entry, minutes):
    """Return a driver whose last stop is some minutes away."""
    stops = stops_of(delivery("dlv_on_route", entry.at, at(minutes * 60 * 5)), RULES.travel)
    return replace(entry, route=entry.route.with_changes(stops=stops))


def test_an_order_waits_for_a_busy_dedicated_driver_who_can_be_there_soon_though_the_crowd_is_idle():
    order = delivery("dlv_1", at(1200), at(3000))
    crew = [busy(core("drv_core", at(0)), 3), free("drv_crowd", at(50))]
    given, waiting = takers([order], crew)
    assert (given, waiting) == ({}, {"dlv_1": Wait.KEPT_FOR_DEDICATED})


def test_an_order_that_no_dedicated_driver_reaches_soon_goes_to_the_crowd_at_once():
    crew = [busy(core("drv_core", at(0)), 14), free("drv_crowd", at(50))]
    assert takers([delivery("dlv_1", at(-1200), at(-3000))], crew)[0] == {"dlv_1": "drv_crowd"}


def test_an_order_is_kept_for_the_minutes_of_the_policy_and_not_longer():
    order = delivery("dlv_1", at(1200), at(3000))
    crew = [busy(core("drv_core", at(0)), 3), free("drv_crowd", at(50))]
    last = NOON + timedelta(minutes=10) - timedelta(microseconds=1)
    assert takers([order], crew, now=last)[0] == {}
    assert takers([order], crew, now=NOON + timedelta(minutes=10))[0] == {"dlv_1": "drv_crowd"}


def test_half_of_the_search_is_the_crowds_however_long_the_policy_keeps_orders():
    rules = city.settings(fleet={"hold_minutes": 60})
    order = delivery(search_until=NOON + timedelta(minutes=30))
    assert kept_until(order, rules) == NOON + timedelta(minutes=15)


def test_what_exceeds_the_threshold_is_put_to_everybody_at_once():
    shops = [at(200), at(200), at(-900), at(-1800)]
    orders = [
        delivery(f"dlv_{number}", shop, at(-2500, 300 * number), created_at=NOON - timedelta(minutes=9 - number))
        for number, shop in enumerate(shops)
    ]
    crew = [core("drv_core", at(200)), free("drv_a", at(-850)), free("drv_b", at(-1750))]
    given, _ = takers(orders, crew)
    assert kept_for_dedicated(orders, crew, HYBRID, TRAVEL, NOON) == {"dlv_0", "dlv_1"}
    assert given == {"dlv_0": "drv_core", "dlv_1": "drv_core", "dlv_2": "drv_a", "dlv_3": "drv_b"}


def test_an_urgent_order_is_kept_for_nobody():
    crew = [busy(core("drv_core", at(0)), 3)]
    assert kept_for_dedicated([delivery(priority=Priority.URGENT)], crew, HYBRID, TRAVEL, NOON) == frozenset()


def test_an_order_that_the_dedicated_driver_would_bring_late_is_not_kept():
    late = delivery().with_changes(dropoff_window=Window(opens_at=NOON, closes_at=NOON + timedelta(minutes=8)))
    assert kept_for_dedicated([late], [core("drv_core", at(0))], HYBRID, TRAVEL, NOON) == frozenset()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), hold=st.integers(1, 60), most=st.integers(1, 5), minutes=st.integers(0, 60))
def test_core_comes_first_and_overflow_never_starves(seed, hold, most, minutes):
    waiting, crew = zone(seed)
    crew = [core(e.driver.id, e.at) if e.driver.merchant_id and number % 2 else e for number, e in enumerate(crew)]
    rules = city.settings(fleet={"hold_minutes": hold, "orders_per_driver": most})
    now = NOON + timedelta(minutes=minutes)
    crew = [replace(entry, seen_at=now) for entry in crew]
    kept = kept_for_dedicated(waiting, crew, rules, TRAVEL, now)
    plan = plan_round(waiting, crew, rules, TRAVEL, now)
    kinds = {entry.driver.id: entry.driver.kind for entry in crew}
    for offer in plan.offers:
        for one in offer.deliveries:
            if one.id in kept:
                assert all(kinds[c.driver_id] == "dedicated" for c in offer.candidates)
    by_id = {one.id: one for one in waiting}
    for name in kept:
        assert now < kept_until(by_id[name], rules) < by_id[name].search_until
        assert kept_until(by_id[name], rules) <= max(by_id[name].created_at, NOON) + timedelta(minutes=hold)
    own = [entry for entry in crew if entry.driver.kind == "dedicated"]
    assert len(kept) <= most * len(own)
    # Whoever could be asked without a policy can be asked for what is not kept.
    if not kept:
        free_of_policy = plan_round(waiting, crew, city.settings(weights={"dedicated_first_s": 0}), TRAVEL, now)
        assert bool(plan.offers) == bool(free_of_policy.offers)


def test_the_audit_lists_the_parts_of_a_score_as_they_are():
    (offer,) = plan_round([delivery()], [free("drv_1", at(100))], RULES, TRAVEL, NOON).offers
    assert tuple(offer.candidates[0].parts) == SCORE_PARTS
