"""Calls without numbers: through the functions, with a relay over real HTTP."""

from datetime import datetime, timedelta

import boto3
import pytest

from crowdship.adapters import providers, secrets
from crowdship.contact import calls
from crowdship.contact.relay.http import MOST_FAILURES, REST_S, HttpRelay
from crowdship.contact.relay.model import RelayUnavailable
from crowdship.kernel.errors import Conflict
from crowdship.tracking.page.service import customer_view
from local.imitations.receivers import RELAY_KEY, Receivers
from tests.city import CUSTOMER, NOON, City
from tests.integration.contact.test_emergencies import as_driver
from tests.integration.contact.test_messages import as_customer
from tests.integration.tracking.test_acts import SECRET, delivered, fetched

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(scope="module")
def receivers():
    with Receivers(0) as receivers:
        yield receivers


@pytest.fixture
def city(monkeypatch, receivers):
    secrets._provider = None
    providers._connection.cache_clear()
    kept = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString=SECRET)
    monkeypatch.setenv("TRACKING_SECRET_ARN", kept["ARN"])
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("RELAY_PROVIDER", "http")
    monkeypatch.setenv("RELAY_SECRET_ARN", "the-relay")
    secrets.write_secret_fields("the-relay", {"url": f"{receivers.url}/relay", "api_key": RELAY_KEY})
    receivers.relay.sessions.clear()
    receivers.relay.unavailable_until = 0.0
    return City.open()


def test_both_sides_get_one_number_that_connects_only_them(city, receivers):
    driver = city.driver()
    order = fetched(city, driver)
    assert customer_view(order.id, city.clock).calls
    status, told = as_customer(city, order, "POST", "call")
    assert status == 201
    assert as_driver(city, driver, "POST", f"deliveries/{order.id}/call")[1] == told
    (session,) = receivers.relay.sessions.values()
    assert session["participants"] == [CUSTOMER.phone, "+13125550199"]
    assert told["number"] not in session["participants"]
    assert datetime.fromisoformat(told["expires_at"]) == city.clock.now() + timedelta(minutes=15)


def test_a_number_never_outlives_the_contact(city):
    order = delivered(city, city.driver())
    city.later(minutes=50)
    told = calls.of_customer(order.id, city.clock, city.clock)
    assert told.expires_at == city.clock.now() + timedelta(minutes=10)
    city.later(minutes=10)
    with pytest.raises(Conflict, match="no_contact_now"):
        calls.of_customer(order.id, city.clock, city.clock)


def test_before_the_pickup_and_where_nobody_connects_there_are_no_calls(city, monkeypatch):
    driver = city.driver()
    order = city.assigned(driver)
    assert as_customer(city, order, "POST", "call")[1]["code"] == "no_contact_now"
    assert not customer_view(order.id, city.clock).calls
    monkeypatch.setenv("RELAY_PROVIDER", "none")
    assert as_driver(city, driver, "POST", f"deliveries/{order.id}/call")[1]["code"] == "no_calls_here"


def test_a_provider_in_trouble_is_said_with_when_to_come_again(city, receivers):
    order = fetched(city, city.driver())
    receivers.relay.unavailable_until = float("inf")
    status, told = as_customer(city, order, "POST", "call")
    assert (status, told["code"]) == (503, "calls_unavailable")
    receivers.relay.unavailable_until = 0.0
    assert as_customer(city, order, "POST", "call")[0] == 201


def test_after_failures_in_a_row_nothing_is_asked_for_a_while():
    now, asked = [0.0], []

    class Dead(HttpRelay):
        def _ask(self, *request):
            asked.append(request)
            raise RelayUnavailable("503")

    relay = Dead("https://relay.example", "key", time=lambda: now[0])

    def ask():
        with pytest.raises(RelayUnavailable):
            relay.number_for("call_1", ("+1", "+2"), NOON)

    for _ in range(MOST_FAILURES + 3):
        ask()
    assert len(asked) == MOST_FAILURES
    now[0] += REST_S
    ask()
    assert len(asked) == MOST_FAILURES + 1


def test_only_https_is_spoken_away_from_this_machine():
    with pytest.raises(ValueError, match="https"):
        HttpRelay("http://relay.example", "key")
