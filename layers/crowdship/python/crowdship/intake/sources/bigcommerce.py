"""BigCommerce shops: a message names an order, which is then fetched from the shop's Orders API V2.

A message has no signature. It carries a header that was agreed when the webhook was made. Only the number of the order
is taken from it; everything else is read from the shop's own API.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from crowdship.intake.orders.model import DeliveryRequest
from crowdship.intake.sources.model import (
    About,
    Ask,
    Cancellation,
    Locate,
    Message,
    Nothing,
    Order,
    Shop,
    Wish,
)
from crowdship.intake.sources.orders import LATITUDE, LONGITUDE, WEIGHT_G, ShopOrder, attributes_of
from crowdship.intake.sources.reading import Part, decimal_of, json_object, part_of, point_of
from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.kernel.signatures import equal
from crowdship.merchants.connections import Connection, ShopApi, SourceName
from crowdship.pricing.terms import CancelReason
from crowdship.vault.model import LONGEST_NAME

_API_PATH = r"(https://api\.bigcommerce\.com|http://127\.0\.0\.1:[0-9]{2,5})/stores/([a-z0-9]{1,40})"


class BigCommerceInput(Connection):
    """A BigCommerce shop, and the API account by which its orders are read."""

    api_path: Annotated[str, StringConstraints(pattern=rf"^{_API_PATH}(/v[23])?/?$", max_length=120)] = Field(
        description="The API account's path; the local stage also takes that of the imitated shop",
        examples=["https://api.bigcommerce.com/stores/b4ker1/v3/"],
    )
    access_token: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{8,200}$")] = Field(
        description="The API account's token; it must be allowed to read orders",
        examples=["0123456789abcdefghijklmnopqrstu"],
    )

    @property
    def shop(self) -> str:
        """The store's hash, which its messages name."""
        return self.api.url.rpartition("/")[2]

    @property
    def api(self) -> ShopApi:
        """The store's API, without a version."""
        found = re.match(_API_PATH, self.api_path)
        assert found, "the pattern of the field"
        return ShopApi(url=found.group(), headers={"X-Auth-Token": self.access_token})


NAME: SourceName = SourceName.BIGCOMMERCE
TITLE: str = "BigCommerce shop"
SUMMARY: str = (
    "Fetch the order that a BigCommerce shop's message names: make a delivery of it once it is paid, change it, or "
    "cancel it."
)
STAFF_PATH: str = "bigcommerce"
CONNECTION: type[Connection] | None = BigCommerceInput
CHOOSES_SECRET: bool = False
PROOF = "X-Crowdship-Secret"
HEADERS: Mapping[str, str] = {
    PROOF: "The connection's secret, which is one of the webhook's `headers`",
}
CONTENT_TYPES: tuple[str, ...] = ("application/json",)
FETCHES: bool = True
FORGIVING: bool = True

SCOPES = frozenset(
    f"store/order/{event}" for event in ("created", "updated", "statusUpdated", "archived", "refund/created")
)
"""Events after which the order is fetched."""

MOST_LINES = 250
"""The longest page of the API. Lines and addresses beyond the first page are not needed."""

TO_DELIVER = frozenset({"3", "9", "11", "14"})
"""Partially Shipped, Awaiting Shipment, Awaiting Fulfillment, Partially Refunded: something waits to be delivered."""

AWAITING_PICKUP, SHIPPED, COMPLETED = "8", "2", "10"
CALLED_OFF = frozenset({"4", "5", "6"})
"""Refunded, Cancelled, Declined."""

HELD = frozenset({"0", "1", "7", "12", "13"})
"""Incomplete, Pending, Awaiting Payment, Manual Verification Required, Disputed: the shop waits for something."""

TEST_PAYMENTS = frozenset({"test payment gateway"})
"""The payment methods with which a shop tests its own checkout."""


def is_ping(message: Message) -> bool:
    """Return False: BigCommerce does not test an address."""
    return False


def verify(message: Message, secrets: Sequence[str], now: datetime) -> None:
    """Check that the message has one of the connection's secrets; raise Unauthorized if not."""
    given = message.header(PROOF)
    if not any(equal(secret, given) for secret in secrets):
        raise Unauthorized("bad_signature", f"{PROOF} is not the connection's secret; make the webhook with it.")


