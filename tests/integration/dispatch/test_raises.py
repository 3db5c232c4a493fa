"""A raise is one figure from the offer to the ledger; a round measures surge where a table asks for it."""

import json
import uuid

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers.reading import offers_of
from crowdship.kernel.errors import StaleWrite
from crowdship.pricing.model import Outcome, settle_price
from crowdship.shipment.stop_kind import StopKind
from crowdship.tariffs import current, surging
from crowdship.tariffs import service as tariffs
from crowdship.tariffs.model import TableDecision, TableVerdict
from crowdship.tariffs.service import TableInput
from crowdship.tariffs.store import SurgeRow, SurgingRow
from crowdship.zones import service as zones
from crowdship.zones.pauses import PauseInput
from tests.city import City

RAISES = {"offers": {"raise_percent": 50, "fill_probability": 0.95}, "rounds": {"search_minutes": 8}}


@pytest.fixture(autouse=True)
def never_measured(aws):
    surging._measured.clear()


def amounts(parts):
    return {part.code: part.amount.amount for part in parts}


def surging_city():
    """Return a city whose five orders and one driver were measured once."""
    city = City.open()
    a_table(city)
    city.driver()
    for number in range(5):
        city.order(f"order-{number}")
    city.tick()
    return city


def test_a_raise_is_the_same_in_the_offer_the_app_and_what_is_paid(aws):
    city = City.open(**RAISES)
    driver = city.driver(east_m=5500)
    order = city.order()
    city.later(minutes=5)
    city.seen(driver, 5500)
    city.tick()
    (offer,) = city.offers(driver)
    kept = deliveries.get(order.id)
    assert kept.price.raised > 0
    assert amounts(offer.pay.parts)["raise"] == kept.price.raised
    (view,) = offers_of(driver.id, city.clock).offers
    assert view.pay_total == kept.price.pay_total + kept.price.tip
    answers.accept(driver.id, offer.id, city.clock)
    paid = settle_price(deliveries.get(order.id).price, Outcome.DELIVERED)
    assert amounts(paid.pay)["raise"] == kept.price.raised
    assert paid.charge == order.price.charge


def test_a_driver_who_is_offered_again_what_was_taken_from_them_sees_what_is_left_and_is_paid_it(aws):
    city = City.open()
    driver = city.driver()
    order = city.order()
    now = city.clock.now()
    deliveries.change(order.id, lambda one: one.assign(driver.id, now, driver.id, None).depart(StopKind.PICKUP, now))
    again = deliveries.change(order.id, lambda one: one.reopen(now, "driver_relieved", actor="ana"))
    city.tick()
    (offer,) = city.offers(driver)
    (view,) = offers_of(driver.id, city.clock).offers
    before = sum(part.amount.amount for part in again.hand_overs[0].pay)
    assert view.pay_total.amount == offer.pay.total.amount - before < offer.pay.total.amount
    assert amounts(view.pay_parts)["paid_before"] == -before < 0
    answers.accept(driver.id, offer.id, city.clock)
    paid = settle_price(deliveries.get(order.id).price, Outcome.DELIVERED)
    assert paid.pay_total + paid.tip == view.pay_total


def test_an_offer_that_ran_out_is_followed_by_one_that_pays_at_least_as_much(aws):
    city = City.open(**RAISES)
    driver = city.driver(east_m=5500)
    order = city.order()
    paid = []
    for _ in range(3):
        city.seen(driver, 5500)
        city.tick()
        paid.append(deliveries.get(order.id).price.raised)
        city.later(seconds=121)
    assert paid == sorted(paid)
    assert paid[-1] > paid[0]


def a_table(city, **surge):
    asked = TableInput.model_validate(
        {
            "request_id": str(uuid.uuid4()),
            "name": "Moving",
            "currency": "USD",
            "zone_ids": ["testville"],
            "starts_on": "2026-06-01",
            "rows": [{"charge_base": "7.00", "pay_base": "4.00"}],
            "surge": {"curve": [{"pressure": 1, "percent": 100}, {"pressure": 3, "percent": 200}], **surge},
        }
    )
    table = tariffs.upload(asked, "ana", city.clock)
    tariffs.decide(table.id, TableDecision(verdict=TableVerdict.APPROVE, reason="as agreed"), "ben", city.clock)


def test_rounds_measure_a_zone_and_announce_its_surge(aws):
    city = surging_city()
    measured = surging.stored("testville")
    assert [(one.orders, one.drivers, one.percent) for one in measured.measures] == [(5, 1, 125)]
    city.later(seconds=60)
    current.forget()
    assert "surge" in amounts(city.order("later").price.charge)


def test_a_surge_that_ends_by_itself_is_announced_by_the_sweep_once(aws):
    city = surging_city()
    assert surging.end_due(city.clock) == []
    city.later(minutes=16)
    published = surging.stored("testville").sequence
    assert [surging.end_due(city.clock) for _ in range(2)] == [["testville"], []]
    over = surging.stored("testville")
    assert (over.sequence, over.newest.percent) == (published + 1, 100)
    assert [event["data"]["reason"] for event in json.loads(SurgeRow.find("testville", "SURGE").events)] == ["ended"]


def test_of_two_sweeps_at_once_one_announces_the_end(aws, monkeypatch):
    city = surging_city()
    city.later(minutes=16)
    before, look, other = surging.stored("testville").sequence, surging.stored, [True]

    def meanwhile(zone_id):
        found = look(zone_id)
        if other:
            other.pop()
            surging.end_due(city.clock)
        return found

    monkeypatch.setattr(surging, "stored", meanwhile)
    assert surging.end_due(city.clock) == []
    assert look("testville").sequence == before + 1


def test_rounds_within_one_interval_measure_once(aws):
    city = City.open()
    a_table(city, every_seconds=180)
    city.driver()
    city.order("order-1")
    city.tick()
    for number in range(2, 4):
        city.later(seconds=60)
        city.order(f"order-{number}")
        city.tick()
    assert len(surging.stored("testville").measures) == 1


def test_orders_that_wait_because_offers_are_paused_make_no_surge(aws):
    city = City.open()
    a_table(city)
    city.driver()
    for number in range(5):
        city.order(f"order-{number}")
    zones.pause("testville", PauseInput(orders=False, offers=True, reason="storm"), "ana", city.clock)
    city.tick()
    assert surging.stored("testville").measures == ()
    zones.go_on("testville")
    city.tick()
    assert len(surging.stored("testville").measures) == 1


def test_a_zone_without_rules_of_surge_is_not_measured(aws):
    city = City.open()
    city.driver()
    city.order()
    city.tick()
    assert surging.stored("testville").measures == ()


def test_a_surge_that_can_t_be_ended_does_not_keep_the_others_from_their_end(aws, monkeypatch):
    city = surging_city()
    city.later(minutes=16)
    SurgingRow("SURGING", "atlantis", body="atlantis").save()
    look = surging.stored

    def broken(zone_id):
        if zone_id == "atlantis":
            raise StaleWrite("somebody else keeps writing")
        return look(zone_id)

    monkeypatch.setattr(surging, "stored", broken)
    monkeypatch.setattr("crowdship.adapters.storage.BACK_OFF_S", 0)
    with pytest.raises(ExceptionGroup, match="surges"):
        surging.end_due(city.clock)
    assert look("testville").newest.percent == 100
