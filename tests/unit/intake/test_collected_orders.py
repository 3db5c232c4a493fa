"""Orders that ask for no delivery are known as such, and those that do are not mistaken for them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crowdship.intake.sources import shopify, woocommerce
from crowdship.intake.sources.methods import Handling, handling_of
from crowdship.intake.sources.model import Message, Nothing, Order, Shop
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.merchants.model import Store
from crowdship.merchants.shop_settings import ShopSettings
from tests.city import BAKER, CENTRE

SAMPLES = Path(__file__).parents[3] / "events/samples/sources"
SHOPIFY = json.loads((SAMPLES / "shopify.orders-create.json").read_text())
WOO = json.loads((SAMPLES / "woocommerce.order-created.json").read_text())
STORE = Store(contact=BAKER, point=CENTRE)
SINCE = datetime(2026, 6, 1, 12, tzinfo=UTC)


def wish(data, shop=None, topic="orders/updated"):
    module, header = (shopify, "x-shopify-topic") if "note_attributes" in data else (woocommerce, "x-wc-webhook-topic")
    topic = topic if module is shopify else "order.updated"
    message = Message({header: topic}, json.dumps(data).encode())
    return module.wish(message, lambda address: Point(lat=41.5, lon=-87.5), shop or Shop(store=STORE))


def refusal(data, shop=None):
    with pytest.raises(Unprocessable) as refused:
        wish(data, shop)
    return refused.value.code


def lines(*titles):
    return [{"code": title, "title": title} for title in titles]


@pytest.mark.parametrize(
    "method",
    [
        *("local_pickup", "local_pickup:3", "pickup_location", "local_pickup_plus", "LOCAL_PICKUP", "store_pickup_2"),
        *("Pickup", "Pick up", "Pick-up", "In-store pickup", "Store Pickup", "Local pickup", "Click & Collect"),
        *("Click and collect", "CLICK & COLLECT (free)", "In-Store", "Curbside", "Collection", "Collect from store"),
        *("Pickup at Main Street", "Pickup - 1 Main Street", "Takeaway", "Abholung", "Selbstabholung im Laden"),
        *("Retrait en magasin", "Ritiro in negozio", "Customer pickup", "Selbstabholer", "Im Laden abholen"),
        *("À emporter", "Clique et Collecte", "Recoger en tienda", "Retirada na loja", "Ophalen in winkel"),
        *("Odbiór osobisty", "Osobní odběr", "Mağazadan Teslim", "Gel Al", "Hämta i butik", "Nouto myymälästä"),
        *("Самовывоз", "店頭受取", "Will call", "BOPIS", "Click&Collect", "Dine in", "wc_pickup_store"),
        *("alg_wc_local_pickup", "woocommerce_local_pickup:1", "wf_pickup_from_store", "click_collect:4"),
    ],
)
def test_a_method_that_says_collection_is_one(method):
    assert handling_of([[method]], {}, ShopSettings()) is Handling.COLLECTED


@pytest.mark.parametrize(
    "method",
    [
        *("Local delivery", "Local delivery (no pickup)", "Delivery from our pickup kitchen", "Courier", "flat_rate"),
        *("flat_rate:2", "free_shipping", "Pickup Lane zone", "Pick Up Street", "Delivery, not pickup", "Standard"),
        *("No pickup", "Without pickup", "Same day courier (pickup by DHL)", "Collective shipping", "Pickup truck"),
        *("Abholung durch Kurier", "Kurye (gel al yok)", "bez odbioru osobistego", "flat_rate_pickup_lane"),
        *("Instore express delivery", "Express", "", "Collectors' edition shipping", "Lieferung statt Abholung"),
    ],
)
def test_a_method_that_brings_it_or_says_nothing_is_no_collection(method):
    assert handling_of([[method]], {}, ShopSettings()) is not Handling.COLLECTED


@pytest.mark.parametrize("name", ["Checkout-Method", "Delivery-Method", "delivery_method", "Order type"])
@pytest.mark.parametrize(
    ("value", "handling"),
    [
        ("pickup", "collected"),
        ("Click & Collect", "collected"),
        ("Abholung", "collected"),
        ("Dine in", "collected"),
        ("Lieferung", "delivered"),
        ("delivery", "delivered"),
        ("ring the pickup bell", None),
    ],
)
def test_an_attribute_that_names_the_method_counts_more_than_a_title(name, value, handling):
    assert handling_of([["Standard"]], {name: value}, ShopSettings()) == handling
    both = handling_of([["Pickup"]], {name: "delivery"}, ShopSettings())
    assert both is Handling.DELIVERED


def test_the_merchants_own_lists_decide_before_anything_else():
    own = ShopSettings(collected_methods=("Hatch 3", "flat_rate:9"), delivered_methods=("Pickup by Lund",))
    assert handling_of([["x", "hatch 3"]], {"Checkout-Method": "delivery"}, own) is Handling.COLLECTED
    assert handling_of([["flat_rate:9"]], {}, own) is Handling.COLLECTED
    assert handling_of([["PICKUP BY LUND"]], {}, own) is Handling.DELIVERED


def test_of_several_methods_all_have_to_be_collections():
    assert handling_of([["local_pickup"], ["flat_rate"]], {}, ShopSettings()) is None


def test_notes_and_streets_say_nothing_of_the_method():
    to = {**SHOPIFY["shipping_address"], "address1": "5 Pickup Lane"}
    told = {"note": "No pickup, please deliver. Collection impossible.", "shipping_address": to}
    assert isinstance(wish({**SHOPIFY, **told}), Order)


def test_an_order_to_the_store_itself_is_collected_there():
    to = {
        **SHOPIFY["shipping_address"],
        "address1": "1 Main Street",
        "address2": None,
        "latitude": 41,
        "longitude": -87,
    }
    assert refusal({**SHOPIFY, "shipping_address": to}) == "collected_by_customer"
    for other in ({"address2": "Flat 3"}, {"address1": "11 Main Street"}, {"latitude": 41.02}):
        assert isinstance(wish({**SHOPIFY, "shipping_address": {**to, **other}}), Order)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"test": True}, "test_order"),
        ({"source_name": "pos"}, "sold_at_the_counter"),
        ({"line_items": [{"requires_shipping": False}, {"requires_shipping": "false"}]}, "nothing_to_ship"),
        ({"line_items": [{"gift_card": True, "requires_shipping": True}]}, "nothing_to_ship"),
        ({"line_items": [{"requires_shipping": True, "current_quantity": 0}]}, "nothing_to_ship"),
        ({"shipping_lines": lines("In-store pickup")}, "collected_by_customer"),
        ({"note_attributes": [{"name": "Checkout-Method", "value": "pickup"}]}, "collected_by_customer"),
        ({"created_at": "2025-11-20T10:00:00Z"}, "older_than_connection"),
        ({"shipping_address": None}, "no_shipping_address"),
    ],
)
def test_a_shopify_order_that_asks_for_no_delivery_is_ignored_with_its_own_code(changes, code):
    assert refusal({**SHOPIFY, **changes}, Shop(store=STORE, connected_at=SINCE)) == code


def test_an_order_with_something_to_ship_is_delivered_with_its_gift_card():
    items = [{"requires_shipping": False, "gift_card": True}, {"requires_shipping": True}]
    assert isinstance(wish({**SHOPIFY, "line_items": items}), Order)


@pytest.mark.parametrize("status", ["fulfilled", "restocked", "FULFILLED"])
def test_a_fulfilled_order_asks_for_nothing_more(status):
    assert wish({**SHOPIFY, "fulfillment_status": status}) == Nothing("already_fulfilled")
    assert isinstance(wish({**SHOPIFY, "fulfillment_status": "partial"}), Order)


NOWHERE = dict.fromkeys(WOO["shipping"], "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shipping": NOWHERE, "shipping_lines": []}, "no_shipping_address"),
        ({"shipping_lines": [{"method_id": "local_pickup"}]}, "collected_by_customer"),
        ({"shipping_lines": [{"method_id": "flat_rate", "method_title": "Click & Collect"}]}, "collected_by_customer"),
        ({"line_items": [{"virtual": True}]}, "nothing_to_ship"),
        ({"needs_processing": False}, "nothing_to_ship"),
        ({"created_via": "pos-rest-api"}, "sold_at_the_counter"),
        ({"meta_data": [{"key": "_wcpay_mode", "value": "test"}]}, "test_order"),
        ({"date_created_gmt": "2025-11-20T10:00:00"}, "older_than_connection"),
    ],
)
def test_a_woocommerce_order_that_asks_for_no_delivery_is_ignored_with_its_own_code(changes, code):
    assert refusal({**WOO, **changes}, Shop(store=STORE, connected_at=SINCE)) == code


def test_an_order_of_the_day_on_which_the_shop_was_connected_is_delivered():
    shop = Shop(connected_at=SINCE)
    assert isinstance(wish({**WOO, "date_created_gmt": "2026-05-31T13:00:00"}, shop), Order)


@pytest.mark.parametrize("created_via", ["checkout", "store-api"])
def test_a_cart_that_was_checked_out_without_a_shipping_method_ships_nothing(created_via):
    assert refusal({**WOO, "created_via": created_via, "shipping_lines": []}) == "no_shipping_address"


@pytest.mark.parametrize("created_via", ["admin", "rest-api", "subscription", ""])
def test_what_staff_or_a_system_entered_without_a_shipping_method_is_delivered(created_via):
    assert isinstance(wish({**WOO, "created_via": created_via, "shipping_lines": []}), Order)