def shop(message: Message) -> str | None:
    """Return the store's hash, which follows ``stores/`` in ``producer``."""
    try:
        return Part(json_object(message.body, "not_an_order")).text("producer", 60).removeprefix("stores/")
    except Unprocessable:
        return ""


def whole(message: Message, ask: Ask) -> Message:
    """Return the message with the order, its products and its addresses as the shop has them now; raise as ``ask``."""
    named = Part(json_object(message.body, "not_an_order"))
    number = named.part("data").identifier("id")
    if named.text("scope", 60) not in SCOPES or number is None:
        return message
    at = f"/v2/orders/{number}"
    if (order := ask(at)) is None:
        raise Unprocessable("no_such_order", f"The shop's API has no order {number}.")
    fetched = {
        "order": order,
        "products": ask(f"{at}/products?limit={MOST_LINES}"),
        "shipping_addresses": ask(f"{at}/shipping_addresses?limit={MOST_LINES}"),
    }
    return replace(message, fetched=fetched)


def message_key(message: Message) -> str:
    """Return the message's hash with a digest of the order as it was fetched.

    The hash is the same whenever BigCommerce repeats a message. It is computed from a message that only names the
    order, so two changes of one order may share a hash. The digest of the order tells them apart.
    """
    if not (given := Part(json_object(message.body, "not_an_order")).text("hash", 100)):
        raise Unprocessable("no_webhook_id", "hash is missing in the body; it tells repetitions apart.")
    return f"{given}/{sha256(json.dumps(message.fetched, sort_keys=True).encode()).hexdigest()}"


def about(message: Message) -> About:
    """Return the order that a message names and, once it is fetched, the time of its last change."""
    named = part_of(message.body)
    if not named.text("scope", 60).startswith("store/order/"):
        return About()
    return About(named.part("data").identifier("id"), _order(message).mail_moment("date_modified"))


def _order(message: Message) -> Part:
    return Part(message.fetched).part("order")


def wish(message: Message, locate: Locate, shop: Shop | None = None) -> Wish:
    """Return what the order that a message names asks for now; raise Unprocessable if it can't be done."""
    named, order = Part(json_object(message.body, "not_an_order")), _order(message)
    if named.text("scope", 60) not in SCOPES:
        return Nothing("other_topic")
    external_id = order.identifier("id")
    if external_id is None or external_id != named.part("data").identifier("id"):
        raise Unprocessable("not_an_order", "The message names no order that the shop's API answers with.")
    status = order.text("status_id", 10)
    if status in CALLED_OFF or _is_refunded(order):
        return Cancellation(external_id, CancelReason.OTHER)
    if status == COMPLETED:
        return Nothing("already_completed")
    if status == SHIPPED or _is_shipped(order):
        return Nothing("already_fulfilled")
    if order.flag("is_deleted"):
        return Cancellation(external_id, CancelReason.OTHER)
    if status not in {*TO_DELIVER, AWAITING_PICKUP}:
        return Nothing("not_to_be_delivered", held=status in HELD)
    return Order(order_of(message.fetched, locate, shop))


def _is_refunded(order: Part) -> bool:
    """Return whether the whole amount was refunded, even if the shop did not change the status."""
    given_back = order.decimal("refunded_amount") or Decimal(0)
    return given_back > 0 and given_back >= (order.decimal("total_inc_tax") or Decimal("Infinity"))


def _is_shipped(order: Part) -> bool:
    items = order.decimal("items_total") or Decimal(0)
    return 0 < items <= (order.decimal("items_shipped") or Decimal(0))


