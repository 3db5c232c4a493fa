"""Orders as merchants send them."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from crowdship.deliveries.model import ExternalId, Parcel, Priority, Requirements, Window
from crowdship.deliveries.sandbox import Sandbox, SandboxInput
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.merchants.model import Merchant
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
    sandbox : SandboxInput or None
        For test keys only: how the delivery is to end; happily if left out.
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
    sandbox: SandboxInput | None = None


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


def sandbox_of(request: DeliveryRequest, merchant: Merchant) -> Sandbox | None:
    """Return what makes the delivery a test, None if it is meant.

    Raises
    ------
    Unprocessable
        If a live key asks for a test.
    """
    if not merchant.livemode:
        return Sandbox(**(request.sandbox or SandboxInput()).model_dump())
    if request.sandbox:
        told = "Only a test key may say how a delivery ends; take the field out, or use a key of mode test."
        raise Unprocessable("sandbox_with_live_key", told, "/sandbox")
    return None


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
