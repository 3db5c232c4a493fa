"""Orders from systems that send them by themselves: recorded messages, signed as these systems sign."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from standardwebhooks import Webhook

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import cancellation
from crowdship.dispatch.offers import answers
from crowdship.intake.orders.model import QuoteRequest, Spot
from crowdship.intake.places import amazon
from crowdship.intake.places import service as places
from crowdship.intake.places.model import Address
from crowdship.intake.quotes import service as quoting
from crowdship.intake.shops import receiving
from crowdship.intake.sources import shopify, webhook, woocommerce
from crowdship.intake.sources.model import Message, SourceAnswer
from crowdship.kernel.errors import Conflict, Unauthorized, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from crowdship.shipment.parcel import Parcel
from crowdship.vault import service as vault
from tests.city import City, at
from tests.faults import Lost, each_call_failing

pytestmark = pytest.mark.usefixtures("aws")
SAMPLES = Path(__file__).parents[3] / "events/samples/sources"
SHOP = {"shopify": "bakery.myshopify.com", "woocommerce": "https://bakery.example", "webhook": None}
MODULES = {"shopify": shopify, "woocommerce": woocommerce, "webhook": webhook}
NAMES = list(MODULES)
RECORDED = {
    "shopify": (SAMPLES / "shopify.orders-create.json").read_bytes(),
    "woocommerce": (SAMPLES / "woocommerce.order-created.json").read_bytes(),
    "webhook": (SAMPLES / "webhook.order.json").read_bytes(),
}


class Shop:
    """A merchant with all three kinds of system."""

    def __init__(self):
        self.city = City.open()
        self.secrets = {name: self.connect(name) for name in NAMES}

    def connect(self, name):
        clock = self.city.clock
        return sources.connect(self.city.merchant.id, SourceName(name), SHOP[name], clock, clock)

    def headers(self, name, body, secret=None, message_id="msg-1", topic=None):
        """Return what a system sends along, its signature made as its documentation says."""
        secret = secret or self.secrets[name]
        signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        if name == "shopify":
            values = (signature, topic or "orders/create", message_id, SHOP[name])
        elif name == "woocommerce":
            values = (signature, topic or "order.created", message_id, SHOP[name] + "/")
        else:
            now = self.city.clock.now()
            signature = Webhook(secret).sign(message_id, now, body.decode())
            values = (signature, message_id, str(int(now.timestamp())))
        return dict(zip(MODULES[name].HEADERS, values, strict=True))

    def post(self, name, body=None, headers=None, geocoder=None, **signed):
        secrets._provider = None
        body = RECORDED[name] if body is None else body
        headers = headers if headers is not None else self.headers(name, body, **signed)
        message = Message({key.lower(): value for key, value in headers.items()}, body)
        clock = self.city.clock
        return receiving.receive(MODULES[name], self.city.merchant.id, message, clock, wall=clock, geocoder=geocoder)


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr(receiving.logger, "warning", lambda *words, **fields: None)
    return Shop()


def reserialised(body):
    """Return the same JSON in other bytes: other spaces, other escapes."""
    value = json.loads(body)
    yield json.dumps(value).encode()
    yield json.dumps(value, indent=2, ensure_ascii=False).encode()
    yield body + b"\n"
    yield b"\xef\xbb\xbf" + body
    other = json.dumps(value, separators=(",", ":"), ensure_ascii=b"\\u" not in body).encode()
    assert other != body
    yield other


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_order_becomes_a_delivery_and_its_people_are_in_the_vault(shop, name):
    order = deliveries.get(shop.post(name).delivery_id)
    assert order.dropoff == Point(lat=41.012, lon=-87.008)
    contact = vault.contacts(order.contacts_token).dropoff
    assert contact.address.startswith("18 Canal Row, Flat 3")
    assert contact.name not in order.model_dump_json()
    assert order.timeline[0].actor == name


@pytest.mark.parametrize("name", NAMES)
def test_only_these_very_bytes_are_signed(shop, name):
    signed = shop.headers(name, RECORDED[name])
    for body in reserialised(RECORDED[name]):
        with pytest.raises(Unauthorized, match="bad_signature"):
            shop.post(name, body, signed)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_empty_or_strangers_signature_opens_nothing(shop, name):
    right = shop.headers(name, RECORDED[name])
    signature = next(iter(MODULES[name].HEADERS))
    stranger = sources.new_signing_secret()
    for headers in (
        {key: value for key, value in right.items() if key != signature},
        {**right, signature: ""},
        {**right, signature: "härte"},
        {**right, signature: right[signature][:-3]},
        shop.headers(name, RECORDED[name], secret=stranger),
        {},
    ):
        with pytest.raises(Unauthorized):
            shop.post(name, headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_one_merchants_signature_opens_nothing_of_anothers(shop, name):
    right = shop.headers(name, RECORDED[name])
    other = merchants.sign_up(merchants.MerchantInput(name="Other", billing_email="b@example.com"), shop.city.clock)
    shop.city.merchant = other
    with pytest.raises(Unauthorized):
        shop.post(name, headers=right)
    shop.connect(name)
    with pytest.raises(Unauthorized):
        shop.post(name, headers=right)


@pytest.mark.parametrize("name", NAMES)
def test_a_message_that_comes_again_changes_nothing_and_neither_does_its_order_in_another(shop, name):
    first = shop.post(name)
    assert shop.post(name) == first
    assert shop.post(name, message_id="msg-2") == first


@pytest.mark.parametrize("name", NAMES)
def test_an_order_that_was_called_off_is_not_made_again_by_a_replay(shop, name):
    made = shop.post(name)
    cancellation.cancel(made.delivery_id, "staff", "other", shop.city.clock)
    assert shop.post(name) == made
    shop.city.later(minutes=1)
    if name == "webhook":
        with pytest.raises(receiving.Conflict, match="was_cancelled"):
            shop.post(name, message_id="msg-2")
    else:
        assert shop.post(name, message_id="msg-2") == SourceAnswer(ignored="was_cancelled")
    assert deliveries.get(made.delivery_id).state is State.CANCELLED


@pytest.mark.parametrize(("name", "lost"), [("woocommerce", Lost.REQUEST), ("webhook", Lost.ANSWER)])
def test_a_message_whose_handling_dies_at_any_call_leaves_one_delivery_after_a_retry(shop, name, lost):
    for faulty in each_call_failing(lost, at_least=5):
        shop.__init__()
        with faulty:
            shop.post(name)
        # Another message of the same order: the first one's key may still count as running.
        again = shop.post(name, message_id="msg-2")
        assert deliveries.get(again.delivery_id).state is State.CREATED


@pytest.mark.parametrize("name", NAMES)
def test_the_former_secret_signs_for_a_day_after_a_change_and_a_disconnected_source_makes_nothing(shop, name):
    former, shop.secrets[name] = shop.secrets[name], shop.connect(name)
    made = shop.post(name)
    assert shop.post(name, secret=former, message_id="msg-2") == made
    shop.city.later(hours=25)
    with pytest.raises(Unauthorized):
        shop.post(name, secret=former, message_id="msg-3")
    sources.disconnect(shop.city.merchant.id, SourceName(name))
    if name == "webhook":
        with pytest.raises(Unprocessable, match="not_connected"):
            shop.post(name, message_id="msg-4")
    else:
        assert shop.post(name, message_id="msg-4") == SourceAnswer(ignored="not_connected")


# -- signed webhooks


def test_a_signed_message_is_refused_when_it_is_replayed_later(shop):
    headers = shop.headers("webhook", RECORDED["webhook"])
    made = shop.post("webhook", headers=headers)
    assert shop.post("webhook", headers=headers) == made
    shop.city.later(minutes=5, seconds=1)
    with pytest.raises(Unauthorized, match="stale_timestamp"):
        shop.post("webhook", headers=headers)
    renumbered = {**headers, "webhook-timestamp": str(int(shop.city.clock.now().timestamp()))}
    with pytest.raises(Unauthorized, match="bad_signature"):
        shop.post("webhook", headers=renumbered)


def test_an_order_in_our_format_is_refused_with_a_pointer_to_every_wrong_field(shop):
    order = json.loads(RECORDED["webhook"])
    order["dropoff"]["contact"]["phone"] = "555"
    body = json.dumps({**order, "tip": -1, "surprise": 1}).encode()
    with pytest.raises(Unprocessable, match="invalid_request") as refusal:
        shop.post("webhook", body)
    assert {pointer for pointer, _ in refusal.value.errors} == {"/dropoff/contact/phone", "/tip", "/surprise"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"[" * 100_000])
def test_what_is_no_order_is_malformed(shop, body):
    with pytest.raises(Unprocessable, match="malformed_json"):
        shop.post("webhook", body)


def test_what_was_refused_may_come_again_once_it_can_be_done(shop):
    order = json.loads(RECORDED["webhook"])
    order["requirements"] = {"skills": ["ladder"]}
    with pytest.raises(Unprocessable, match="unknown_skill"):
        shop.post("webhook", json.dumps(order).encode())
    assert shop.post("webhook").delivery_id


# -- WooCommerce


def woo(**changes):
    return json.dumps({**json.loads(RECORDED["woocommerce"]), **changes}).encode()


def test_woocommerces_first_ping_is_answered_though_nobody_signed_it(shop):
    assert shop.post("woocommerce", b"webhook_id=12", headers={}) == SourceAnswer(acknowledged="ping")


def test_two_orders_of_one_second_share_a_delivery_id_and_are_two_deliveries(shop):
    first, second = (shop.post("woocommerce", woo(id=number)) for number in (1, 2))
    assert first.delivery_id != second.delivery_id


def test_an_order_is_made_when_it_is_paid_and_called_off_when_the_shop_does(shop):
    unpaid = shop.post("woocommerce", woo(status="pending"))
    assert unpaid == SourceAnswer(ignored="not_to_be_delivered")
    made = shop.post("woocommerce", woo(), topic="order.updated", message_id="msg-2")
    assert shop.post("woocommerce", woo(total="40.00"), topic="order.updated", message_id="msg-3") == made
    gone = shop.post("woocommerce", woo(status="cancelled"), topic="order.updated", message_id="msg-4")
    assert (gone.delivery_id, gone.acknowledged) == (made.delivery_id, "cancelled")
    order = deliveries.get(made.delivery_id)
    assert (order.state, order.timeline[-1].actor) == (State.CANCELLED, "woocommerce")


def test_an_order_that_is_called_off_leaves_the_drivers_route(shop):
    city = shop.city
    made, driver = shop.post("woocommerce"), city.driver()
    city.tick()
    (offer,) = city.offers(driver)
    answers.accept(driver.id, offer.id, city.clock)
    shop.post("woocommerce", woo(status="refunded"), topic="order.updated")
    assert deliveries.get(made.delivery_id).state is State.CANCELLED


def test_an_order_that_nobody_knows_can_not_be_called_off(shop):
    told = shop.post("woocommerce", woo(status="cancelled"), topic="order.updated")
    assert told == SourceAnswer(ignored="no_such_delivery")


def test_what_was_handed_over_is_not_called_off_any_more(shop, monkeypatch):
    made = shop.post("woocommerce")
    order = deliveries.get(made.delivery_id)
    monkeypatch.setattr(deliveries, "get", lambda _: order.with_changes(state=State.DELIVERED))
    told = shop.post("woocommerce", woo(status="cancelled"), topic="order.updated", message_id="msg-2")
    assert told == SourceAnswer(ignored="wrong_state")


def test_another_site_with_the_same_secret_is_not_the_shop(shop):
    headers = {**shop.headers("woocommerce", woo()), "X-WC-Webhook-Source": "https://staging.bakery.example/"}
    with pytest.raises(Unauthorized, match="wrong_shop"):
        shop.post("woocommerce", woo(), headers)


# -- places


class Atlas:
    """Knows one address, and counts."""

    def __init__(self, point):
        self.point = point
        self.asked = []

    def find(self, address, near):
        self.asked.append((address, near))
        return self.point


def shopify_order(**address):
    order = json.loads(RECORDED["shopify"])
    order["shipping_address"] |= {"latitude": None, "longitude": None, **address}
    return json.dumps(order).encode()


@pytest.mark.parametrize(("name", "body"), [("woocommerce", woo(meta_data=[])), ("shopify", shopify_order())])
def test_an_order_without_coordinates_goes_where_the_geocoder_says_near_the_shop(shop, name, body):
    atlas = Atlas(at(1500, 0))
    made = deliveries.get(shop.post(name, body, geocoder=atlas).delivery_id)
    assert made.dropoff == atlas.point
    ((address, near),) = atlas.asked
    assert (address.lines[0], address.country, near) == ("18 Canal Row", "US", shop.city.merchant.store.point)


@pytest.mark.parametrize(("name", "body"), [("woocommerce", woo(meta_data=[])), ("shopify", shopify_order())])
def test_without_a_geocoder_or_a_sure_answer_such_an_order_is_ignored_with_its_reason(shop, name, body):
    assert shop.post(name, body) == SourceAnswer(ignored="no_coordinates")
    assert shop.post(name, body, geocoder=Atlas(None)) == SourceAnswer(ignored="address_not_found")
    assert shop.post(name, body, geocoder=Atlas(at(1500, 0))).delivery_id


def test_a_found_address_is_remembered_for_a_while_without_saying_what_it_is(shop):
    atlas, clock = Atlas(at(1500, 0)), shop.city.clock
    address = Address.of("18 Canal Row", "60601 Testville", country="US")
    for _ in range(2):
        assert places.locate(address, None, atlas, clock) == atlas.point
    assert len(atlas.asked) == 1
    (kept,) = boto3.client("dynamodb").scan(TableName="crowdship-places")["Items"]
    assert "canal" not in str(kept).lower()
    clock.advance(timedelta(days=91))
    places.locate(address, None, atlas, clock)
    assert len(atlas.asked) == 2


def test_an_address_that_was_not_found_is_asked_for_again(shop):
    address = Address.of("18 Canal Row", country="US")
    for atlas in (Atlas(None), Atlas(None)):
        with pytest.raises(Unprocessable, match="address_not_found"):
            places.locate(address, None, atlas, shop.city.clock)
        assert atlas.asked


def test_amazons_geocoder_is_asked_for_what_may_be_kept_in_the_country_near_the_shop(monkeypatch):
    client = boto3.client("geo-places")
    monkeypatch.setattr(amazon, "_client", lambda: client)
    asked = {
        "QueryText": "18 Canal Row, 60601 Testville",
        "MaxResults": 1,
        "IntendedUse": "Storage",
        "Filter": {"IncludeCountries": ["US"]},
        "BiasPosition": [-87.0, 41.0],
    }
    found = {
        "PlaceId": "p",
        "PlaceType": "PointAddress",
        "Title": "t",
        "Position": [-87.01, 41.01],
        "MatchScores": {"Overall": 0.99},
    }
    with Stubber(client) as answers:
        answers.add_response("geocode", {"PricingBucket": "Stored", "ResultItems": [found]}, asked)
        address = Address.of("18 Canal Row", "60601 Testville", country="US")
        assert amazon.AmazonPlaces().find(address, Point(lat=41, lon=-87)) == Point(lat=41.01, lon=-87.01)


@pytest.mark.parametrize("name", NAMES)
def test_a_message_that_comes_while_its_first_copy_is_at_work_is_to_come_again(shop, name, monkeypatch):
    def still_running(*_):
        raise Conflict("still_running", "The first request is still running.")

    monkeypatch.setattr(receiving, "once", still_running)
    with pytest.raises(Conflict, match="still_running"):
        shop.post(name)


def test_a_signed_order_takes_up_a_quote_and_hears_that_it_was_used(shop):
    asked = QuoteRequest(dropoff=Spot(point=Point(lat=41.012, lon=-87.008)), parcel=Parcel(weight_g=900))
    quote = quoting.quote(shop.city.merchant, asked, shop.city.clock)
    first, second = (
        json.dumps({**json.loads(RECORDED["webhook"]), "external_id": f"till-{n}", "quote_id": quote.id}).encode()
        for n in (1, 2)
    )
    assert deliveries.get(shop.post("webhook", first).delivery_id).price.charge == quote.agreement.price.charge
    with pytest.raises(Conflict, match="quote_used"):
        shop.post("webhook", second, message_id="msg-2")
