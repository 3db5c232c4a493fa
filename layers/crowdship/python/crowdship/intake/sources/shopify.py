"""Shopify shops: new, changed and cancelled orders, and the requests that privacy law has Shopify send."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any

from pydantic import StringConstraints

from crowdship.intake.orders.model import DeliveryRequest
from crowdship.intake.sources.model import (
    About,
    Ask,
    Cancellation,
    Erasure,
    Farewell,
    Inquiry,
    Locate,
    Message,
    Nothing,
    Order,
    Shop,
    Wish,
    check_hmac,
)
from crowdship.intake.sources.orders import ShopOrder, attributes_of
from crowdship.intake.sources.reading import Part, json_object, part_of, point_of
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants.connections import Connection, SourceName
from crowdship.pricing.terms import CancelReason
from crowdship.vault.model import LONGEST_NAME


class ShopifyInput(Connection):
    """A Shopify shop and the secret it signs with."""

    shop_domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]+\.[a-z]{2,}$")]
    shared_secret: Annotated[str, StringConstraints(min_length=16, max_length=200)]

    @property
    def shop(self) -> str:
        """The shop's domain."""
        return self.shop_domain

    @property
    def chosen_secret(self) -> str:
        """The secret of the shop's app."""
        return self.shared_secret


NAME: SourceName = SourceName.SHOPIFY
TITLE: str = "Shopify shop"
SUMMARY: str = (
    "Turn a signed Shopify order into a delivery, change it, cancel it, or erase its people; once per message."
)
STAFF_PATH: str = "shopify"
CONNECTION: type[Connection] | None = ShopifyInput
CHOOSES_SECRET: bool = True
SIGNATURE = "X-Shopify-Hmac-SHA256"
HEADERS: Mapping[str, str] = {
    SIGNATURE: "The shop's HMAC-SHA256 over the raw body, in base64",
    "X-Shopify-Topic": "The kind of message, for example `orders/create`",
    "X-Shopify-Webhook-Id": "The message's id, the same on every repetition; required for orders",
    "X-Shopify-Shop-Domain": "The shop, which must be the one that is connected to the merchant",
}
CONTENT_TYPES: tuple[str, ...] = ("application/json",)
FETCHES: bool = False
FORGIVING: bool = True

DELETED, CANCELLED = "orders/delete", "orders/cancelled"
ORDER_TOPICS = frozenset({"orders/create", "orders/updated", "orders/edited", CANCELLED})
REDACTION, GOODBYE, DATA_REQUEST = "customers/redact", "shop/redact", "customers/data_request"

ORDER_GID = "gid://shopify/Order/"
OF_OTHER_THINGS = frozenset({"order_id", "order_edit", "invoice_url", "abandoned_checkout_url"})
"""Fields that only refunds, fulfilments, edits, draft orders and checkouts have, but not orders."""

OF_ORDERS = frozenset(
    {"shipping_address", "line_items", "shipping_lines", "financial_status", "cancelled_at", "currency"}
)

REFUNDED = frozenset({"refunded", "voided"})
POINT_OF_SALE = frozenset({"pos"})

REASONS = {"inventory": CancelReason.OUT_OF_STOCK, "customer": CancelReason.CUSTOMER_CHANGED_MIND}
"""Our reason for each of Shopify's ``cancel_reason``; any other counts as the shop's own."""


def is_ping(message: Message) -> bool:
    """Return False: Shopify signs every message."""
    return False


def verify(message: Message, secrets: Sequence[str], now: datetime) -> None:
    """Check ``X-Shopify-Hmac-SHA256`` against the app's secrets; raise Unauthorized."""
    check_hmac(SIGNATURE, message, secrets)


def shop(message: Message) -> str | None:
    """Return the shop's domain."""
    return message.header("X-Shopify-Shop-Domain").strip().lower().rstrip(".")


def whole(message: Message, ask: Ask) -> Message:
    """Return the message as it is: it has the order in it."""
    return message