def order_of(data: Any, locate: Locate, shop: Shop | None = None) -> DeliveryRequest:
    """Return the delivery that a fetched order asks for.

    Parameters
    ----------
    data : mapping
        ``order``, ``products`` and ``shipping_addresses`` as the Orders API V2 answers.

    Raises
    ------
    Unprocessable
        If it asks for none (``test_order``, ``sold_at_the_counter``, ``nothing_to_ship``, ``collected_by_customer``,
        ``several_shipping_addresses``, ``no_shipping_address``, ``older_than_connection``), or it has no usable phone
        or address.
    """
    data, shop = Part(data), shop or Shop()
    order, read = data.part("order"), _read(data)
    if order.text("payment_method", 60).lower() in TEST_PAYMENTS:
        raise Unprocessable("test_order", "The order was paid by the shop's test payment, so it is not delivered.")
    brought = read.refuse_collected(shop)
    sold_at = f"{order.text('order_source', 60)} {order.text('external_source', 60)}".lower()
    if re.search(r"\bpos\b", sold_at) and not brought:
        raise Unprocessable(
            "sold_at_the_counter", "The order was sold at the shop's till; the customer has it already."
        )
    _refuse_without_goods_to_bring(data, brought)
    if len(data.parts("shipping_addresses")) > 1:
        detail = "The order ships to several addresses, and one order is one delivery here; send them by the API."
        raise Unprocessable("several_shipping_addresses", detail)
    if not read.street:
        raise Unprocessable("no_shipping_address", "The order ships nowhere: it has no shipping address with a street.")
    shop.refuse_old(read.placed_at)
    return read.request(locate, shop)


def _refuse_without_goods_to_bring(data: Part, brought: bool) -> None:
    order, lines = data.part("order"), data.parts("products")
    goods = [line for line in lines if _is_shipped_goods(line)]
    if (lines and not goods) or (not lines and order.flag("order_is_digital")):
        raise Unprocessable("nothing_to_ship", "The order has nothing to ship, only gift certificates or downloads.")
    at_the_store = bool(goods) and all((line.decimal("order_pickup_method_id") or 0) > 0 for line in goods)
    if at_the_store or (order.text("status_id", 10) == AWAITING_PICKUP and not brought):
        raise Unprocessable("collected_by_customer", "The customer fetches the order: it is picked up in the store.")


def _is_shipped_goods(line: Part) -> bool:
    """Return whether goods of a line remain to be delivered; a line without a type counts as goods."""
    left = (line.decimal("quantity") or Decimal(1)) - (line.decimal("quantity_refunded") or Decimal(0))
    return left > 0 and line.text("type", 40).lower() not in ("digital", "giftcertificate")


def _name(person: Part) -> str:
    both = f"{person.text('first_name', LONGEST_NAME)} {person.text('last_name', LONGEST_NAME)}"
    return Part({"name": both}).text("name", LONGEST_NAME)


def _fields(address: Part) -> list[tuple[str, Any]]:
    return [(one.text("name", 100), one.raw("value")) for one in address.parts("form_fields")]


def _read(data: Part) -> ShopOrder:
    order = data.part("order")
    billing, addresses = order.part("billing_address"), data.parts("shipping_addresses")
    to = addresses[0] if addresses else Part({})
    country, external_id = to.country("country_iso2"), order.text("id", 30)
    # The last of two fields with the same name counts, so that those of the address override the buyer's.
    attributes = attributes_of([*_fields(billing), *_fields(to)])
    return ShopOrder(
        external_id=external_id,
        number=external_id,
        names=(_name(to), to.text("company", LONGEST_NAME), _name(billing), billing.text("company", LONGEST_NAME)),
        company=to.text("company"),
        street=to.text("street_1") or to.text("street_2"),
        street_2=to.text("street_2") if to.text("street_1") else "",
        town=f"{to.text('zip', 40)} {to.text('city', 100)}".strip(),
        region=to.text("state", 100),
        country=country,
        phones=(
            (to.text("phone", 60), country),
            # The billing phone has the format of the shipping country only if the billing address is there too.
            (billing.text("phone", 60), country if billing.country("country_iso2") == country else None),
        ),
        phone_pointer="/shipping_addresses/0/phone",
        email=to.text("email") or billing.text("email"),
        notes=order.text("customer_message", 2000),
        point=point_of(decimal_of(attributes.get(LATITUDE)), decimal_of(attributes.get(LONGITUDE))),
        # Products have weights, but their unit is only in the store's settings.
        weight_g=decimal_of(attributes.get(WEIGHT_G)),
        tip=None,
        currency=order.text("currency_code", 10).upper(),
        attributes=attributes,
        methods=[[address.text("shipping_method", 200)] for address in addresses],
        placed_at=order.mail_moment("date_created"),
        # BigCommerce's times are in UTC, whatever the shop's time zone is.
        offset=None,
    )
