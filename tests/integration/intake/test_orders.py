"""Orders from the API and from Shopify."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.adapters.idempotency import once
from crowdship.deliveries import service as deliveries
from crowdship.intake.orders import service as intake
from crowdship.intake.shops import receiving
from crowdship.intake.sources import shopify
from crowdship.intake.sources.model import Message, SourceAnswer
from crowdship.kernel.errors import Conflict, Unauthorized, Unprocessable
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from crowdship.shipment.windows import Window
from crowdship.vault import service as vault
from tests.city import CUSTOMER, City, Requirements, request
from tests.faults import Lost, each_call_failing, failing_call

pytestmark = pytest.mark.usefixtures("aws")
SECRET = "hush-hush-hush-hush"


@pytest.fixture(autouse=True)
def no_cached_secrets():
    secrets._provider = None


def test_an_order_becomes_a_priced_delivery_whose_people_are_in_the_vault():
    city = City.open()
    order = city.order(requirements=Requirements(pin=True))
    assert order.price.charge_total.amount == 599 + 190
    assert vault.contacts(order.contacts_token).dropoff == CUSTOMER
    assert len(vault.contacts(order.contacts_token).pin) == 4
    stored = deliveries.get(order.id).model_dump_json()
    assert CUSTOMER.name not in stored
    assert CUSTOMER.phone not in stored


def test_an_external_id_names_one_delivery():
    city = City.open()
    first = city.order("order-7")
    with pytest.raises(Conflict, match=f"Delivery {first.id} has external_id order-7"):
        city.order("order-7")
    assert deliveries.find_external(city.merchant.id, "order-7").id == first.id


def test_a_place_outside_every_zone_is_refused_with_a_pointer():
    city = City.open()
    with pytest.raises(Unprocessable, match="outside_service_area") as refusal:
        city.order(east_m=50_000)
    assert refusal.value.pointer == "/dropoff/point"


def test_the_same_key_is_answered_the_same_and_another_body_under_it_is_refused():
    made = []

    def act():
        made.append(1)
        return {"id": len(made)}

    assert once("mer_1", "k", {"a": 1}, act) == once("mer_1", "k", {"a": 1}, act) == {"id": 1}
    assert once("mer_2", "k", {"a": 1}, act) == {"id": 2}
    with pytest.raises(Unprocessable, match="key_reused"):
        once("mer_1", "k", {"a": 2}, act)


def test_a_refusal_frees_the_key():
    def refuse():
        raise Unprocessable("no", "not now")

    with pytest.raises(Unprocessable):
        once("mer_1", "k", {}, refuse)
    assert once("mer_1", "k", {}, lambda: {"ok": True}) == {"ok": True}


@pytest.mark.parametrize("lost", list(Lost))
def test_a_creation_that_dies_at_any_call_leaves_one_delivery_after_a_retry(lost):
    for faulty in each_call_failing(lost, at_least=3):
        city = City.open()
        with faulty:
            city.order("order-1")
        with suppress(Conflict):
            city.order("order-1")
        assert vault.contacts(deliveries.find_external(city.merchant.id, "order-1").contacts_token)


class Invocation:
    """How much time is left to an invocation."""

    def __init__(self, left_ms=10_000):
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self):
        return self._left_ms


def created(city, external_id="order-1", key="key-1", invocation=None):
    """What the API does to create: answer with the id, and remember that under the key."""
    asked = request(external_id)
    invocation = invocation or Invocation()
    return intake.create_once(city.merchant, asked, key, lambda made: {"id": made.id}, city.clock, invocation).body[
        "id"
    ]


@pytest.mark.parametrize("lost", list(Lost))
def test_a_merchant_who_asks_again_after_a_lost_answer_gets_the_same_delivery(lost):
    for faulty in each_call_failing(lost, at_least=5):
        city = City.open()
        with faulty:
            created(city, invocation=Invocation(left_ms=-1))
        again = created(city)
        assert again == created(city) == deliveries.find_external(city.merchant.id, "order-1").id


def test_what_is_there_is_answered_while_its_request_still_counts_as_running():
    city = City.open()
    with failing_call() as calls:
        created(city)
    city = City.open()
    with failing_call(len(calls.made)) as cut, suppress(Exception):
        created(city)
    assert cut.failed == "dynamodb.UpdateItem"
    assert created(city) == deliveries.find_external(city.merchant.id, "order-1").id


def test_another_key_does_not_get_the_delivery_of_the_first():
    city = City.open()
    first = created(city)
    with pytest.raises(Conflict, match=f"Delivery {first} has external_id order-1"):
        created(city, key="key-2")
    assert created(city, "order-2", key="key-2") != first


def test_a_window_is_open_for_a_day_at_most():
    city = City.open()
    opens = city.clock.now()
    day = Window(opens_at=opens, closes_at=opens + timedelta(days=1))
    century = Window(opens_at=opens, closes_at=opens + timedelta(days=80 * 365))
    assert city.order("order-1", dropoff_window=day)
    for name in ("pickup_window", "dropoff_window"):
        with pytest.raises(Unprocessable, match="window_too_long") as refusal:
            city.order("order-2", **{name: century})
        assert refusal.value.pointer == f"/{name}/closes_at"


def test_the_end_of_time_is_too_far_ahead():
    city = City.open()
    last = datetime.max.replace(tzinfo=UTC)
    with pytest.raises(Unprocessable, match="window_too_far"):
        city.order(pickup_window=Window(opens_at=last - timedelta(hours=1), closes_at=last))


def test_a_tip_in_another_currency_than_the_zones_is_refused():
    city = City.open()
    with pytest.raises(Unprocessable, match="wrong_currency") as refusal:
        city.order(tip=500, tip_currency="JPY")
    assert refusal.value.pointer == "/tip_currency"
    assert city.order(tip=500, tip_currency="USD").price.tip.amount == 500
    assert city.order("order-2", tip_currency="JPY").price.tip.amount == 0


ADDRESS = {
    "name": "Kim Lee",
    "phone": "+1 (312) 555-0123",
    "address1": "9 Lake View",
    "city": "Testville",
    "zip": "60601",
    "latitude": 41.01,
    "longitude": -87.01,
}


def order_body(**changes):
    order = {
        "id": 820982911946154508,
        "email": "kim@example.com",
        "currency": "USD",
        "note": "ring twice",
        "total_weight": 1400,
        "total_tip_received": "4.50",
        "line_items": [{"title": "Rye loaf", "quantity": 2}],
        "shipping_address": ADDRESS,
    }
    return json.dumps({**order, **changes}).encode()


def hook(body, secret=SECRET, webhook_id="wh-1", topic="orders/create", shop="bakery.myshopify.com"):
    signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return dict(zip(shopify.HEADERS, (signature, topic, webhook_id, shop), strict=True))


def receive(city, headers, body, source=shopify, **more):
    message = Message({name.lower(): value for name, value in headers.items()}, body)
    return receiving.receive(source, city.merchant.id, message, city.clock, **more)


@pytest.fixture
def shop():
    boto3.client("secretsmanager")
    city = City.open()
    sources.connect(city.merchant.id, SourceName.SHOPIFY, "bakery.myshopify.com", city.clock, city.clock, SECRET)
    return city


def test_a_skill_that_the_zone_does_not_know_is_refused_rather_than_waited_for():
    city = City.open()
    known = city.order("known", requirements=Requirements(skills=("two_people", "cold_box", "cold_box")))
    assert known.requirements.skills == ("cold_box", "two_people")
    with pytest.raises(Unprocessable, match="unknown_skill") as refusal:
        city.order("unknown", requirements=Requirements(skills=("coldbox",)))
    assert refusal.value.pointer == "/requirements/skills"


def test_a_signed_shopify_order_becomes_a_delivery(shop):
    body = order_body()
    answer = receive(shop, hook(body), body)
    order = deliveries.get(answer.delivery_id)
    assert (order.external_id, order.parcel.weight_g, order.price.tip.amount) == (
        "820982911946154508",
        1400,
        450,
    )
    assert vault.contacts(order.contacts_token).dropoff.phone == "+13125550123"


def test_the_same_shopify_webhook_again_changes_nothing(shop):
    body = order_body()
    first = receive(shop, hook(body), body)
    again = receive(shop, hook(body), body)
    other_id = receive(shop, hook(body, webhook_id="wh-2"), body)
    assert first == again == other_id


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (order_body(), hook(order_body(), secret="another-secret-entirely")),
        (json.dumps(json.loads(order_body()), indent=1).encode(), hook(order_body())),
        (order_body(), {**hook(order_body()), "X-Shopify-Hmac-SHA256": ""}),
        (order_body(), {**hook(order_body()), "X-Shopify-Hmac-SHA256": "härte"}),
        (order_body(), hook(order_body(), shop="evil.myshopify.com")),
    ],
)
def test_a_shopify_order_that_is_not_signed_over_these_bytes_is_refused(shop, body, headers):
    with pytest.raises(Unauthorized):
        receive(shop, headers, body)


@pytest.fixture
def said(monkeypatch):
    """What was logged."""
    lines = []
    for level in ("info", "warning"):
        monkeypatch.setattr(receiving.logger, level, lambda *words, **fields: lines.append(f"{words} {fields}"))
    return lines


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "not_an_order"),
        (b"not json", "not_an_order"),
        (b"\xff", "not_an_order"),
        (b"[" * 100_000, "not_an_order"),
        (order_body(shipping_address=None), "no_shipping_address"),
        (order_body(id="Kim Lee"), "not_an_order"),
        (order_body(shipping_address={**ADDRESS, "latitude": 51.5}), "outside_service_area"),
        (order_body(shipping_address={**ADDRESS, "phone": "(312) 555-0123"}), "phone_not_international"),
    ],
)
def test_a_signed_order_that_can_not_be_delivered_is_taken_note_of_and_not_sent_again(shop, said, body, code):
    answer = receive(shop, hook(body), body)
    assert answer == SourceAnswer(ignored=code)
    assert code in said[0]
    assert "Kim" not in said[0]


def test_an_order_without_a_webhook_id_is_taken_note_of(shop):
    body = order_body()
    answer = receive(shop, hook(body, webhook_id=""), body)
    assert answer == SourceAnswer(ignored="no_webhook_id")


def test_an_order_that_could_not_be_delivered_can_be_sent_again_once_it_can(shop):
    body = order_body(shipping_address={**ADDRESS, "phone": "(312) 555-0123"})
    assert receive(shop, hook(body), body).ignored
    body = order_body()
    assert receive(shop, hook(body), body).delivery_id


def test_other_shopify_topics_are_acknowledged_and_ignored(shop):
    body = order_body()
    answer = receive(shop, hook(body, topic="orders/paid"), body)
    assert answer == SourceAnswer(ignored="other_topic")