def message_key(message: Message) -> str:
    """Return the webhook's id, the same on every retry, with a digest of the body, because only the body is signed.

    Raises
    ------
    Unprocessable
        If the message has no id.
    """
    if not (webhook_id := message.header("X-Shopify-Webhook-Id")):
        raise Unprocessable("no_webhook_id", "X-Shopify-Webhook-Id is missing; it tells repetitions apart.")
    return f"{webhook_id[:100]}/{sha256(message.body).hexdigest()}"


def about(message: Message) -> About:
    """Return the order that a message is about, and the time of its last change."""
    data = part_of(message.body)
    if not (_is_order(data) or data.names() == {"id"}):
        return About()
    return About(data.identifier("id"), data.moment("updated_at") or data.moment("cancelled_at"))


def _is_order(data: Part) -> bool:
    """Return whether a body is certainly an order; drafts, checkouts and refunds look much like one."""
    gid = data.text("admin_graphql_api_id", 100)
    return (
        "id" in data
        and bool(data.names() & OF_ORDERS)
        and not data.names() & OF_OTHER_THINGS
        and (not gid or gid.startswith(ORDER_GID))
    )


def wish(message: Message, locate: Locate, shop: Shop | None = None) -> Wish:
    """Return what a message asks for by its body, if the topic agrees; raise Unprocessable if it can't be done."""
    topic, shop = message.header("X-Shopify-Topic"), shop or Shop()
    if topic not in {*ORDER_TOPICS, DELETED, REDACTION, GOODBYE, DATA_REQUEST}:
        return Nothing("other_topic")
    data = Part(json_object(message.body, "not_an_order"))
    if topic in (REDACTION, GOODBYE, DATA_REQUEST):
        return _privacy(topic, data)
    if "order_edit" in data:
        # An edited order is also sent whole, as orders/updated.
        return Nothing("other_topic")
    if topic == DELETED and data.names() == {"id"}:
        return Cancellation(_id_of(data), CancelReason.OTHER)
    if not _is_order(data):
        raise Unprocessable(
            "not_an_order", "The body does not have the fields of a Shopify order, which its topic says it is."
        )
    asked = _wish_of_order(data, locate, shop)
    if topic in (DELETED, CANCELLED) and not isinstance(asked, Cancellation):
        raise Unprocessable("wrong_topic", f"The body is not what Shopify sends as {topic}: the order stands.")
    return asked


def _privacy(topic: str, data: Part) -> Wish:
    """Return what a privacy message asks for; each kind has fields that no other message has."""
    if topic == REDACTION and isinstance(data.raw("orders_to_redact"), list):
        ids = (Part({"id": order}).identifier("id") for order in data.raw("orders_to_redact"))
        return Erasure(tuple(order for order in ids if order))
    if topic == DATA_REQUEST and ("data_request" in data or "orders_requested" in data):
        return Inquiry()
    if topic == GOODBYE and "shop_domain" in data and data.names() <= {"shop_id", "shop_domain"}:
        return Farewell()
    raise Unprocessable("wrong_topic", f"The body is not what Shopify sends as {topic}.")


def _wish_of_order(data: Part, locate: Locate, shop: Shop) -> Wish:
    status = data.text("financial_status", 40).lower()
    if data.text("cancelled_at", 40):
        return Cancellation(_id_of(data), REASONS.get(data.text("cancel_reason", 40).lower(), CancelReason.OTHER))
    if status in REFUNDED:
        return Cancellation(_id_of(data), CancelReason.OTHER)
    if data.text("fulfillment_status", 40).lower() in ("fulfilled", "restocked"):
        return Nothing("already_fulfilled")
    return Order(order_of(data, locate, shop))


def _id_of(data: Part) -> str:
    if found := data.identifier("id"):
        return found
    raise Unprocessable("not_an_order", "The body is no readable Shopify order: its id is no positive whole number.")


