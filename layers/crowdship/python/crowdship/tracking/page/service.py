"""Use case of the customer: the page of a delivery, by its link."""

from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CLOSED, State
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.routes import service as routing
from crowdship.routes.route import Route
from crowdship.sandbox import model as sandbox
from crowdship.tracking.model import Position
from crowdship.tracking.page.actions import CustomerActions
from crowdship.tracking.service import expected_arrival
from crowdship.tracking.store import PositionRow
from crowdship.travel.expectation import Arrival
from crowdship.vault import service as vault


class TrackedMerchant(Value):
    """The merchant as its customers see it, with its support contacts."""

    name: str
    colour: str | None
    logo_url: str | None
    support_phone: str | None
    support_email: str | None

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return the view of a merchant."""
        return cls(name=merchant.sender, **merchant.branding.model_dump(exclude={"sender_name"}))


class TrackingView(CustomerActions):
    """The customer's view of a delivery, with only what a customer needs; once it is closed, only its outcome.

    Parameters
    ----------
    eta_earliest, eta_latest : datetime or None
        Four of five such arrivals are between these; null while no driver is under way.
    pin : str or None
        The PIN that the driver asks for, shown here for a customer who got no message; null if none is asked for, or
        no longer.
    """

    state: State
    order_number: str = Field(description="The number by which the shop knows the order")
    eta: Moment | None
    eta_earliest: Moment | None = None
    eta_latest: Moment | None = None
    promised_until: Moment
    driver_name: str | None = None
    vehicle: str | None = None
    position: Point | None = None
    position_at: Moment | None = None
    merchant: TrackedMerchant | None = None
    pin: str | None = None


def _is_on_the_way_to(delivery: Delivery, route: Route, position: Position) -> bool:
    """Return whether a driver has set out for a stop of this delivery, and is at no place where only others have stops.

    Only then is their position shown to the customer: before, it would show other customers' doors.
    """
    first = route.stops[0] if route.stops else None
    if first is None or first.delivery_id != delivery.id or not first.started:
        return False
    return all(delivery.id in visit.delivery_ids for visit in position.visits if visit.is_there)


def customer_view(delivery_id: str, clock: Clock) -> TrackingView:
    """Return the customer's view of a delivery: its whereabouts while it is open, its outcome once it is closed."""
    delivery, now = deliveries.get(delivery_id), clock.now()
    merchant = merchants.known(delivery.merchant_id)
    view = TrackingView.of(
        delivery,
        deliveries.rating_of(delivery_id) if delivery.state is State.DELIVERED else None,
        merchant,
        now,
        state=delivery.state,
        order_number=delivery.known_as,
        eta=None if delivery.state in CLOSED else delivery.eta,
        promised_until=delivery.dropoff_window.closes_at,
        merchant=TrackedMerchant.of(merchant),
        pin=_pin(delivery),
    )
    if delivery.driver_id is None or delivery.state in CLOSED | {State.RETURNING}:
        return view
    if not delivery.livemode:
        sight = sandbox.seen(delivery)
        return view.model_copy(
            update={
                "driver_name": sandbox.DRIVER_NAME,
                "vehicle": sandbox.VEHICLE,
                "position": sight and sight.point,
                "position_at": sight and sight.at,
            }
        )
    driver, route = drivers.get(delivery.driver_id), routing.of(delivery.driver_id)
    position = PositionRow.load(delivery.driver_id)
    shown = position if position and _is_on_the_way_to(delivery, route, position) else None
    return view.model_copy(
        update={
            **_told(delivery, expected_arrival(delivery, route, position, now)),
            "driver_name": _first_name(driver),
            "vehicle": driver.vehicle.kind,
            "position": shown and shown.fix.point,
            "position_at": shown and shown.fix.device_at,
        }
    )


def _pin(delivery: Delivery) -> str | None:
    if not delivery.requirements.pin or delivery.state in CLOSED | {State.RETURNING}:
        return None
    try:
        return vault.contacts(delivery.contacts_token).pin
    except Gone:  # erased
        return None


def _told(delivery: Delivery, expected: Arrival | None) -> dict[str, datetime | None]:
    if expected is None:
        return {"eta": delivery.eta}
    return {"eta": expected.at, "eta_earliest": expected.earliest, "eta_latest": expected.latest}


def _first_name(driver: Driver) -> str | None:
    try:
        return vault.person(driver.person_token).name.split()[0]
    except Gone:  # erased
        return None
