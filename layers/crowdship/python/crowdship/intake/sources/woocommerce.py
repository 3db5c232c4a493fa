"""WooCommerce shops: paid, changed and cancelled orders."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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
    check_hmac,
)
from crowdship.intake.sources.orders import LATITUDE, LONGITUDE, WEIGHT_G, ShopOrder, attributes_of
from crowdship.intake.sources.reading import Part, decimal_of, json_object, part_of, point_of
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants.connections import Connection, SourceName
from crowdship.pricing.terms import CancelReason
from crowdship.vault.model import LONGEST_NAME


class WooCommerceInput(Connection):
    """A WooCommerce shop."""

    shop_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=300)] = Field(
        description="The site's address, as WordPress has it in its general settings",
        examples=["https://bakery.example"],
    )

    @property
    def shop(self) -> str:
        """The site's address."""
        return self.shop_url.rstrip("/").lower()


NAME: SourceName = SourceName.WOOCOMMERCE
TITLE: str = "WooCommerce shop"
SUMMARY: str = "Turn a signed WooCommerce order into a delivery once it is paid, change it, or cancel it."
STAFF_PATH: str = "woocommerce"
CONNECTION: type[Connection] | None = WooCommerceInput
CHOOSES_SECRET: bool = False
SIGNATURE = "X-WC-Webhook-Signature"
HEADERS: Mapping[str, str] = {
    SIGNATURE: "The webhook's HMAC-SHA256 over the raw body, in base64",
    "X-WC-Webhook-Topic": "`order.created`, `order.updated` or `order.deleted`",
    "X-WC-Webhook-Delivery-ID": "Tells repetitions apart, together with the body",
    "X-WC-Webhook-Source": "The site's address, which must be the one that is connected to the merchant",
}
CONTENT_TYPES: tuple[str, ...] = ("application/json", "application/x-www-form-urlencoded")
"""The ping is sent as a form."""
FETCHES: bool = False
FORGIVING: bool = True

PING = re.compile(rb"webhook_id=[0-9]{1,20}")

ORDER_TOPICS = frozenset({"order.created", "order.updated"})
DELETED = "order.deleted"

PAID = frozenset({"processing"})
"""Statuses of an order that is paid, or need not be, and waits to be delivered."""

CALLED_OFF = frozenset({"cancelled", "refunded", "failed", "trash"})
HELD = frozenset({"pending", "on-hold"})
"""Statuses of an order that waits for its payment."""

OF_ORDERS = frozenset({"status", "billing", "shipping", "order_key", "line_items"})

TEST_MODES = {
    "_wcpay_mode": frozenset({"test", "dev"}),
    "_ppcp_paypal_payment_mode": frozenset({"sandbox"}),
}
"""Order attributes, and their values, by which payment plugins mark an order as a test."""


def is_ping(message: Message) -> bool:
    """Return whether it is the unsigned form that WooCommerce sends when a webhook is saved, to be answered 200."""
    return PING.fullmatch(message.body) is not None


def verify(message: Message, secrets: Sequence[str], now: datetime) -> None:
    """Check ``X-WC-Webhook-Signature`` against the webhook's secrets; raise Unauthorized."""
    check_hmac(SIGNATURE, message, secrets)


def shop(message: Message) -> str | None:
    """Return the site's address, as ``home_url`` gives it: the Site Address of WordPress."""
    return message.header("X-WC-Webhook-Source")


def whole(message: Message, ask: Ask) -> Message:
    """Return the message as it is: it has the order in it."""
    return message


def message_key(message: Message) -> str:
    """Return a key that is the same for every repetition; raise Unprocessable if there is no delivery id.

    WooCommerce derives the delivery id from the webhook and the second, so two orders of one second share it. The
    digest of the body tells them apart.
    """
    if not (delivery_id := message.header("X-WC-Webhook-Delivery-ID")):
        raise Unprocessable(
            "no_webhook_id", "X-WC-Webhook-Delivery-ID is missing; it is needed to recognise repetitions."
        )
    return f"{delivery_id[:100]}/{sha256(message.body).hexdigest()}"


def about(message: Message) -> About:
    """Return the order that a message is about, and the time of its last change."""
    data = part_of(message.body)
    if not (data.names() & OF_ORDERS or data.names() == {"id"}):
        return About()
    return About(data.identifier("id"), data.moment("date_modified_gmt"))


def wish(message: Message, locate: Locate, shop: Shop | None = None) -> Wish:
    """Return what a message asks for by its body, if the topic agrees; raise Unprocessable if it can't be done."""
    topic = message.header("X-WC-Webhook-Topic")
    if topic not in {*ORDER_TOPICS, DELETED}:
        return Nothing("other_topic")
    data = Part(json_object(message.body, "not_an_order"))
    external_id = _id_of(data)
    if topic == DELETED and data.names() == {"id"}:
        return Cancellation(external_id, CancelReason.OTHER)
    if not data.names() & OF_ORDERS:
        raise Unprocessable(
            "not_an_order", "The body does not have the fields of a WooCommerce order, which its topic says it is."
        )
    status = data.text("status", 40).lower().removeprefix("wc-")
    if status in CALLED_OFF or _is_refunded(data):
        return Cancellation(external_id, CancelReason.OTHER)
    if topic == DELETED:
        raise Unprocessable("wrong_topic", "The body is not what WooCommerce sends as order.deleted: the order stands.")
    if status == "completed":
        return Nothing("already_completed")
    if status not in PAID:
        return Nothing("not_to_be_delivered", held=status in HELD)
    return Order(order_of(data, locate, shop))