def order_of(data: Any, locate: Locate, shop: Shop | None = None) -> DeliveryRequest:
    """Return the delivery that an order asks for.

    Raises
    ------
    Unprocessable
        If it asks for none (``test_order``, ``sold_at_the_counter``, ``nothing_to_ship``, ``collected_by_customer``,
        ``no_shipping_address``, ``older_than_connection``), or it has no usable phone or address.
    """
    order, shop = data if isinstance(data, Part) else Part(data), shop or Shop()
    read = _read(order)
    if order.flag("test"):
        raise Unprocessable("test_order", "The order is a test of the shop's checkout, so it is not delivered.")
    brought = read.refuse_collected(shop)
    if order.text("source_name", 40).lower() in POINT_OF_SALE and not brought:
        raise Unprocessable(
            "sold_at_the_counter", "The order was sold at the shop's till; the customer has it already."
        )
    if _ships_nothing(order):
        raise Unprocessable("nothing_to_ship", "The order has nothing to ship, only gift cards, downloads or services.")
    if not read.street:
        raise Unprocessable("no_shipping_address", "The order ships nowhere: shipping_address has no street.")
    shop.refuse_old(read.placed_at)
    return read.request(locate, shop)


def _ships_nothing(order: Part) -> bool:
    """Return whether none of an order's remaining items is shipped; an item that does not say counts as shipped."""
    items = order.parts("line_items")

    def shipped(item: Part) -> bool:
        left = item.decimal("current_quantity")
        return left != 0 and item.flag("requires_shipping") is not False and item.flag("gift_card") is not True

    return bool(items) and not any(shipped(item) for item in items)


def _name(person: Part) -> str:
    both = f"{person.text('first_name', LONGEST_NAME)} {person.text('last_name', LONGEST_NAME)}"
    return person.text("name", LONGEST_NAME) or Part({"name": both}).text("name", LONGEST_NAME)


def _read(order: Part) -> ShopOrder:
    to, billing, customer = order.part("shipping_address"), order.part("billing_address"), order.part("customer")
    home, country = customer.part("default_address"), to.country("country_code")
    number = order.text("order_number", 30)
    town = f"{to.text('zip', 40)} {to.text('city', 100)}".strip()

    def same(other: Part) -> str | None:
        # A national number has the format of the shipping country only if its owner's address is there.
        return country if other.country("country_code") == country else None

    return ShopOrder(
        external_id=_id_of(order),
        number=order.text("name", 100) or (number and f"#{number}"),
        names=(_name(to), to.text("company", LONGEST_NAME), _name(billing), _name(customer)),
        company=to.text("company"),
        street=to.text("address1") or to.text("address2"),
        street_2=to.text("address2") if to.text("address1") else "",
        town=town,
        region=to.text("province", 100),
        country=country,
        phones=(
            (to.text("phone", 60), country),
            (billing.text("phone", 60), same(billing)),
            (customer.text("phone", 60), None),
            (home.text("phone", 60), same(home)),
            (order.text("phone", 60), None),
        ),
        phone_pointer="/shipping_address/phone",
        email=order.text("email") or order.text("contact_email"),
        notes=order.text("note", 2000),
        point=point_of(to.decimal("latitude"), to.decimal("longitude")),
        weight_g=order.decimal("total_weight"),
        tip=order.decimal("total_tip_received") or Decimal(0),
        currency=order.text("currency", 10).upper(),
        attributes=attributes_of((one.text("name", 100), one.raw("value")) for one in order.parts("note_attributes")),
        methods=[
            [line.text(name, 200) for name in ("code", "title", "delivery_category")]
            for line in order.parts("shipping_lines")
        ],
        placed_at=order.moment("created_at"),
        offset=_offset(order.text("created_at", 40)),
    )


def _offset(written: str) -> timedelta | None:
    try:
        return datetime.fromisoformat(written).utcoffset()
    except ValueError:
        return None
