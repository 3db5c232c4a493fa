"""The imitated push service: strict with senders, and a browser's memory of what came."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from crowdship.kernel.clock import FixedClock
from crowdship.notify.push import vapid
from crowdship.notify.push.messages import PushMessage, Urgency
from crowdship.notify.push.model import Subscription, SubscriptionInput
from local.city.push import Phone
from local.imitations.push_service import PushService

SECRET = "hush"


@pytest.fixture
def service():
    with PushService() as running:
        yield running


def push(subscription, text="hello", *, topic="t", secret=SECRET, audience=None, now=None):
    now = now or datetime.now(UTC)
    known = Subscription.of(SubscriptionInput.model_validate(subscription), now, now)
    message = PushMessage.about(
        {"kind": text},
        now,
        until=now + timedelta(minutes=2),
        urgency=Urgency.HIGH,
        topic=topic,
        clock=FixedClock(now),
    )
    signature = vapid.authorization(secret, audience or known.endpoint, "ops@crowdship.example", now)
    body, headers = message.request_to(known, signature)
    return requests.post(known.endpoint, data=body, headers=headers, timeout=10).status_code


def over_http(service, method, path, **body):
    return requests.request(method, service.url + path, json=body or None, timeout=10)


def test_a_message_is_decrypted_and_listed_over_http_and_taken_once(service):
    made = over_http(service, "POST", "/subscriptions", application_server_key=vapid.public_key(SECRET)).json()
    assert push(made["subscription"]) == 201
    path = f"/subscriptions/{made['id']}/messages"
    (listed,) = over_http(service, "GET", path).json()["messages"]
    assert (listed["message"]["kind"], listed["ttl"], listed["urgency"]) == ("hello", 120, "high")
    assert over_http(service, "DELETE", path).json()["messages"] == [listed]
    assert over_http(service, "GET", path).json()["messages"] == []


def test_a_newer_message_takes_the_place_of_one_with_its_topic(service):
    browser = service.subscribe()
    for text, topic in (("one", "a"), ("two", "b"), ("three", "a")):
        push(browser.subscription, text, topic=topic)
    assert [received.message["kind"] for received in service.messages(browser.id)] == ["two", "three"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another"},
        {"audience": "https://other.example/1"},
        {"now": datetime(2020, 1, 1, tzinfo=UTC)},
        {"now": datetime(2040, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_message_with_a_wrong_signature_is_refused(service, wrong):
    browser = service.subscribe(vapid.public_key(SECRET))
    assert push(browser.subscription, **wrong) == 403
    assert service.messages(browser.id) == []
    assert len(service.refused) == 1


def test_a_message_for_another_browser_is_refused(service):
    one, other = service.subscribe(), service.subscribe()
    assert push({**one.subscription, "keys": other.subscription["keys"]}) == 400


def test_a_subscription_can_fail_for_a_while_and_then_be_gone(service):
    made = over_http(service, "POST", "/subscriptions").json()
    over_http(service, "POST", f"/subscriptions/{made['id']}/failures", status=429, times=2, retry_after=1)
    assert [push(made["subscription"]) for _ in range(3)] == [429, 429, 201]
    assert over_http(service, "POST", f"/subscriptions/{made['id']}/gone").status_code == 204
    assert push(made["subscription"]) == 410


class App:
    """The calls of a driver's app that a phone makes."""

    def __init__(self):
        self.kept = ["old"]

    def get(self, path):
        return {"public_key": vapid.public_key(SECRET), "subscriptions": [{"subscription_id": k} for k in self.kept]}

    def put(self, path, body):
        self.endpoint = body
        self.kept.append("new")
        return {"subscription_id": "new"}

    def delete(self, path):
        self.kept.remove(path.rpartition("/")[2])


def test_a_phone_takes_the_place_of_the_drivers_old_one_and_rings(service):
    app = App()
    phone = Phone(app, service)
    phone.subscribe()
    assert app.kept == ["new"]
    assert not phone.rings(0)
    push(app.endpoint, "route_changed")
    assert phone.rings(5)
    assert phone.route_changed()
    assert not phone.route_changed()
    assert not phone.rings(0)
    phone.unsubscribe()
    assert app.kept == []
