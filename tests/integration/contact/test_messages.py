"""Messages, through the functions as API Gateway calls them."""

import json

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.contact import messages
from crowdship.contact.erasure import erase_person
from crowdship.contact.store import MessageRow
from crowdship.deliveries import service as deliveries
from crowdship.drivers import duty
from crowdship.stops import by_hand
from crowdship.vault.store import VaultRow
from tests.city import City
from tests.contracts import validate_event
from tests.integration.contact.test_emergencies import as_driver, as_staff
from tests.integration.erasing import erase_now
from tests.integration.settlement.test_functions import ask, function
from tests.integration.tracking.test_acts import SECRET, delivered, fetched, token_of
from tests.unit.contact.test_messages import uuid

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city(monkeypatch):
    secrets._provider = None
    kept = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString=SECRET)
    monkeypatch.setenv("TRACKING_SECRET_ARN", kept["ARN"])
    return City.open()


def as_customer(city, order, method, path="messages", body=None, **query):
    module = function("customer/contact", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/track/{token_of(order)}/{path}", group=None, body=body, **query)


def note(number, text="hello"):
    return {"message_id": uuid(number), "text": text}


def texts(page):
    return [(one["sender"], one["text"]) for one in page["messages"]]


@pytest.fixture(autouse=True)
def bodyless(monkeypatch):
    """An answer 204 has no body to be read."""
    whole = json.loads
    monkeypatch.setattr(json, "loads", lambda text, **named: whole(text or "null", **named))


# -- driver and dispatchers


def test_driver_and_dispatchers_write_to_each_other_and_see_what_was_read(city):
    driver = city.driver()
    status, sent = as_driver(city, driver, "POST", "messages", note(1, " where is the back door? "))
    assert (status, sent["sender"], sent["text"], sent["read_at"]) == (201, "driver", "where is the back door?", None)
    (event,) = json.loads(MessageRow.find(driver.id, "MESSAGE#0000000001").events)
    validate_event(event)
    city.later(seconds=30)
    path = f"drivers/{driver.id}/messages"
    page = as_staff(city, "GET", path)[1]
    assert (texts(page), page["unread"], page["next_after"]) == ([("driver", "where is the back door?")], 1, None)
    (line,) = as_staff(city, "GET", "messages/unread")[1]["drivers"]
    assert (line["driver_id"], line["count"], line["since"]) == (driver.id, 1, sent["at"])
    assert as_staff(city, "POST", f"{path}/read", {"until": sent["at"]})[0] == 204
    assert as_staff(city, "GET", "messages/unread")[1]["drivers"] == []
    read = as_driver(city, driver, "GET", "messages")[1]["messages"][0]
    assert read["read_at"] is not None
    as_staff(city, "POST", path, note(2, "round the corner"))
    page = as_driver(city, driver, "GET", "messages")[1]
    assert (texts(page)[1], page["unread"]) == (("staff", "round the corner"), 1)
    as_driver(city, driver, "POST", "messages/read", {"until": page["messages"][1]["at"]})
    assert as_driver(city, driver, "GET", "messages")[1]["unread"] == 0


def test_who_answers_has_read(city):
    driver = city.driver()
    as_driver(city, driver, "POST", "messages", note(1))
    as_driver(city, driver, "POST", "messages", note(2))
    as_staff(city, "POST", f"drivers/{driver.id}/messages", note(3))
    assert as_staff(city, "GET", "messages/unread")[1]["drivers"] == []


def test_the_same_id_again_is_the_same_message(city):
    driver = city.driver()
    first = as_driver(city, driver, "POST", "messages", note(1, "one"))
    city.later(minutes=1)
    assert as_driver(city, driver, "POST", "messages", note(1, "two")) == first
    assert len(as_driver(city, driver, "GET", "messages")[1]["messages"]) == 1
    status, told = as_staff(city, "POST", f"drivers/{driver.id}/messages", note(1, "three"))
    assert (status, told["code"]) == (409, "message_id_used")


def test_a_long_thread_is_read_by_pages_and_marked_whole(city):
    driver = city.driver()
    for number in range(messages.AT_ONCE + 3):
        as_driver(city, driver, "POST", "messages", note(number, str(number)))
    path = f"drivers/{driver.id}/messages"
    first = as_staff(city, "GET", path)[1]
    module = function("console/contact", city.clock)
    second = ask(module, "GET", f"/v1/staff/{path}", after=first["next_after"])[1]
    shown = [text for page in (first, second) for _, text in texts(page)]
    assert shown == [str(number) for number in range(messages.AT_ONCE + 3)]
    assert second["next_after"] is None
    as_staff(city, "POST", f"{path}/read", {"until": second["messages"][-1]["at"]})
    assert as_staff(city, "GET", path)[1]["unread"] == 0
    assert ask(module, "GET", f"/v1/staff/{path}", after="none")[1]["code"] == "no_such_message"


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_a_text_that_is_empty_or_too_long_is_refused(city, text):
    status, told = as_driver(city, city.driver(), "POST", "messages", note(1, text))
    assert (status, told["errors"][0]["pointer"]) == (422, "/text")


def test_nobody_writes_to_a_driver_who_is_none(city):
    assert as_staff(city, "POST", "drivers/drv_none/messages", note(1))[1]["code"] == "no_such_driver"


# -- customer and driver


def test_customer_and_driver_write_to_each_other_without_a_number(city):
    driver = city.driver()
    order = fetched(city, driver)
    status, sent = as_customer(city, order, "POST", body=note(1, "the bell is broken"))
    assert (status, sent["sender"]) == (201, "customer")
    path = f"deliveries/{order.id}/messages"
    page = as_driver(city, driver, "GET", path)[1]
    assert (texts(page), page["unread"]) == ([("customer", "the bell is broken")], 1)
    as_driver(city, driver, "POST", path, note(2, "I am here"))
    page = as_customer(city, order, "GET")[1]
    assert (texts(page)[-1], page["unread"]) == (("driver", "I am here"), 1)
    assert page["messages"][0]["read_at"]
    assert messages.unread_by_customer(order.id) == 1
    as_customer(city, order, "POST", "messages/read", {"until": page["messages"][-1]["at"]})
    assert messages.unread_by_customer(order.id) == 0
    as_driver(city, driver, "POST", f"{path}/read", {"until": page["messages"][-1]["at"]})
    assert as_driver(city, driver, "GET", path)[1]["unread"] == 0


def test_who_took_the_goods_over_is_told_of_the_customers_next_message(city):
    order = fetched(city, city.driver())
    after = city.driver()
    as_customer(city, order, "POST", body=note(1, "the bell is broken"))
    deliveries.change(order.id, lambda known: known.with_changes(driver_id=after.id))
    assert messages.of_customer(order.id, city.clock, writes=True).driver_id == after.id


def test_before_the_pickup_nobody_writes(city):
    driver = city.driver()
    order = city.assigned(driver)
    path = f"deliveries/{order.id}/messages"
    assert as_customer(city, order, "POST", body=note(1))[1]["code"] == "no_contact_now"
    assert as_driver(city, driver, "POST", path, note(1))[1]["code"] == "no_contact_now"
    assert as_driver(city, driver, "GET", path)[1]["messages"] == []


def test_an_hour_after_the_stop_the_driver_sees_no_more_and_the_customer_still_does(city):
    driver = city.driver()
    order = delivered(city, driver)
    assert as_customer(city, order, "POST", body=note(1, "you forgot the bread"))[0] == 201
    city.later(minutes=61)
    path = f"deliveries/{order.id}/messages"
    assert as_customer(city, order, "POST", body=note(2))[1]["code"] == "no_contact_now"
    assert as_driver(city, driver, "POST", path, note(2))[1]["code"] == "no_contact_now"
    assert as_driver(city, driver, "GET", path)[1]["messages"] == []
    assert len(as_customer(city, order, "GET")[1]["messages"]) == 1


def test_another_driver_and_a_wrong_link_see_nothing(city):
    order = fetched(city, city.driver())
    assert as_driver(city, city.driver(), "GET", f"deliveries/{order.id}/messages")[0] == 404
    module = function("customer/contact", city.clock)
    assert ask(module, "GET", "/v1/track/nonsense/messages", group=None)[0] == 401


# -- personal data


def test_texts_expire_and_are_in_the_vault_alone(city):
    driver = city.driver()
    as_driver(city, driver, "POST", "messages", note(1, "a secret"))
    rows = list(MessageRow.query(driver.id))
    assert all("a secret" not in row.body and "a secret" not in (row.events or "") for row in rows)
    (kept,) = [row for row in VaultRow.scan() if "a secret" in row.body]
    assert kept.expires_at == int(city.clock.now().timestamp()) + 90 * 86400
    assert all(row.expires_at for row in rows)


def test_messages_are_erased_with_the_contacts_of_their_delivery(city):
    driver = city.driver()
    order = fetched(city, driver)
    as_customer(city, order, "POST", body=note(1, "the bell is broken"))
    as_driver(city, driver, "POST", f"deliveries/{order.id}/messages", note(2, "ok"))
    by_hand.complete_by_hand(order.id, "app_failed", "ana", None, city.clock)
    erase_now(order.id, city.clock)
    assert as_customer(city, order, "GET")[1]["messages"] == []
    assert as_customer(city, order, "POST", body=note(3))[1]["code"] == "erased"
    assert not [row for row in VaultRow.scan() if '"text"' in row.body]


def test_what_a_driver_wrote_is_erased_with_the_driver(city):
    driver = city.driver()
    order = fetched(city, driver)
    as_customer(city, order, "POST", body=note(1, "the bell is broken"))
    as_driver(city, driver, "POST", f"deliveries/{order.id}/messages", note(2, "ok"))
    as_driver(city, driver, "POST", "messages", note(3, "I am ill"))
    by_hand.complete_by_hand(order.id, "app_failed", "ana", None, city.clock)
    duty.end(driver.id, city.clock)
    erase_person(driver.id, *[lambda driver_id: None] * 3)
    assert texts(as_customer(city, order, "GET")[1]) == [("customer", "the bell is broken")]
    assert not [row for row in VaultRow.scan() if "ill" in row.body and '"text"' in row.body]
