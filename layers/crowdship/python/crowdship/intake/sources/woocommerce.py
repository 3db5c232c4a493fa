"""WooCommerce shops: paid orders, changed orders, and what was called off."""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import Field

from crowdship.intake.model import DeliveryRequest, Place
from crowdship.intake.places.model import Address
from crowdship.intake.sources.model import (
    GRAMS_WITHOUT_WEIGHT,
    Cancellation,
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
from crowdship.merchants.model import SourceName
from crowdship.pricing.terms import CancelReason
from crowdship.vault.model import Contact

NAME: SourceName = SourceName.WOOCOMMERCE
HEADERS: tuple[str, ...] = (
    "X-WC-Webhook-Signature",
    "X-WC-Webhook-Topic",
    "X-WC-Webhook-Delivery-ID",
    "X-WC-Webhook-Source",
)
FORGIVING: bool = True

PING = re.compile(rb"webhook_id=\d{1,20}")

PAID = frozenset({"processing"})
"""The shop's word for an order that is paid, or need not be, and waits to be delivered."""

CALLED_OFF = frozenset({"cancelled", "refunded", "trash"})

COLLECTED = frozenset({"local_pickup", "pickup_location"})
"""Shipping methods by which customers come and fetch it themselves."""

LATITUDE, LONGITUDE, WEIGHT_G = "_crowdship_lat", "_crowdship_lon", "_crowdship_weight_g"
"""Keys of the order's ``meta_data`` that a shop may set: WooCommerce itself has no coordinates, and no weight here."""


def is_ping(message: Message) -> bool:
    """Return whether it is the unsigned form that WooCommerce sends when a webhook is saved, to be answered 200."""
    return PING.fullmatch(message.body) is not None


def verify(message: Message, secrets: Sequence[str], now: datetime) -> None:
    """Check ``X-WC-Webhook-Signature`` against the webhook's secrets; raise Unauthorized."""
    check_hmac(HEADERS[0], message, secrets)


def shop(message: Message) -> str | None:
    """Return the site's address."""
    return message.header("X-WC-Webhook-Source").rstrip("/").lower()


def message_key(message: Message) -> str:
    """Return what tells repetitions apart; raise Unprocessable if there is no delivery id.

    WooCommerce makes the delivery id from the webhook and the second, so that two orders of one second share it:
    only with the body it is a message's own.
    """
    if not (delivery_id := message.header("X-WC-Webhook-Delivery-ID")):
        raise Unprocessable("no_webhook_id", "X-WC-Webhook-Delivery-ID is missing; it tells repetitions apart.")
    return f"{delivery_id[:100]}/{sha256(message.body).hexdigest()}"


def wish(message: Message, locate: Locate) -> Wish:
    """Return what a message asks for, by its topic and the order's status; raise Unprocessable."""
    topic = message.header("X-WC-Webhook-Topic")
    if topic not in ("order.created", "order.updated", "order.deleted"):
        return Nothing("other_topic")
    data = json_object(message.body, "not_an_order")
    known = parsed(_Known, data, "not_an_order", "WooCommerce order")
    if topic == "order.deleted" or known.status in CALLED_OFF:
        return Cancellation(str(known.id), CancelReason.OTHER)
    if known.status not in PAID:
        return Nothing("not_to_be_delivered")
    return Order(order_of(data, locate))


class _Known(Lenient):
    id: int
    status: str = ""


class _Address(Lenient):
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        """The person, or else the company."""
        return f"{self.first_name} {self.last_name}".strip() or self.company.strip()


class _ShippingLine(Lenient):
    method_id: str | None = None


class _Meta(Lenient):
    key: str
    value: Any = None


class WooCommerceOrder(Lenient):
    """What is read of an order."""

    id: int
    status: str
    customer_note: str | None = None
    billing: _Address = _Address()
    shipping: _Address = _Address()
    shipping_lines: tuple[_ShippingLine, ...] = ()
    meta_data: tuple[_Meta, ...] = ()


class _Told(Lenient):
    """What a shop may tell in ``meta_data``, where every value is some text."""

    lat: float | None = Field(default=None, ge=-90, le=90, alias=LATITUDE)
    lon: float | None = Field(default=None, ge=-180, le=180, alias=LONGITUDE)
    weight_g: int = Field(default=GRAMS_WITHOUT_WEIGHT, alias=WEIGHT_G)


def order_of(data: dict[str, Any], locate: Locate) -> DeliveryRequest:
    """Return the delivery that an order asks for.

    Raises
    ------
    Unprocessable
        If customers fetch it themselves, it has no address or phone, nobody knows where the address is, or a field
        is not what WooCommerce documents.
    """
    order = parsed(WooCommerceOrder, data, "not_an_order", "WooCommerce order")
    if order.shipping_lines and all((line.method_id or "") in COLLECTED for line in order.shipping_lines):
        raise Unprocessable("collected_by_customer", "The customer fetches the order: its shipping method is a pickup.")
    to = order.shipping if order.shipping.address_1.strip() else order.billing
    if not to.address_1.strip():
        raise Unprocessable("no_shipping_address", "The order ships nowhere: it has no address_1.")
    # The billing phone is the buyer's: of the country shipped to only if that is the buyer's own address.
    phone = phone_of(
        [
            (to.phone, to.country),
            (order.billing.phone, order.billing.country if order.billing.country == to.country else None),
        ],
        "/billing/phone",
    )
    town = f"{to.postcode} {to.city}".strip()
    contact = parsed(
        Contact,
        {
            "name": (to.name or order.billing.name or "Customer")[:120],
            "phone": phone,
            "email": order.billing.email or None,
            "address": ", ".join(line for line in (to.address_1.strip(), to.address_2.strip(), town) if line)[:300],
            "notes": (order.customer_note or "")[:280],
        },
        "not_an_order",
        "WooCommerce order",
    )
    given = {meta.key: meta.value for meta in order.meta_data if meta.value not in (None, "")}
    told = parsed(_Told, given, "not_an_order", "WooCommerce order")
    asked: dict[str, Any] = {"external_id": str(order.id), "parcel": {"weight_g": told.weight_g}}
    if told.lat is None or told.lon is None:
        point = locate(Address.of(to.address_1, town, to.state, country=to.country))
    else:
        point = Point(lat=told.lat, lon=told.lon)
    asked["dropoff"] = Place(contact=contact, point=point)
    return parsed(DeliveryRequest, asked, "not_an_order", "WooCommerce order")
