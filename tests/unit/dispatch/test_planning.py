"""Who is asked for what."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.dispatch.eligibility import SENTENCES, Available, Ineligible
from crowdship.dispatch.rounds import rules as planning
from crowdship.dispatch.rounds.pickups import pickup_places
from crowdship.dispatch.rounds.problem import matching_rules
from crowdship.dispatch.rounds.rules import plan_round
from crowdship.dispatch.scoring import offered_pay, work_preferences
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.measures import Measures
from crowdship.drivers.model import Driver, DriverKind, Duty, Vehicle
from crowdship.kernel.geo import Point, distance_m
from crowdship.planner.matching.model import OTHERS_CHEAPER
from crowdship.pricing.model import RateCard, price_trip
from crowdship.routes.route import Route
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Load
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from crowdship.zones.dispatch_rules import Policy
from tests import city
from tests.city import NOON, SUSPENDED, at, delivery, driver_input

RULES = city.settings()
TRAVEL = GreatCircle(RULES.travel)


def free(name, point, **fields):
    who = driver_input()
    given = {
        "id": name,
        "home_zone_id": "testville",
        "person_token": "pii",
        "vehicle": who.vehicle,
        "documents": who.documents,
        "created_at": NOON,
    }
    driver = Driver(**{**given, **fields})
    load = Load(driver.vehicle.max_weight_g, driver.vehicle.max_volume_l)
    return Available(driver, point, NOON, Route(id=name, zone_id="testville"), load)


def plan(deliveries, available, rules=RULES):
    return plan_round(deliveries, available, rules, TRAVEL, NOON)


def asked(deliveries, available, rules=RULES):
    return [offer.candidates[0].driver_id for offer in plan(deliveries, available, rules).offers]


def test_the_nearest_of_equal_drivers_is_asked_first_and_the_others_are_remembered():
    drivers = [free("drv_far", at(3000)), free("drv_near", at(300))]
    (offer,) = plan([delivery()], drivers).offers
    assert [candidate.driver_id for candidate in offer.candidates] == ["drv_near"]
    assert [candidate.driver_id for candidate in offer.runners_up] == ["drv_far"]


def test_a_score_is_the_sum_of_its_parts():
    (offer,) = plan([delivery()], [free("drv_1", at(300), measures=Measures(prior=4.5))]).offers
    (candidate,) = offer.candidates
    assert candidate.score == pytest.approx(sum(candidate.parts.values()))
    assert candidate.parts["rating"] == 30


def test_two_orders_are_matched_so_that_both_go_well_not_each_greedily():
    # Both orders are nearest to the middle driver; giving it to the far one costs the fleet less.
    west, east = delivery("dlv_w", at(-1000), at(-2000)), delivery("dlv_e", at(1000), at(2000))
    drivers = [free("drv_m", at(0)), free("drv_w", at(-2600))]
    offers = {offer.deliveries[0].id: offer.candidates[0].driver_id for offer in plan([west, east], drivers).offers}
    assert offers == {"dlv_w": "drv_w", "dlv_e": "drv_m"}


def test_a_broadcast_asks_the_best_few_until_somebody_will_take_it():
    drivers = [free(f"drv_{n}", at(100 * n)) for n in range(6)]

    def asked_if(**offers):
        (offer,) = plan([delivery()], drivers, city.settings(offers={"policy": Policy.BROADCAST, **offers})).offers
        nobody = 1.0
        for candidate in offer.candidates:
            nobody *= 1 - candidate.acceptance
        return [candidate.driver_id for candidate in offer.candidates], 1 - nobody

    three, sure = asked_if(acceptance_probability=0.99)
    assert three == ["drv_0", "drv_1", "drv_2"]
    assert sure >= 0.99
    assert asked_if(acceptance_probability=0.9)[0] == ["drv_0", "drv_1"]
    assert asked_if(acceptance_probability=0.99, broadcast_drivers=2)[0] == ["drv_0", "drv_1"]


def test_a_delivery_that_goes_begging_is_put_to_more_drivers():
    drivers = [free(f"drv_{n}", at(100 * n)) for n in range(6)]
    begging = delivery().with_changes(declined_by=("drv_a", "drv_b", "drv_c"))
    fresh, begged = plan([delivery()], drivers).offers[0], plan([begging], drivers).offers[0]
    assert (len(fresh.candidates), fresh.policy) == (1, Policy.DIRECTED)
    assert (len(begged.candidates) > 1, begged.policy) == (True, Policy.BROADCAST)


def test_who_did_not_answer_is_asked_again_where_the_others_are_too_small():
    waiting = delivery().with_changes(parcel=Parcel(weight_g=30_000, volume_l=50), unanswered_by={"drv_van": 1})
    bicycle = free("drv_bike", at(0), vehicle=Vehicle(kind="bicycle", max_weight_g=12_000, max_volume_l=60))
    assert asked([waiting], [bicycle, free("drv_van", at(900))]) == ["drv_van"]


def test_who_passes_by_and_did_not_answer_is_not_asked_before_others():
    passing = free("drv_passing", at(2500))
    stops = stops_of(delivery("dlv_0", at(100), at(2100)), RULES.travel)
    passing = replace(passing, at=at(-500), route=passing.route.with_changes(stops=stops))
    silent = delivery().with_changes(unanswered_by={"drv_passing": 1})
    assert asked([silent], [passing, free("drv_free", at(200))]) == ["drv_free"]


def test_who_passes_by_is_not_asked_where_the_merchants_own_driver_has_nothing_to_do():
    passing = free("drv_passing", at(2500))
    stops = stops_of(delivery("dlv_0", at(100), at(2100)), RULES.travel)
    passing = replace(passing, at=at(-500), route=passing.route.with_changes(stops=stops))
    own = free("drv_own", at(1500), kind=DriverKind.DEDICATED, merchant_id="mer_1")
    assert asked([delivery()], [passing, own]) == ["drv_own"]


def test_broadcasts_of_one_round_ask_different_drivers_first():
    orders = [delivery(f"dlv_{n}", at(0, 1500 * n), at(3000, 1500 * n)) for n in range(4)]
    drivers = [free(f"drv_{n}", at(200, 1500 * n)) for n in range(4)]
    offers = plan(
        orders, drivers, city.settings(offers={"policy": Policy.BROADCAST}, limits={"pickup_distance_m": 20_000})
    ).offers
    assert {offer.candidates[0].driver_id for offer in offers} == {f"drv_{n}" for n in range(4)}


def test_a_driver_is_asked_for_one_delivery_a_round_also_where_offers_are_widened():
    drivers = [free(f"drv_{n}", at(150 * n)) for n in range(6)]
    begging = [
        delivery(f"dlv_{n}", at(0, 900 * n), at(3000, 900 * n)).with_changes(declined_by=("a", "b", "c"))
        for n in range(3)
    ]
    offers = plan(begging, drivers).offers
    asked = [candidate.driver_id for offer in offers for candidate in offer.candidates]
    assert len(asked) == len(set(asked)) > len(offers)


def test_who_has_long_been_without_work_comes_first_among_equals():
    def waiting_since(name, minutes):
        entry = free(name, at(500), duty=Duty(zone_id="testville", since=NOON - timedelta(hours=2)))
        return replace(entry, route=entry.route.with_changes(idle_since=NOON - timedelta(minutes=minutes)))

    assert asked([delivery()], [waiting_since("drv_1", 3), waiting_since("drv_2", 20)]) == ["drv_2"]


def test_half_an_hour_without_work_is_all_that_counts():
    def waiting(minutes):
        entry = free("drv_1", at(500), duty=Duty(zone_id="testville", since=NOON - timedelta(hours=9)))
        return replace(entry, route=entry.route.with_changes(idle_since=NOON - timedelta(minutes=minutes)))

    weight = RULES.dispatch.weights.fairness_s
    worth = {
        minutes: work_preferences(waiting(minutes), RULES.dispatch.weights, NOON)["fairness"]
        for minutes in (0, 29, 30, 400)
    }
    assert worth == {0: 0.0, 29: -29 * weight, 30: -30 * weight, 400: -30 * weight}


def test_an_unanswered_offer_counts_against_its_driver_each_time_in_the_score_as_in_the_plan():
    silent = delivery().with_changes(unanswered_by={"drv_silent": 2})
    drivers = [free("drv_silent", at(10)), free("drv_other", at(20))]
    (offer,) = plan([silent], drivers).offers
    parts = {c.driver_id: c.parts["did_not_answer"] for c in (*offer.candidates, *offer.runners_up)}
    assert parts == {"drv_other": 0.0, "drv_silent": 1800.0}
    assert [candidate.driver_id for candidate in offer.candidates] == ["drv_other"]


def test_a_round_starts_from_what_the_round_before_planned_ahead(monkeypatch):
    started = []
    plan_trips = planning.plan_trips
    monkeypatch.setattr(
        planning, "plan_trips", lambda *given, **more: started.append(more["before"]) or plan_trips(*given, **more)
    )
    soon = [delivery("dlv_1"), delivery("dlv_2", at(3000), at(5000))]
    first = plan_round(soon, [free("drv_1", at(0))], RULES, TRAVEL, NOON)
    assert first.ahead
    plan_round(soon, [free("drv_1", at(0))], RULES, TRAVEL, NOON, before=first.ahead)
    assert started == [None, first.ahead]


def test_who_is_near_is_told_by_metres_also_in_the_north():
    north = city.settings().model_copy(update={"area": tuple(Point(lat=60, lon=n) for n in (10, 10.2, 10.1))})
    assert matching_rules(north).east_scale == pytest.approx(0.5)


def test_only_who_has_the_skill_is_asked():
    frozen = delivery().with_changes(requirements=Requirements(skills=("cold_box",)))
    drivers = [free("drv_near", at(10)), free("drv_cold", at(2000), skills=("cold_box", "two_people"))]
    assert asked([frozen], drivers) == ["drv_cold"]
    assert asked([frozen], drivers[:1]) == []


def test_why_is_said_for_every_delivery_and_every_driver_without_work():
    drivers = [free("drv_near", at(10)), free("drv_far", at(4000)), free("drv_full", at(0), standing=SUSPENDED)]
    decided = plan_round([delivery()], drivers, RULES, TRAVEL, NOON, explained=True)
    (why,) = decided.explained
    assert [option.driver_id for option in why.options] == ["drv_near", "drv_far"]
    assert why.difference == pytest.approx(why.options[1].cost - why.options[0].cost)
    reasons = {idle.driver_id: idle.reason for idle in decided.idle}
    assert reasons == {"drv_far": OTHERS_CHEAPER, "drv_full": "may_not_drive"}


def test_who_declined_is_not_asked_again_and_who_did_not_answer_is_asked_last():
    waiting = delivery().with_changes(declined_by=("drv_no",), unanswered_by={"drv_silent": 1})
    drivers = [free("drv_no", at(0)), free("drv_silent", at(10)), free("drv_other", at(2000))]
    assert asked([waiting], drivers) == ["drv_other"]
    assert asked([waiting], drivers[:2]) == ["drv_silent"]


@pytest.mark.parametrize(
    "entry",
    [
        free("drv_1", at(0), standing=SUSPENDED),
        free("drv_1", at(0), documents=()),
        free("drv_1", at(0), documents=(Document(kind=DocumentKind.IDENTITY, valid_until="2026-05-31"),)),
        free("drv_1", at(20_000)),
        free("drv_1", at(0), vehicle=Vehicle(kind="car", max_weight_g=500, max_volume_l=200)),
        free("drv_1", at(0), vehicle=Vehicle(kind="foot", max_weight_g=9000, max_volume_l=30)),
        free("drv_1", at(0), kind=DriverKind.DEDICATED, merchant_id="mer_other"),
    ],
    ids=["suspended", "no papers", "expired papers", "too far", "too small", "on foot", "someone else's"],
)
def test_an_unsuitable_driver_is_not_asked_and_the_delivery_says_it_waits(entry):
    decided = plan([delivery()], [entry])
    assert decided.offers == []
    assert decided.waiting == {"dlv_1": "nobody can take it"}


def test_a_driver_who_is_being_asked_gets_no_second_directed_offer():
    busy = free("drv_1", at(0))
    busy = replace(busy, asked_elsewhere=True)
    assert asked([delivery()], [busy]) == []


def test_a_driver_already_on_the_way_past_the_shop_fits_best():
    passing = free("drv_passing", at(2500))
    stops = stops_of(delivery("dlv_0", at(100), at(2100)), RULES.travel)
    passing = replace(passing, at=at(-500), route=passing.route.with_changes(stops=stops))
    assert asked([delivery()], [passing, free("drv_free", at(1500, 1500))]) == ["drv_passing"]


def test_the_merchants_own_driver_comes_first():
    own = free("drv_own", at(4000), kind=DriverKind.DEDICATED, merchant_id="mer_1")
    (offer,) = plan([delivery()], [free("drv_crowd", at(0)), own]).offers
    assert (offer.candidates[0].driver_id, offer.dedicated) == ("drv_own", True)


def bundles(deliveries, drivers):
    return sorted(sorted(d.id for d in offer.deliveries) for offer in plan(deliveries, drivers).offers)


def test_neighbours_travel_together_and_opposite_ways_do_not():
    east, also_east = delivery("dlv_1", dropoff=at(2000)), delivery("dlv_2", dropoff=at(2200))
    west = delivery("dlv_3", dropoff=at(-2000))
    drivers = [free("drv_1", at(100)), free("drv_2", at(-100))]
    assert bundles([east, also_east, west], drivers) == [["dlv_1", "dlv_2"], ["dlv_3"]]


@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), max_size=30), st.sampled_from([0, 50, 150]))
def test_pickups_are_taken_for_one_place_if_and_only_if_they_are_near_it(spots, radius):
    orders = [delivery(f"dlv_{n}", at(*spot)) for n, spot in enumerate(spots)]
    places = pickup_places(orders, radius)
    distinct = set(places.values())
    for order in orders:
        assert distance_m(order.pickup, places[order.id]) <= radius
    assert all(distance_m(a, b) > radius for a, b in combinations(distinct, 2))


def test_an_urgent_order_travels_alone():
    calm = delivery("dlv_1", dropoff=at(2000))
    urgent = delivery("dlv_2", dropoff=at(2000), priority=Priority.URGENT)
    drivers = [free("drv_1", at(100)), free("drv_2", at(-100))]
    assert bundles([calm, urgent], drivers) == [["dlv_1"], ["dlv_2"]]


def test_an_urgent_order_goes_first_when_there_is_one_driver():
    calm = delivery("dlv_1", dropoff=at(1500), created_at=NOON - timedelta(minutes=5))
    urgent = delivery("dlv_2", dropoff=at(1500), priority=Priority.URGENT)
    assert bundles([calm, urgent], [free("drv_1", at(100))]) == [["dlv_2"]]


def test_what_is_ready_much_later_waits():
    later = Window(opens_at=NOON + timedelta(minutes=40), closes_at=NOON + timedelta(minutes=80))
    decided = plan([delivery(pickup_window=later, dropoff_window=later)], [free("drv_1", at(100))])
    assert decided.offers == []
    assert decided.waiting == {"dlv_1": "its driver need not leave yet"}


def test_currencies_do_not_share_a_bundle():
    dollars = delivery("dlv_1", dropoff=at(2000))
    euros = delivery("dlv_2", dropoff=at(2000), price=price_trip(RateCard(currency="EUR"), 2000, 400))
    assert all(len(bundle) == 1 for bundle in bundles([dollars, euros], [free("drv_1", at(0)), free("drv_2", at(0))]))


def test_a_driver_who_was_not_heard_of_for_long_is_not_asked():
    ghost = replace(free("drv_ghost", at(10)), seen_at=NOON - timedelta(minutes=11))
    assert asked([delivery()], [ghost, free("drv_live", at(2000))]) == ["drv_live"]


def test_a_dedicated_driver_gets_one_trip_a_round_also_where_offers_are_broadcast():
    rules = city.settings(offers={"policy": Policy.BROADCAST, "broadcast_drivers": 3}, limits={"bundle_size": 1})
    own = free("drv_own", at(0), kind=DriverKind.DEDICATED, merchant_id="mer_1")
    many = [delivery(f"dlv_{n}", dropoff=at(300 * n + 500)) for n in range(6)]
    decided = plan(many, [own, free("drv_crowd", at(100))], rules)
    assert [offer.dedicated for offer in decided.offers].count(True) == 1


def test_a_bundle_pays_the_sum_of_its_deliveries():
    both = [delivery("dlv_1"), delivery("dlv_2")]
    pay = offered_pay(both)
    assert pay.total.amount == sum(d.price.pay_total.amount + d.price.tip.amount for d in both)
    assert [part.code for part in pay.parts] == ["base", "distance", "time"]


places = st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)).map(lambda p: at(*p))


@given(st.lists(st.tuples(places, places, st.integers(1, 60)), max_size=8), st.lists(places, max_size=6))
@settings(max_examples=40)
def test_every_delivery_is_offered_once_or_waits_with_a_reason_and_no_driver_is_asked_twice(orders, drivers):
    deliveries = [
        delivery(f"dlv_{n}", a, b, parcel=Parcel(weight_g=kilos * 1000)) for n, (a, b, kilos) in enumerate(orders)
    ]
    available = [free(f"drv_{n}", point) for n, point in enumerate(drivers)]
    decided = plan(deliveries, available)
    offered = [d.id for offer in decided.offers for d in offer.deliveries]
    assert sorted([*offered, *decided.waiting]) == sorted(d.id for d in deliveries)
    named = [candidate.driver_id for offer in decided.offers for candidate in offer.candidates]
    assert len(named) == len(set(named))
    assert plan(deliveries, available) == decided


def job(count=3, **fields):
    return [delivery(f"dlv_j{n}", at(0), at(1000 + 300 * n), job_id="job_1", **fields) for n in range(count)]


def test_a_job_is_offered_whole_however_many_drop_offs_it_has():
    drivers = [free("drv_1", at(200)), free("drv_2", at(250))]
    (offer,) = plan(job(8), drivers, city.settings(limits={"bundle_size": 2})).offers
    assert {d.id for d in offer.deliveries} == {f"dlv_j{n}" for n in range(8)}


def test_a_job_shares_no_trip_with_others_and_leaves_none_waiting():
    offers = plan([*job(), delivery("dlv_x", at(0), at(1100))], [free("drv_1", at(100)), free("drv_2", at(200))]).offers
    assert sorted(len(offer.deliveries) for offer in offers) == [1, 3]


def test_a_drop_off_that_nobody_there_can_take_does_not_hold_up_the_rest_of_its_job():
    first, second, third = job()
    cold = third.with_changes(requirements=Requirements(skills=("cold_box",)))
    offers = plan([first, second, cold], [free("drv_1", at(100)), free("drv_2", at(200))]).offers
    assert {d.id for offer in offers for d in offer.deliveries} == {first.id, second.id}


def test_a_job_that_only_a_van_holds_is_for_the_van():
    heavy = job(parcel=Parcel(weight_g=30_000, volume_l=5))
    van = Vehicle(kind=VehicleKind.VAN, max_weight_g=500_000, max_volume_l=3000)
    (offer,) = plan(heavy, [free("drv_car", at(10)), free("drv_van", at(900), vehicle=van)]).offers
    assert [candidate.driver_id for candidate in offer.candidates] == ["drv_van"]


def test_a_job_that_no_vehicle_on_duty_holds_is_offered_in_parts():
    heavy = job(parcel=Parcel(weight_g=30_000, volume_l=5))
    offers = plan(heavy, [free(f"drv_{n}", at(10 * n)) for n in range(3)]).offers
    assert sorted(len(offer.deliveries) for offer in offers) == [1, 1, 1]


def test_why_a_job_waits_is_said_of_each_of_its_deliveries():
    found = plan_round(job(), [free("drv_1", at(20_000))], RULES, TRAVEL, NOON, explained=True)
    assert set(found.waiting) == {why.order_id for why in found.explained} == {"dlv_j0", "dlv_j1", "dlv_j2"}


def test_every_reason_of_ineligibility_has_a_sentence():
    assert SENTENCES.keys() == set(Ineligible)
