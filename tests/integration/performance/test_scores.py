"""Scores of drivers, through the consumer: any order, any number, and the same as made anew."""

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.rating import Rating
from crowdship.dispatch import assignment
from crowdship.drivers import service as drivers
from crowdship.kernel.events import DomainEvent
from crowdship.performance import service as performance
from crowdship.performance.lateness import lateness_of
from crowdship.performance.scorecard import measured
from crowdship.shipment.stop_kind import StopKind
from crowdship.standing import service as standing
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from tests.city import City
from tests.integration.settlement.test_functions import Context, ask, function, sqs

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city():
    return City.open()


def score(city, *events):
    module = function("events/score", city.clock)
    module.wall = city.clock
    assert module.handler(sqs(*events), Context()) == {"batchItemFailures": []}


def delivered(city, driver, number, *, late=False):
    """Return the events of a delivery from its offer to its end, and of its rating."""
    city.seen(driver, 500)
    order = city.assigned(driver, external_id=f"order-{number}")
    if late:
        city.later(minutes=90)
    visit(city, order, driver)
    stops.pick_up(order.id, driver.id, None, city.clock)
    by_hand.complete_by_hand(order.id, "app_failed", "ana", None, city.clock)
    order = deliveries.get(order.id)
    rating = Rating.given(None, order, 1 + number % 5, city.clock.now())
    work = UnitOfWork()
    deliveries.keep_rating(rating, work)
    work.commit()
    return order, [told("delivery.delivered", order, driver.id, city), rating.events[0]]


def visit(city, order, driver):
    """Let a driver come to the shop."""
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)


def told(kind, order, driver_id, city, **data):
    data = {"delivery_id": order.id, "driver_id": driver_id, "livemode": True, "actor": driver_id, **data}
    return DomainEvent(id="evt_1", type=kind, time=city.clock.now(), subject=order.id, sequence=1, data=data)


def test_any_order_and_any_number_of_events_is_what_is_made_anew_of_the_deliveries(city):
    driver = city.driver()
    events = []
    for number in range(4):
        _, some = delivered(city, driver, number, late=number == 3)
        events += some
    city.seen(driver, 500)
    given_up = city.assigned(driver, external_id="order-9")
    stops.unassign(given_up.id, driver.id, None, city.clock)
    events.append(told("delivery.reopened", given_up, None, city, actor=driver.id, reason="unassigned"))

    seen = set()
    for order in (events, events[::-1], [*events[::2], *events, *events[1::2]]):
        score(city, *order)
        card, anew = performance.recompute(driver.id, city.clock)
        assert card.facts == anew
        assert drivers.get(driver.id).measures == measured(anew, 5.0)
        seen.add(drivers.get(driver.id).measures)
    module = function("console/standing", city.clock)
    path = f"/v1/staff/drivers/{driver.id}/performance/verify"
    status, told_ = ask(module, "GET", path)
    assert (status, told_["same"], told_["differing"]) == (200, True, [])
    (measures,) = seen
    assert (measures.carried, measures.dropped, measures.rated, measures.stars) == (4, 1, 4, 10)


def test_a_corrected_ending_takes_its_fact_away(city):
    driver = city.driver()
    order, (ended, _) = delivered(city, driver, 0)
    score(city, ended)
    assert drivers.get(driver.id).measures.carried == 1
    card = performance.held(driver.id)
    assert card.noting(order.id, None, city.clock.now()).facts == ()


def test_an_answer_to_an_offer_is_shown_and_changes_no_driver(city):
    driver = city.driver()
    before = drivers.get(driver.id)
    data = {"offer_id": "ofr_1", "driver_id": None, "candidates": [{"driver_id": driver.id}]}
    event = DomainEvent(id="e", type="offer.declined", time=city.clock.now(), subject="ofr_1", sequence=2, data=data)
    score(city, event, event)
    assert drivers.get(driver.id) == before
    module = function("driver/performance", city.clock)
    status, shown = ask(module, "GET", "/v1/driver/performance", group="drivers", username=driver.id)
    assert (status, shown["acceptance"]) == (200, {"accepted": 0, "answered": 1})
    assert shown["tier"] == "newcomer"


def test_a_test_is_no_work_of_anybody(city):
    driver = city.driver()
    _, (event, _) = delivered(city, driver, 0)
    score(city, event.model_copy(update={"data": {**event.data, "livemode": False}}))
    assert performance.held(driver.id).facts == ()


def test_drivers_read_what_weighs_how_much_from_the_settings_of_their_zone(city):
    driver = city.driver()
    module = function("driver/performance", city.clock)
    status, told_ = ask(module, "GET", "/v1/driver/disclosure", group="drivers", username=driver.id)
    assert status == 200
    most = [one["at_most_s"] for one in told_["weights"]]
    assert most == sorted(most, reverse=True)
    assert {one["factor"] for one in told_["weights"]} >= {"rating", "added_driving", "own_fleet_first"}
    assert "acceptance_rate" in told_["never_counted"]
    assert [one["code"] for one in told_["tiers"]] == ["newcomer", "proven", "trusted"]


def test_the_system_proposes_a_case_once_and_changes_nothing(city):
    driver = city.driver()
    events = []
    for number in range(2):
        events += delivered(city, driver, number)[1]
    score(city, *events)
    card = performance.held(driver.id)
    doubtful = card.with_changes(facts=tuple(one.model_copy(update={"contradicted": True}) for one in card.facts))
    for _ in range(3):
        standing.consider(doubtful, city.clock, city.clock)
    (case,) = standing.of_driver(driver.id)
    assert (case.opened_by, case.ground, case.waits_for) == ("system", "false_steps", "proposal")
    assert drivers.get(driver.id).standing.level == "good"


def test_a_driver_who_got_other_work_beside_it_is_not_charged_with_the_delay(city):
    driver = city.driver()
    first = city.assigned(driver)
    assert deliveries.get(first.id).planned.alone
    second = city.order("order-2")
    assignment.assign_by_hand(second.id, driver.id, "ana", city.clock)
    visit(city, second, driver)
    city.later(minutes=58)
    stops.pick_up(second.id, driver.id, None, city.clock)
    by_hand.complete_by_hand(second.id, "app_failed", "ana", None, city.clock)
    visit(city, first, driver)
    stops.pick_up(first.id, driver.id, None, city.clock)
    city.later(minutes=5)
    by_hand.complete_by_hand(first.id, "app_failed", "ana", None, city.clock)
    late = lateness_of(deliveries.get(first.id))
    assert late.total > 0
    assert late.driver == 0