def _id_of(data: Part) -> str:
    if found := data.identifier("id"):
        return found
    raise Unprocessable(
        "not_an_order", "The body is no readable WooCommerce order: its id is no positive whole number."
    )


def _is_refunded(data: Part) -> bool:
    """Return whether the whole amount was refunded, even if the shop did not change the status."""
    given_back = sum((abs(one.decimal("total") or Decimal(0)) for one in data.parts("refunds")), Decimal(0))
    return given_back > 0 and given_back >= (data.decimal("total") or Decimal("Infinity"))


def order_of(data: Any, locate: Locate, shop: Shop | None = None) -> DeliveryRequest:
    """Return the delivery that an order asks for.

    Raises
    ------
    Unprocessable
        If it asks for none (``test_order``, ``sold_at_the_counter``, ``nothing_to_ship``, ``collected_by_customer``,
        ``no_shipping_address``, ``older_than_connection``), or it has no usable phone or address.
    """
    order, shop = data if isinstance(data, Part) else Part(data), shop or Shop()
    read, meta = _read(order), _meta(order)
    if any(str(meta.get(key, "")).lower() in modes for key, modes in TEST_MODES.items()):
        raise Unprocessable("test_order", "The order was paid in test mode, so it is not delivered.")
    brought = read.refuse_collected(shop)
    if re.search(r"\bpos\b", order.text("created_via", 60).lower()) and not brought:
        raise Unprocessable(
            "sold_at_the_counter", "The order was sold at the shop's till; the customer has it already."
        )
    if _ships_nothing(order):
        raise Unprocessable("nothing_to_ship", "The order has nothing to ship, only gift cards, downloads or services.")
    if not read.street or (_goes_nowhere(order) and not brought):
        raise Unprocessable("no_shipping_address", "The order ships nowhere: it has no street, or no shipping method.")
    shop.refuse_old(read.placed_at)
    return read.request(locate, shop)


def _ships_nothing(order: Part) -> bool:
    items = order.parts("line_items")
    virtual = (item.flag("virtual") or item.flag("is_virtual") or item.flag("downloadable") for item in items)
    return bool(items) and (order.flag("needs_processing") is False or all(virtual))


def _goes_nowhere(order: Part) -> bool:
    """Return whether a customer checked out without a shipping method, as with a cart without shipped goods.

    The block checkout copies the billing address to the shipping address of such an order. Orders that staff enter by
    hand often have an address and no method, and are delivered.
    """
    by_customer = order.text("created_via", 60).lower() in ("checkout", "store-api")
    return by_customer and order.raw("shipping_lines") == []


def _meta(order: Part) -> dict[str, Any]:
    return {one.text("key", 100): one.raw("value") for one in order.parts("meta_data")}


def _name(person: Part) -> str:
    both = f"{person.text('first_name', LONGEST_NAME)} {person.text('last_name', LONGEST_NAME)}"
    return Part({"name": both}).text("name", LONGEST_NAME)


def _street(address: Part) -> str:
    return address.text("address_1") or address.text("address_2")


def _read(order: Part) -> ShopOrder:
    shipping, billing, meta = order.part("shipping"), order.part("billing"), _meta(order)
    # A shipped order without a shipping address goes to the buyer's. An order without a method is not shipped.
    to = shipping if _street(shipping) or order.raw("shipping_lines") == [] else billing
    country = to.country("country")
    town = f"{to.text('postcode', 40)} {to.text('city', 100)}".strip()
    local, utc = order.moment("date_created"), order.moment("date_created_gmt")
    return ShopOrder(
        external_id=_id_of(order),
        number=order.text("number", 100),
        names=(_name(to), to.text("company", LONGEST_NAME), _name(billing), billing.text("company", LONGEST_NAME)),
        company=to.text("company"),
        street=_street(to),
        street_2=to.text("address_2") if to.text("address_1") else "",
        town=town,
        region=to.text("state", 100),
        country=country,
        phones=(
            (to.text("phone", 60), country),
            # The billing phone has the format of the shipping country only if the order is shipped to the buyer's
            # address.
            (billing.text("phone", 60), country if billing.country("country") == country else None),
        ),
        phone_pointer="/billing/phone",
        email=billing.text("email"),
        notes=order.text("customer_note", 2000),
        point=point_of(decimal_of(meta.get(LATITUDE)), decimal_of(meta.get(LONGITUDE))),
        weight_g=decimal_of(meta.get(WEIGHT_G)),
        tip=None,
        currency=order.text("currency", 10).upper(),
        attributes=attributes_of(meta.items()),
        methods=[
            [line.text(name, 200) for name in ("method_id", "method_title")] for line in order.parts("shipping_lines")
        ],
        placed_at=utc,
        offset=_offset(local, utc),
    )


def _offset(local: datetime | None, utc: datetime | None) -> timedelta | None:
    """Return the shop's offset from UTC when the order was placed, in whole quarters of an hour."""
    if local is None or utc is None:
        return None
    quarters = round((local - utc) / timedelta(minutes=15))
    return timedelta(minutes=15 * quarters) if abs(quarters) <= 4 * 14 else None
