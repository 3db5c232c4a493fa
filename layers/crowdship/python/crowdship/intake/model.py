"""Orders as merchants send them."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from crowdship.deliveries.model import ExternalId, Parcel, Priority, Requirements, Window
from crowdship.intake.phones import international
from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.vault.model import Contact
from crowdship.zones.model import ZoneSettings

MAX_AHEAD = timedelta(days=30)
MINIMUM_WINDOW = timedelta(minutes=10)
LONGEST_WINDOW = timedelta(days=1)


class Place(Value):
    """An end of a delivery: who, and where exactly."""

    contact: Contact
    point: Point


class DeliveryRequest(Value):
    """A delivery that a merchant asks for.

    Parameters
    ----------
    external_id : str
        The merchant's own id, unique among its deliveries.
    pickup : Place or None
        The merchant's store if left out.
    pickup_window, dropoff_window : Window or None
        From now, and the zone's promise, if left out.
    tip : int
        Minor units of the zone's currency.
    tip_currency : str or None
        What the tip is in, to be refused if that is not the zone's currency.
    """

    external_id: ExternalId = Field(examples=["order-1042"])
    pickup: Place | None = None
    dropoff: Place
    pickup_window: Window | None = None
    dropoff_window: Window | None = None
    parcel: Parcel = Parcel(weight_g=2000)
    requirements: Requirements = Requirements()
    priority: Priority = Priority.NORMAL
    tip: int = Field(default=0, ge=0, le=100_000)
    tip_currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")


def windows(request: DeliveryRequest, settings: ZoneSettings, now: datetime) -> tuple[Window, Window]:
    """Return the pickup and drop-off windows of a request, completed by the zone's promise and checked.

    Raises
    ------
    Unprocessable
        If a window is over, too far ahead, too long, or leaves no time between pickup and drop-off.
    """
    for name, given in (("pickup_window", request.pickup_window), ("dropoff_window", request.dropoff_window)):
        if given:
            _check(name, given, now)
    promise = timedelta(minutes=settings.promise_minutes)
    opens = request.pickup_window.opens_at if request.pickup_window else now
    pickup = request.pickup_window or Window(opens_at=opens, closes_at=opens + promise)
    dropoff = request.dropoff_window or Window(opens_at=opens, closes_at=max(opens, now) + promise)
    if dropoff.closes_at <= pickup.opens_at:
        raise Unprocessable(
            "windows_crossed", "The drop-off window closes before the pickup window opens.", "/dropoff_window"
        )
    return pickup, dropoff


def _check(name: str, window: Window, now: datetime) -> None:
    if window.closes_at < now + MINIMUM_WINDOW:
        raise Unprocessable(
            "window_over",
            f"{name} closes at {window.closes_at:%Y-%m-%dT%H:%M:%SZ}; it must be 10 minutes from now or later.",
            f"/{name}/closes_at",
        )
    if window.opens_at > now + MAX_AHEAD:
        raise Unprocessable("window_too_far", f"{name} opens in more than 30 days.", f"/{name}/opens_at")
    if window.closes_at - window.opens_at > LONGEST_WINDOW:
        told = f"{name} is open for {window.closes_at - window.opens_at}; a day is the most."
        raise Unprocessable("window_too_long", told, f"/{name}/closes_at")


class ShopifyAnswer(Value):
    """What became of a shop's order, or of another message of the shop.

    Parameters
    ----------
    ignored : str or None
        The code of the reason why it made nothing.
    acknowledged : str or None
        The topic of a message that was acted upon.
    """

    delivery_id: str | None = None
    ignored: str | None = None
    acknowledged: str | None = None


def check_shopify_signature(body: bytes, signature: str, secret: str) -> None:
    """Check that a Shopify shop sent these bytes.

    Raises
    ------
    Unauthorized
        If ``X-Shopify-Hmac-SHA256`` is not the base64 HMAC-SHA256 of the raw body under the app's secret.
    """
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise Unauthorized(
            "bad_signature",
            "X-Shopify-Hmac-SHA256 does not match the body; check the app's secret and send raw bytes.",
        )


GRAMS_WITHOUT_WEIGHT = 2000


class _ShopifyAddress(Value):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str | None = None
    phone: str | None = None
    country_code: str | None = None
    address1: str
    address2: str | None = None
    city: str = ""
    zip: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class _ShopifyOrder(Value):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    total_weight: int | None = None
    currency: str
    total_tip_received: Decimal | None = Field(default=None, ge=0, le=1_000_000)
    shipping_address: _ShopifyAddress


def from_shopify(order: Any) -> DeliveryRequest:
    """Return the delivery that a Shopify ``orders/create`` payload asks for.

    Raises
    ------
    Unprocessable
        If it has no shipping address with coordinates and a phone, or a field is not what Shopify documents.
    """
    try:
        return _asked_for(order)
    except ValueError as error:
        raise Unprocessable("not_an_order", f"The body is no Shopify order we can read: {_fault(error)}") from error


def _fault(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    faults = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'/'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)


def _asked_for(order: Any) -> DeliveryRequest:
    if not isinstance(order, dict):
        raise Unprocessable("not_an_order", f"The body is a JSON {type(order).__name__}; an order is an object.")
    if not order.get("shipping_address"):
        raise Unprocessable("no_shipping_address", "The order ships nowhere: shipping_address is missing.")
    parsed = _ShopifyOrder.model_validate(order)
    address = parsed.shipping_address
    if address.latitude is None or address.longitude is None:
        raise Unprocessable(
            "no_coordinates", "shipping_address has no latitude and longitude; Shopify could not locate it."
        )
    # The order's own phone is the buyer's, who need not live where it ships to.
    phone = international(address.phone or "", address.country_code) or international(parsed.phone or "", None)
    if phone is None:
        told = "The order has no phone in international format, and none in that of the country it ships to."
        raise Unprocessable("phone_not_international", told, "/shipping_address/phone")
    lines = [address.address1, address.address2, f"{address.zip or ''} {address.city}".strip()]
    contact = Contact(
        name=address.name or "Customer",
        phone=phone,
        email=parsed.email or None,
        address=", ".join(line for line in lines if line)[:300],
        notes=(parsed.note or "")[:280],
    )
    return DeliveryRequest(
        external_id=str(parsed.id),
        dropoff=Place(contact=contact, point=Point(lat=address.latitude, lon=address.longitude)),
        parcel=Parcel(weight_g=parsed.total_weight or GRAMS_WITHOUT_WEIGHT),
        tip=Money.of(parsed.total_tip_received or Decimal(0), parsed.currency).amount,
        tip_currency=parsed.currency,
    )


class _Redaction(Value):
    model_config = ConfigDict(extra="ignore", frozen=True)

    orders_to_redact: tuple[int, ...] = ()


def orders_to_redact(message: Any) -> list[str]:
    """Return the external ids of the orders that a ``customers/redact`` payload names.

    Raises
    ------
    Unprocessable
        If it is not what Shopify documents.
    """
    try:
        return [str(order) for order in _Redaction.model_validate(message).orders_to_redact]
    except ValidationError as error:
        raise Unprocessable("not_a_redaction", f"The body is no redaction we can read: {_fault(error)}") from error


class CancelReason(StrEnum):
    """Why a delivery is called off; codes, because free text would carry personal data into events."""

    CUSTOMER_CHANGED_MIND = "customer_changed_mind"
    OUT_OF_STOCK = "out_of_stock"
    SHOP_CLOSED = "shop_closed"
    DUPLICATE = "duplicate"
    WRONG_ADDRESS = "wrong_address"
    TAKES_TOO_LONG = "takes_too_long"
    OTHER = "other"


class CancelRequest(Value):
    """Why a delivery is called off."""

    reason: CancelReason
