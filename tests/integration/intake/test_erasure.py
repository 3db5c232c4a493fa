"""People who are forgotten."""

import json

import boto3
import pytest
from botocore.stub import Stubber

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import FailureReason, State
from crowdship.dispatch import cancellation
from crowdship.dispatch.offers import answers
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.erasure import erase_person
from crowdship.drivers.identity import SignIns
from crowdship.intake import erasure
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import RedeliveryRequest
from crowdship.intake.sources.model import SourceAnswer
from crowdship.kernel.errors import Conflict, Forbidden, Gone, NotFound, Unauthorized
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.vault import service as vault
from tests.city import CENTRE, City, at
from tests.faults import Lost, each_call_failing
from tests.integration.intake.test_orders import SECRET, hook, order_body, receive, said

pytestmark = pytest.mark.usefixtures("aws")
__all__ = ["said"]


@pytest.fixture
def city():
    secrets._provider = None
    city = City.open()
    sources.connect(city.merchant.id, SourceName.SHOPIFY, "bakery.myshopify.com", city.clock, city.clock, SECRET)
    return city


def closed(city, external_id="order-1"):
    order = city.order(external_id)
    return cancellation.cancel(order.id, "staff", "other", city.clock)


def remembered(token):
    return token in vault.contacts_of([token])


def test_the_people_of_a_closed_delivery_are_erased_and_what_happened_stays(city):
    order = closed(city)
    erasure.erase_contacts(order.id)
    with pytest.raises(Gone) as gone:
        vault.contacts(order.contacts_token)
    assert order.contacts_token not in gone.value.detail
    assert deliveries.get(order.id).state is State.CANCELLED
    erasure.erase_contacts(order.id)


def test_a_delivery_under_way_keeps_its_people(city):
    order = city.order()
    with pytest.raises(Conflict, match="still_open"):
        erasure.erase_contacts(order.id)
    driver = city.driver()
    city.tick()
    (offer,) = city.offers(driver)
    answers.accept(driver.id, offer.id, city.clock)
    with pytest.raises(Conflict, match="still_open"):
        erasure.erase_contacts(order.id)
    assert remembered(order.contacts_token)


def test_a_delivery_that_is_not_there_has_nobody_to_erase(city):
    with pytest.raises(NotFound):
        erasure.erase_contacts("dlv_none")


def test_a_driver_who_is_erased_has_no_name_no_sign_in_and_no_work(city):
    driver, removed, browsers = city.driver(), [], []
    duty.end(driver.id, city.clock)
    erase_person(driver.id, removed.append, browsers.append)
    with pytest.raises(Gone, match="erased"):
        vault.person(driver.person_token)
    assert removed == browsers == [driver.id]
    with pytest.raises(Forbidden, match="suspended"):
        duty.begin(driver.id, None, at(), city.clock)


def test_a_sign_in_goes_with_its_mail_address_and_may_be_gone_already():
    cognito = boto3.client("cognito-idp")
    named = {"UserPoolId": "us-east-1_people", "Username": "drv_1"}
    with Stubber(cognito) as answers:
        answers.add_response("admin_delete_user", {}, named)
        answers.add_client_error("admin_delete_user", "UserNotFoundException", expected_params=named)
        for _ in range(2):
            SignIns("us-east-1_people", cognito).remove("drv_1")
        answers.assert_no_pending_responses()


def test_a_driver_on_duty_is_not_erased(city):
    driver, removed = city.driver(), []
    with pytest.raises(Conflict, match="on_duty"):
        erase_person(driver.id, removed.append, removed.append)
    assert vault.person(driver.person_token)
    assert not removed
    assert not drivers.get(driver.id).suspended


@pytest.mark.parametrize("lost", list(Lost))
def test_an_erasure_that_dies_on_the_way_is_finished_by_the_next(city, lost):
    driver = city.driver()
    duty.end(driver.id, city.clock)
    for faulty in each_call_failing(lost, dies=True):
        with faulty:
            erase_person(driver.id, lambda _: None, lambda _: None)
    erase_person(driver.id, lambda _: None, lambda _: None)
    with pytest.raises(Gone):
        vault.person(driver.person_token)


def told(city, topic, **payload):
    body = json.dumps(payload).encode()
    return receive(city, hook(body, topic=topic), body)


def test_shopify_has_a_customers_orders_erased(city):
    first, second, others = closed(city, "101"), closed(city, "102"), closed(city, "103")
    answer = told(city, "customers/redact", customer={"email": "kim@example.com"}, orders_to_redact=[101, 102, 999])
    assert answer == SourceAnswer(acknowledged="erasure")
    assert [remembered(order.contacts_token) for order in (first, second, others)] == [False, False, True]


def test_what_shopify_wants_erased_too_early_is_left_to_staff(city, said):
    under_way, order = city.order("101"), closed(city, "102")
    assert told(city, "customers/redact", orders_to_redact=[101, 102]).acknowledged
    assert remembered(under_way.contacts_token)
    assert not remembered(order.contacts_token)
    assert under_way.id in said[0]


def test_what_tries_an_order_again_is_erased_with_it_though_the_shop_does_not_know_its_id(city, said):
    driver = city.driver()
    first = city.assigned(driver, external_id="101")
    for step in (stops.depart, stops.arrive):
        step(first.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.fail(first.id, driver.id, FailureReason.PICKUP_CLOSED, CENTRE, None, city.clock)
    asked = RedeliveryRequest(external_id="101-again")
    answer = changes.redeliver_once(first.id, city.merchant, asked, "k", lambda made: {"id": made.id}, city.clock)
    second = deliveries.get(answer.body["id"])
    told(city, "customers/redact", orders_to_redact=[101])
    assert [remembered(order.contacts_token) for order in (first, second)] == [False, True]
    assert second.id in said[-1]
    cancellation.cancel(second.id, "staff", "other", city.clock)
    told(city, "customers/redact", orders_to_redact=[101])
    assert not remembered(second.contacts_token)


def test_a_redaction_of_another_merchants_order_erases_nothing(city):
    order = closed(city, "101")
    other = merchants.sign_up(merchants.MerchantInput(name="Other", billing_email="b@example.com"), city.clock)
    sources.connect(other.id, SourceName.SHOPIFY, "bakery.myshopify.com", city.clock, city.clock, SECRET)
    city.merchant = other
    assert told(city, "customers/redact", orders_to_redact=[101]).acknowledged
    assert remembered(order.contacts_token)


def test_a_shop_that_left_is_disconnected_and_may_say_so_again(city):
    for _ in range(2):
        assert told(city, "shop/redact", shop_domain="bakery.myshopify.com").acknowledged == "farewell"
    assert merchants.get(city.merchant.id).sources == ()
    body = order_body()
    answer = receive(city, hook(body), body)
    assert answer == SourceAnswer(ignored="not_connected")


def test_one_shop_can_not_have_another_erased(city):
    order = closed(city, "101")
    body = json.dumps({"orders_to_redact": [101]}).encode()
    for topic in ("customers/redact", "shop/redact"):
        headers = hook(body, topic=topic, shop="evil.myshopify.com")
        with pytest.raises(Unauthorized):
            receive(city, headers, body)
    assert remembered(order.contacts_token)
    assert merchants.get(city.merchant.id).sources


def test_a_customers_wish_to_know_is_passed_on_without_what_it_says(city, said):
    answer = told(city, "customers/data_request", customer={"email": "kim@example.com"}, orders_requested=[101])
    assert answer == SourceAnswer(acknowledged="inquiry")
    assert city.merchant.id in said[0]
    assert "kim" not in said[0]
