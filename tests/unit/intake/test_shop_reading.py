"""Nothing optional costs an order, whatever stands there."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.intake.sources import bigcommerce, shopify, woocommerce
from crowdship.intake.sources.model import Message, Order, Shop
from crowdship.intake.sources.reading import cut, json_object
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point

SAMPLES = Path(__file__).parents[3] / "events/samples/sources"
SHOPIFY = json.loads((SAMPLES / "shopify.orders-create.json").read_text())
WOO = json.loads((SAMPLES / "woocommerce.order-created.json").read_text())
BIG = json.loads((SAMPLES / "bigcommerce.orders-api.json").read_text())
NAMED = (SAMPLES / "bigcommerce.order-created.json").read_bytes()
THERE = Point(lat=41.5, lon=-87.5)
OPTIONAL = {
    "shopify": {
        *("email", "contact_email", "note", "total_weight", "total_tip_received", "currency", "phone", "customer"),
        *("name", "order_number", "created_at", "updated_at", "test", "source_name", "note_attributes"),
        *("shipping_lines", "line_items", "financial_status", "fulfillment_status", "surprise", "billing_address"),
    },
    "woocommerce": {
        *("customer_note", "number", "currency", "total", "date_created", "date_created_gmt", "date_modified_gmt"),
        *("created_via", "needs_processing", "line_items", "refunds", "meta_data", "surprise"),
    },
    "bigcommerce": {
        *("customer_message", "currency_code", "date_created", "date_modified", "total_inc_tax", "refunded_amount"),
        *("items_total", "items_shipped", "payment_method", "order_source", "external_source", "order_is_digital"),
        *("is_deleted", "products", "surprise"),
    },
}
OF_ADDRESS = {
    "shopify": {"name", "first_name", "last_name", "company", "address2", "zip", "city", "province", "latitude"},
    "woocommerce": {"first_name", "last_name", "company", "address_2", "city", "state", "postcode", "email"},
    "bigcommerce": {
        *("first_name", "last_name", "company", "street_2", "city", "state", "zip", "email", "phone", "form_fields"),
        "shipping_method",
    },
}
AT = {"shopify": "shipping_address", "woocommerce": "shipping", "bigcommerce": "to"}
# An order of BigCommerce in one piece, as the tests change its parts; ``taken_apart`` makes it what the API answers.
BODIES = {
    "shopify": SHOPIFY,
    "woocommerce": WOO,
    "bigcommerce": {**BIG["order"], "products": BIG["products"], "to": BIG["shipping_addresses"][0]},
}
MODULES = {"shopify": shopify, "woocommerce": woocommerce, "bigcommerce": bigcommerce}
NUMBER_MEANS = {"items_shipped", "refunded_amount"}
"""Fields of BigCommerce whose number may say that the order was fulfilled already, or refunded whole."""

# Words and numbers of which no field knows a meaning, so that chance makes no order a test or a pickup: 0 and 1 are no
# and yes, and a test order with "test": 1 is one.
TEXTS = st.text(alphabet="xyz\u0301\u200d\U0001f469é #\n\0", max_size=400)
NUMBERS = (st.integers() | st.floats()).filter(lambda number: number not in (0, 1))
ANYTHING = st.recursive(
    st.none() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "z"]), inner, max_size=3),
    max_leaves=5,
)


def taken_apart(body):
    order = {field: value for field, value in body.items() if field not in ("to", "products")}
    fetched = {"order": order, "products": body["products"], "shipping_addresses": [body["to"]]}
    return Message({}, NAMED, fetched)


def wish(name, body):
    topics = {"x-shopify-topic": "orders/create", "x-wc-webhook-topic": "order.created"}
    message = taken_apart(body) if name == "bigcommerce" else Message(topics, json.dumps(body).encode())
    MODULES[name].about(message)
    return MODULES[name].wish(message, lambda address: THERE, Shop())


@pytest.mark.parametrize("name", BODIES)
@given(data=st.data())
def test_no_value_of_an_optional_field_costs_an_order(name, data):
    body = json.loads(json.dumps(BODIES[name]))
    for field in data.draw(st.sets(st.sampled_from(sorted(OPTIONAL[name])), max_size=4)):
        body[field] = data.draw(TEXTS | st.none() if field in NUMBER_MEANS else ANYTHING)
    for field in data.draw(st.sets(st.sampled_from(sorted(OF_ADDRESS[name])), max_size=4)):
        body[AT[name]][field] = data.draw(ANYTHING)
    asked = wish(name, body)
    assert isinstance(asked, Order)
    assert asked.request.external_id == str(BODIES[name]["id"])


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("value", [None, "", [], {}, 0, True, "x" * 5000, {"a": {}}, float("nan")])
def test_any_one_optional_field_may_be_anything(name, value):
    for field in OPTIONAL[name]:
        if (field, value) in (("test", True), ("needs_processing", False), ("is_deleted", True)):
            continue
        assert isinstance(wish(name, {**BODIES[name], field: value}), Order), field
    for field in OF_ADDRESS[name]:
        address = {**BODIES[name][AT[name]], field: value}
        assert isinstance(wish(name, {**BODIES[name], AT[name]: address}), Order), field


@pytest.mark.parametrize(
    "address", [None, {}, [], "18 Canal Row", 5, {"country_code": "US"}, {"country_code": "US", "address1": "  "}]
)
def test_an_address_with_nothing_but_a_country_is_none(address):
    with pytest.raises(Unprocessable, match="no_shipping_address"):
        shopify.order_of({**SHOPIFY, "shipping_address": address}, lambda _: THERE)


@pytest.mark.parametrize(
    ("lat", "lon"), [(None, None), (0, 0), ("0", "0.0"), (91, 5), (5, 181), ("north", 5), ([], {}), (float("nan"), 5)]
)
def test_coordinates_of_no_door_are_looked_up(lat, lon):
    to = {**SHOPIFY["shipping_address"], "latitude": lat, "longitude": lon}
    assert shopify.order_of({**SHOPIFY, "shipping_address": to}, lambda _: THERE).dropoff.point == THERE


@pytest.mark.parametrize("weight", [None, -5, 0, "", "heavy", 10**9, float("inf"), [], {}])
def test_a_weight_that_can_not_be_is_the_usual_one(weight):
    assert shopify.order_of({**SHOPIFY, "total_weight": weight}, lambda _: THERE).parcel.weight_g == 2000


def test_a_name_is_looked_for_wherever_one_may_stand():
    to = {**SHOPIFY["shipping_address"], "name": None}
    nameless = {**to, "first_name": "", "last_name": None}

    def name(**changes):
        return shopify.order_of({**SHOPIFY, **changes}, lambda _: THERE).dropoff.contact.name

    nobody = {"first_name": None, "last_name": None, "name": None, "phone": "(312) 555-0142", "country_code": "US"}
    assert name(shipping_address=to) == "Noor Øst"
    assert name(shipping_address={**nameless, "company": "Lund & Sons"}) == "Lund & Sons"
    assert name(shipping_address=nameless) == "Noor Øst"
    assert name(shipping_address=nameless, billing_address=nobody, customer={"first_name": "Ada"}) == "Ada"
    assert name(shipping_address=nameless, billing_address=nobody, customer=None) == "Customer"


@pytest.mark.parametrize(
    ("changes", "phone"),
    [
        ({}, "+13125550142"),
        ({"customer": {"phone": "+13125550177"}, "billing_address": {}}, "+13125550177"),
        ({"customer": {"default_address": {"country_code": "US", "phone": "312 555 0188"}}, "billing_address": 5},
         "+13125550188"),
        ({"phone": "+13125550199", "customer": None, "billing_address": None}, "+13125550199"),
    ],
)  # fmt: skip
def test_the_first_usable_phone_counts(changes, phone):
    to = {**SHOPIFY["shipping_address"], "phone": None}
    asked = shopify.order_of({**SHOPIFY, "shipping_address": to, **changes}, lambda _: THERE)
    assert asked.dropoff.contact.phone == phone


def test_the_billing_addresss_phone_of_another_country_is_not_taken_for_one_of_this():
    to = {**SHOPIFY["shipping_address"], "phone": None}
    abroad = {**SHOPIFY["billing_address"], "country_code": "DE", "phone": "(312) 555-0142"}
    with pytest.raises(Unprocessable, match="phone_not_international"):
        shopify.order_of(
            {**SHOPIFY, "shipping_address": to, "billing_address": abroad, "customer": None}, lambda _: THERE
        )


@given(text=st.text(max_size=60), most=st.integers(1, 40))
def test_a_cut_text_fits_and_is_the_beginning(text, most):
    short = cut(text, most)
    assert len(short) <= most or text == short
    assert text.startswith(short)


@pytest.mark.parametrize(
    ("text", "most", "left"),
    [
        ("ab\u0301c", 2, "a"),
        ("a\U0001f469\u200d\U0001f373", 2, "a"),
        ("a\U0001f469\u200d\U0001f373", 3, "a"),
        ("ok\U0001f44d\U0001f3fd", 3, "ok"),
        ("abc", 3, "abc"),
        ("ab c", 3, "ab"),
    ],
)
def test_a_cut_splits_no_letter_from_what_belongs_to_it(text, most, left):
    assert cut(text, most) == left


@pytest.mark.parametrize("body", [b'\xef\xbb\xbf{"a": "\\ud83d"}', b'{"a": ' + b"9" * 6000 + b"}", b'{"a": NaN}'])
def test_json_with_an_oddity_is_read(body):
    assert json_object(body, "x").keys() == {"a"}


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"5", b"{", b"[" * 100_000])
def test_json_that_is_no_object_is_refused_with_its_code(body):
    with pytest.raises(Unprocessable, match="not_an_order"):
        json_object(body, "not_an_order")
