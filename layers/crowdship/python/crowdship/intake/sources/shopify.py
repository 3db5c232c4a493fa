"""Shopify shops: new orders, and what privacy law has Shopify ask for."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from crowdship.intake.model import DeliveryRequest, Place
from crowdship.intake.places.model import Address
from crowdship.intake.sources.model import (
    GRAMS_WITHOUT_WEIGHT,
    Erasure,
    Farewell,
    Inquiry,
    Lenient,
    Locate,
    Message,
    Nothing,
    Order,
    Wish,
    check_hmac,
    json_object,
    parsed,
    phone_of,
)
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.merchants.model import SourceName
from crowdship.vault.model import Contact

NAME: SourceName = SourceName.SHOPIFY
HEADERS: tuple[str, ...] = (
    "X-Shopify-Hmac-SHA256",
    "X-Shopify-Topic",
    "X-Shopify-Webhook-Id",
    "X-Shopify-Shop-Domain",
)
FORGIVING: bool = True


def is_ping(message: Message) -> bool:
    """Return False: Shopify signs whatever it sends."""
    return False


def verify(message: Message, secrets: Sequence[str], now: datetime) -> None:
    """Check ``X-Shopify-Hmac-SHA256`` against the app's secrets; raise Unauthorized."""
    check_hmac(HEADERS[0], message, secrets)


def shop(message: Message) -> str | None:
    """Return the shop's domain."""
    return message.header("X-Shopify-Shop-Domain").lower()


def message_key(message: Message) -> str:
    """Return the webhook's id, the same on every retry; raise Unprocessable if there is none."""
    if not (webhook_id := message.header("X-Shopify-Webhook-Id")):
        raise Unprocessable("no_webhook_id", "X-Shopify-Webhook-Id is missing; it tells repetitions apart.")
    return webhook_id


def wish(message: Message, locate: Locate) -> Wish:
    """Return what a message asks for, by its topic; raise Unprocessable."""
    match message.header("X-Shopify-Topic"):
        case "orders/create":
            return Order(order_of(json_object(message.body, "not_an_order"), locate))
        case "customers/redact":
            redaction = parsed(_Redaction, json_object(message.body, "not_a_redaction"), "not_a_redaction", "redaction")
            return Erasure(tuple(str(order) for order in redaction.orders_to_redact))
        case "shop/redact":
            return Farewell()
        case "customers/data_request":
            return Inquiry()
        case _:
            return Nothing("other_topic")


class _Redaction(Lenient):
    orders_to_redact: tuple[int, ...] = ()


class _ShippingAddress(Lenient):
    name: str | None = None
    phone: str | None = None
    country_code: str | None = None
    address1: str
    address2: str | None = None
    city: str | None = None
    zip: str | None = None
    province: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class ShopifyOrder(Lenient):
    """What is read of an order."""

    id: int
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    total_weight: int | None = None
    currency: str
    total_tip_received: Decimal | None = Field(default=None, ge=0, le=1_000_000)
    shipping_address: _ShippingAddress


def order_of(data: dict[str, Any], locate: Locate) -> DeliveryRequest:
    """Return the delivery that an ``orders/create`` payload asks for.

    Raises
    ------
    Unprocessable
        If it ships nowhere, nobody knows where that is, it has no phone, or a field is not what Shopify documents.
    """
    if not data.get("shipping_address"):
        raise Unprocessable("no_shipping_address", "The order ships nowhere: shipping_address is missing.")
    order = parsed(ShopifyOrder, data, "not_an_order", "Shopify order")
    to = order.shipping_address
    # The order's own phone is the buyer's, who need not live where it ships to.
    phone = phone_of([(to.phone, to.country_code), (order.phone, None)], "/shipping_address/phone")
    town = f"{to.zip or ''} {to.city or ''}".strip()
    contact = {
        "name": to.name or "Customer",
        "phone": phone,
        "email": order.email or None,
        "address": ", ".join(line for line in (to.address1, to.address2, town) if line)[:300],
        "notes": (order.note or "")[:280],
    }
    asked: dict[str, Any] = {
        "external_id": str(order.id),
        "parcel": {"weight_g": order.total_weight or GRAMS_WITHOUT_WEIGHT},
        "tip": _minor(order.total_tip_received, order.currency),
        "tip_currency": order.currency,
    }
    known = parsed(Contact, contact, "not_an_order", "Shopify order")
    if to.latitude is None or to.longitude is None:
        point = locate(Address.of(to.address1, town, to.province, country=to.country_code))
    else:
        point = Point(lat=to.latitude, lon=to.longitude)
    asked["dropoff"] = Place(contact=known, point=point)
    return parsed(DeliveryRequest, asked, "not_an_order", "Shopify order")


def _minor(tip: Decimal | None, currency: str) -> int:
    try:
        return Money.of(tip or Decimal(0), currency).amount
    except ValueError as error:
        raise Unprocessable("not_an_order", f"The body is no Shopify order we can read: {error}") from error
