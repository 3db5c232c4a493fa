"""What a WooCommerce order asks for."""

import json
from pathlib import Path

import pytest

from crowdship.intake.places.model import Address
from crowdship.intake.sources import woocommerce
from crowdship.intake.sources.model import Cancellation, Message, Nothing, Order
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point

SAMPLE = (Path(__file__).parents[3] / "events/samples/sources/woocommerce.order-created.json").read_bytes()
THERE = Point(lat=41.5, lon=-87.5)


def order(**changes):
    return {**json.loads(SAMPLE), **changes}


def asked(data, locate=lambda address: THERE):
    return woocommerce.order_of(data, locate)


def wish(data, topic="order.created"):
    message = Message({"x-wc-webhook-topic": topic}, json.dumps(data).encode())
    return woocommerce.wish(message, lambda address: THERE)


def test_a_recorded_order_is_read():
    request = asked(order())
    contact = request.dropoff.contact
    assert (request.external_id, contact.name, contact.phone) == ("7315", "Émile Ruiz", "+13125550187")
    assert contact.address == "18 Canal Row, Flat 3, 60601 Testville"
    assert (contact.email, contact.notes) == ("emile@example.com", "Leave it / don’t ring")
    assert request.dropoff.point == Point(lat=41.012, lon=-87.008)
    assert request.parcel.weight_g == 1200


def test_an_order_without_coordinates_is_located_by_its_address_without_the_flat():
    looked_up = []
    request = asked(order(meta_data=[]), lambda address: looked_up.append(address) or THERE)
    assert looked_up == [Address(lines=("18 Canal Row", "60601 Testville", "IL"), country="US")]
    assert request.dropoff.point == THERE
    assert request.parcel.weight_g == 2000


def test_an_order_that_ships_to_nowhere_else_goes_to_the_buyer():
    nobody = dict.fromkeys(order()["shipping"], "")
    assert asked(order(shipping=nobody)).dropoff.contact.name == "Émile Ruiz"


def test_a_gift_goes_to_whom_it_is_shipped_to_with_the_buyers_phone_if_there_is_no_other():
    to = {**order()["shipping"], "first_name": "Ada", "last_name": "Lund"}
    assert asked(order(shipping=to)).dropoff.contact.name == "Ada Lund"
    assert asked(order(shipping=to)).dropoff.contact.phone == "+13125550187"
    assert asked(order(shipping={**to, "phone": "312 555 0111"})).dropoff.contact.phone == "+13125550111"


def test_a_buyers_phone_is_not_taken_for_one_of_another_country():
    abroad = {**order()["billing"], "country": "DE", "phone": "0301 234567"}
    with pytest.raises(Unprocessable, match="phone_not_international"):
        asked(order(billing=abroad))
    assert asked(order(billing={**abroad, "phone": "+49 301 234567"})).dropoff.contact.phone == "+49301234567"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shipping_lines": [{"method_id": "local_pickup"}]}, "collected_by_customer"),
        ({"shipping": {}, "billing": {"phone": "+13125550187"}}, "no_shipping_address"),
        ({"billing": {}}, "phone_not_international"),
        ({"id": "Kim"}, "not_an_order"),
        ({"billing": "Kim"}, "phone_not_international"),
    ],
)
def test_an_order_that_can_not_be_delivered_is_refused_without_saying_what_was_in_it(changes, code):
    with pytest.raises(Unprocessable, match=code) as refusal:
        asked(order(**changes))
    assert not [word for word in ("Kim", "4242", "Canal", "north") if word in str(refusal.value)]


@pytest.mark.parametrize("status", ["pending", "on-hold", "checkout-draft", "our-own"])
def test_an_order_that_is_not_paid_makes_nothing(status):
    assert wish(order(status=status)) == Nothing("not_to_be_delivered")


def test_an_order_that_the_shop_is_done_with_makes_nothing_and_says_so():
    assert wish(order(status="completed")) == Nothing("already_completed")


@pytest.mark.parametrize(
    "meta",
    [
        "Kim",
        None,
        [None, 5, "x", []],
        [{"key": "_crowdship_lat", "value": "4242"}, {"key": "_crowdship_lon", "value": "-87"}],
        [{"key": "_crowdship_lat", "value": "north"}, {"key": "_crowdship_lon", "value": "-87"}],
        [{"key": "_crowdship_lat", "value": 0}, {"key": "_crowdship_lon", "value": 0}],
        [{"key": "_crowdship_weight_g", "value": "-1"}],
        [{"key": "_crowdship_weight_g", "value": {"a": 1}}],
        [{"key": "_crowdship_weight_g", "value": 10**12}],
    ],
)
def test_what_a_shop_tells_amiss_of_place_and_weight_is_looked_up_or_usual(meta):
    request = asked(order(meta_data=meta))
    assert (request.dropoff.point, request.parcel.weight_g) == (THERE, 2000)


@pytest.mark.parametrize("topic", ["order.created", "order.updated"])
def test_an_order_in_processing_is_to_be_delivered_whenever_it_comes_to_that(topic):
    assert isinstance(wish(order(), topic), Order)


@pytest.mark.parametrize("status", ["cancelled", "refunded", "failed", "trash"])
def test_an_order_that_was_called_off_is_cancelled(status):
    told = wish(order(status=status), "order.updated")
    assert isinstance(told, Cancellation)
    assert told.external_id == "7315"


def test_a_deleted_order_comes_with_its_id_only():
    assert wish({"id": 7315}, "order.deleted").external_id == "7315"


@pytest.mark.parametrize("topic", ["", "product.created", "order.restored", "action.woocommerce_add_to_cart"])
def test_other_topics_ask_for_nothing(topic):
    assert wish(order(), topic) == Nothing("other_topic")


@pytest.mark.parametrize(
    ("body", "is_ping"),
    [(b"webhook_id=5", True), (b"webhook_id=", False), (b"webhook_id=5&x=1", False), (SAMPLE, False), (b"", False)],
)
def test_a_ping_is_a_form_with_nothing_but_the_webhooks_number(body, is_ping):
    assert woocommerce.is_ping(Message({}, body)) is is_ping


@pytest.mark.parametrize("value", [{"from": "2026-06-07"}, ["2026-06-07", "2026-06-08"]])
def test_a_delivery_date_within_a_structure_is_refused_and_not_overlooked(value):
    meta = [*order()["meta_data"], {"key": "delivery_date", "value": value}]
    with pytest.raises(Unprocessable, match="delivery_date_unreadable"):
        asked(order(meta_data=meta))


@pytest.mark.parametrize("value", [None, {}, [], "", [None]])
def test_a_delivery_date_that_is_empty_is_none(value):
    meta = [*order()["meta_data"], {"key": "delivery_date", "value": value}]
    assert asked(order(meta_data=meta)).dropoff_window is None
