"""BigCommerce messages and the orders that they name."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from crowdship.intake.places.model import Address
from crowdship.intake.sources import bigcommerce
from crowdship.intake.sources.bigcommerce import BigCommerceInput
from crowdship.intake.sources.model import About, Cancellation, Message, Nothing, Order, Shop
from crowdship.kernel.errors import Unauthorized, Unavailable, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.merchants.shop_settings import ShopSettings
from crowdship.pricing.terms import CancelReason

SAMPLES = Path(__file__).parents[3] / "events/samples/sources"
MESSAGE = (SAMPLES / "bigcommerce.order-created.json").read_bytes()
FETCHED = json.loads((SAMPLES / "bigcommerce.orders-api.json").read_text())
(LINE,), (ADDRESS,) = FETCHED["products"], FETCHED["shipping_addresses"]
THERE = Point(lat=41.5, lon=-87.5)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fetched(products=FETCHED["products"], shipping_addresses=FETCHED["shipping_addresses"], **order):
    """Return a message with its order, as it is once that is fetched."""
    parts = {"order": {**FETCHED["order"], **order}, "products": products, "shipping_addresses": shipping_addresses}
    return Message({}, MESSAGE, parts)


def wish(shop=None, locate=lambda address: THERE, **changes):
    return bigcommerce.wish(fetched(**changes), locate, shop or Shop())


def asked(**changes):
    return wish(**changes).request


def to(**changes):
    return [{**ADDRESS, **changes}]


def line(**changes):
    return {**LINE, **changes}


def refusal(**changes):
    with pytest.raises(Unprocessable) as refused:
        wish(**changes)
    return refused.value.code


# -- the message


def test_a_message_is_proven_by_one_of_the_connections_secrets():
    message = Message({"x-crowdship-secret": "whsec_b"}, MESSAGE)
    bigcommerce.verify(message, ["whsec_a", "whsec_b"], NOW)
    for secrets, headers in (
        (["whsec_a"], {"x-crowdship-secret": "whsec_b"}),
        (["whsec_a"], {"x-crowdship-secret": ""}),
        (["whsec_a"], {"x-crowdship-secret": "härte"}),
        (["whsec_a"], {}),
        ([], {"x-crowdship-secret": ""}),
    ):
        with pytest.raises(Unauthorized, match="bad_signature"):
            bigcommerce.verify(Message(headers, MESSAGE), secrets, NOW)


@pytest.mark.parametrize(
    ("body", "shop"), [(MESSAGE, "b4ker1"), (b"{", ""), (b"{}", ""), (b'{"producer": "stores/x/y"}', "x/y")]
)
def test_the_store_is_the_producer_of_the_message(body, shop):
    assert bigcommerce.shop(Message({}, body)) == shop


def test_the_order_its_products_and_its_addresses_are_fetched_and_nothing_else_is():
    answers = {
        "/v2/orders/250": FETCHED["order"],
        "/v2/orders/250/products?limit=250": None,
        "/v2/orders/250/shipping_addresses?limit=250": FETCHED["shipping_addresses"],
    }
    paths = []
    whole = bigcommerce.whole(Message({"x": "y"}, MESSAGE), lambda path: paths.append(path) or answers[path])
    assert paths == list(answers)
    assert whole == Message({"x": "y"}, MESSAGE, {**FETCHED, "products": None})


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "store/product/created"},
        {"scope": "store/order/message/created"},
        {"data": {"type": "order"}},
        {"data": {"type": "order", "id": "../v3/customers"}},
        {"data": {"type": "order", "id": -5}},
        {"data": [250]},
    ],
)
def test_a_message_that_names_no_order_asks_the_shops_api_nothing(changes):
    message = Message({}, json.dumps({**json.loads(MESSAGE), **changes}).encode())
    assert bigcommerce.whole(message, lambda path: pytest.fail(f"asked for {path}")) == message


def test_what_a_message_itself_says_of_an_order_is_not_believed():
    body = json.dumps({**json.loads(MESSAGE), **FETCHED}).encode()
    assert bigcommerce.about(Message({}, body)) == About("250", None)
    with pytest.raises(Unprocessable, match="not_an_order"):
        bigcommerce.wish(Message({}, body), lambda address: THERE)


def test_an_order_that_the_shop_does_not_have_is_none():
    with pytest.raises(Unprocessable, match="no_such_order"):
        bigcommerce.whole(Message({}, MESSAGE), lambda path: None)


def test_an_api_that_does_not_answer_is_for_whoever_sends_the_message_again():
    def down(path):
        raise Unavailable("shop_unavailable", "It does not answer.", 60)

    with pytest.raises(Unavailable):
        bigcommerce.whole(Message({}, MESSAGE), down)


def test_an_answer_about_another_order_than_was_asked_for_is_not_taken():
    assert refusal(id=251) == "not_an_order"


def test_a_message_names_its_order_before_it_is_fetched_and_its_time_after_that():
    assert bigcommerce.about(Message({}, MESSAGE)) == About("250", None)
    assert bigcommerce.about(fetched()) == About("250", datetime(2026, 6, 1, 11, 55, 4, tzinfo=UTC))
    assert bigcommerce.about(fetched(date_modified="yesterday")) == About("250", None)
    assert bigcommerce.about(Message({}, b"{")) == About()
    assert bigcommerce.about(Message({}, b'{"scope": "store/product/updated", "data": {"id": 250}}')) == About()


@pytest.mark.parametrize(
    ("written", "hour"),
    [("Mon, 01 Jun 2026 11:55:04 +0000", 11), ("Mon, 01 Jun 2026 11:55:04 -0500", 16), ("1 Jun 2026 11:55:04 GMT", 11)],
)
def test_times_are_read_as_in_e_mail(written, hour):
    assert bigcommerce.about(fetched(date_modified=written)).version.hour == hour


def test_a_repeated_message_about_the_same_state_of_an_order_is_one():
    assert bigcommerce.message_key(fetched()) == bigcommerce.message_key(fetched())
    assert bigcommerce.message_key(fetched()) != bigcommerce.message_key(fetched(status_id=5))
    with pytest.raises(Unprocessable, match="no_webhook_id"):
        bigcommerce.message_key(Message({}, b'{"scope": "store/order/created"}'))


# -- the order


def test_a_recorded_order_is_read():
    request = asked()
    contact = request.dropoff.contact
    assert (request.external_id, request.order_number) == ("250", "250")
    assert (contact.name, contact.phone) == ("Émile Ruiz", "+13125550187")
    assert contact.address == "18 Canal Row, Flat 3, 60601 Testville"
    assert (contact.email, contact.notes) == ("emile@example.com", "Leave it / don’t ring")
    assert request.dropoff.point == Point(lat=41.012, lon=-87.008)
    assert (request.parcel.weight_g, request.tip) == (1200, 0)


def test_an_order_without_coordinates_is_located_by_its_address_without_the_flat():
    looked_up = []
    request = wish(
        locate=lambda address: looked_up.append(address) or THERE, shipping_addresses=to(form_fields=None)
    ).request
    assert looked_up == [Address(lines=("18 Canal Row", "60601 Testville", "Illinois"), country="US")]
    assert (request.dropoff.point, request.parcel.weight_g) == (THERE, 2000)


def test_a_gift_goes_to_whom_it_is_shipped_to_with_the_buyers_phone_if_there_is_no_other():
    gift = to(first_name="Ada", last_name="Lund")
    assert asked(shipping_addresses=gift).dropoff.contact.name == "Ada Lund"
    assert asked(shipping_addresses=gift).dropoff.contact.phone == "+13125550187"
    own = to(phone="312 555 0111")
    assert asked(shipping_addresses=own).dropoff.contact.phone == "+13125550111"


def test_a_buyers_phone_is_not_taken_for_one_of_another_country():
    abroad = {**FETCHED["order"]["billing_address"], "country_iso2": "DE", "phone": "0301 234567"}
    assert refusal(billing_address=abroad) == "phone_not_international"


@pytest.mark.parametrize("status", [3, 9, 11, 14, "11"])
def test_an_order_that_is_paid_and_waits_is_to_be_delivered(status):
    assert isinstance(wish(status_id=status), Order)


@pytest.mark.parametrize("status", [0, 1, 7, 12, 13])
def test_an_order_for_which_the_shop_waits_makes_nothing_and_holds_a_delivery(status):
    told = wish(status_id=status)
    assert (told, told.held) == (Nothing("not_to_be_delivered"), True)


@pytest.mark.parametrize("status", [None, 99, "shipped", True, {}])
def test_an_order_in_a_status_that_nobody_knows_makes_nothing(status):
    told = wish(status_id=status)
    assert (told, told.held) == (Nothing("not_to_be_delivered"), False)


@pytest.mark.parametrize(
    "changes", [{"status_id": 4}, {"status_id": 5}, {"status_id": 6}, {"is_deleted": True}, {"refunded_amount": "32.5"}]
)
def test_an_order_that_is_cancelled_declined_refunded_or_archived_is_called_off(changes):
    assert wish(**changes) == Cancellation("250", CancelReason.OTHER)


@pytest.mark.parametrize("amount", ["0.0000", "5.0000", None, "much"])
def test_a_part_of_the_money_back_calls_nothing_off(amount):
    assert isinstance(wish(refunded_amount=amount), Order)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status_id": 2}, "already_fulfilled"),
        ({"status_id": 10}, "already_completed"),
        ({"status_id": 10, "is_deleted": True}, "already_completed"),
        ({"status_id": 14, "items_shipped": 2}, "already_fulfilled"),
    ],
)
def test_an_order_that_the_shop_is_done_with_makes_nothing_and_says_so(changes, code):
    assert wish(**changes) == Nothing(code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status_id": 8}, "collected_by_customer"),
        ({"shipping_addresses": to(shipping_method="Pickup in store")}, "collected_by_customer"),
        ({"products": [line(order_pickup_method_id=13)], "shipping_addresses": []}, "collected_by_customer"),
        ({"products": [line(type="digital")], "shipping_addresses": None}, "nothing_to_ship"),
        ({"products": [line(type="giftcertificate"), line(type="digital")]}, "nothing_to_ship"),
        ({"products": [line(quantity_refunded=2)]}, "nothing_to_ship"),
        ({"products": None, "shipping_addresses": None, "order_is_digital": True}, "nothing_to_ship"),
        ({"shipping_addresses": [ADDRESS, {**ADDRESS, "id": 152}]}, "several_shipping_addresses"),
        ({"shipping_addresses": None}, "no_shipping_address"),
        ({"shipping_addresses": to(street_1="", street_2=" ")}, "no_shipping_address"),
        ({"payment_method": "Test Payment Gateway"}, "test_order"),
        ({"order_source": "external", "external_source": "POS"}, "sold_at_the_counter"),
    ],
)
def test_an_order_that_asks_for_no_delivery_is_ignored_with_its_own_code(changes, code):
    assert refusal(**changes) == code


@pytest.mark.parametrize(
    "products",
    [
        [line(order_pickup_method_id=13), line(id=412)],
        [line(type="digital"), line(id=412)],
        [line(quantity_refunded=1)],
        [line(type=None, quantity=None)],
        None,
    ],
)
def test_an_order_of_which_something_is_to_be_brought_is_delivered(products):
    assert isinstance(wish(products=products), Order)


def test_a_merchant_may_say_that_what_awaits_its_pickup_is_ours():
    ours = Shop(settings=ShopSettings(delivered_methods=("Local courier",)))
    assert isinstance(wish(shop=ours, status_id=8), Order)


def test_an_order_that_is_older_than_the_connection_is_not_made():
    assert refusal(shop=Shop(connected_at=datetime(2026, 6, 3, tzinfo=UTC))) == "older_than_connection"


def test_a_day_in_a_form_field_is_the_drop_off_window_in_the_shops_own_zone():
    day = to(form_fields=[*ADDRESS["form_fields"], {"name": "Delivery Date", "value": "2026-06-07"}])
    with pytest.raises(Unprocessable, match="no_time_zone"):
        wish(shipping_addresses=day)
    shop = Shop(time_zone="America/Chicago", now=NOW)
    assert wish(shop=shop, shipping_addresses=day).request.dropoff_window.opens_at.day == 7


def test_a_refusal_says_nothing_of_what_was_in_the_order():
    with pytest.raises(Unprocessable) as refused:
        wish(billing_address={"first_name": "Kim"}, shipping_addresses=to(phone="4242"))
    assert not [word for word in ("Kim", "4242", "Canal", "Ruiz") if word in str(refused.value)]


# -- connecting


@pytest.mark.parametrize(
    "path",
    [
        "https://api.bigcommerce.com/stores/b4ker1",
        "https://api.bigcommerce.com/stores/b4ker1/v3/",
        "https://api.bigcommerce.com/stores/b4ker1/v2",
    ],
)
def test_the_path_of_the_api_account_names_the_store_and_its_api(path):
    fields = BigCommerceInput(api_path=path, access_token="t" * 31)
    assert (fields.shop, fields.chosen_secret) == ("b4ker1", None)
    assert fields.api.url == "https://api.bigcommerce.com/stores/b4ker1"
    assert fields.api.headers == {"X-Auth-Token": "t" * 31}


@pytest.mark.parametrize(
    "path",
    [
        "http://api.bigcommerce.com/stores/b4ker1",
        "https://api.bigcommerce.com.example.com/stores/b4ker1",
        "https://api.bigcommerce.com@example.com/stores/b4ker1",
        "https://example.com/stores/b4ker1",
        "https://api.bigcommerce.com/stores/b4ker1/../other",
        "https://api.bigcommerce.com/stores/b4ker1/v3/?x=1",
        "http://169.254.169.254/stores/b4ker1",
        "https://api.bigcommerce.com/stores/b4ker1\n",
    ],
)
def test_no_other_host_is_asked_than_the_shops_api(path):
    with pytest.raises(ValidationError):
        BigCommerceInput(api_path=path, access_token="t" * 31)
