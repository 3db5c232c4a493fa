"""Use case of the customer: the page of a delivery, by its link."""

from datetime import datetime
from typing import Any

from crowdship.contact import calls, messages
from crowdship.contact.times import may_contact, was_reachable
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CLOSED, WITH_DRIVER, State
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone
from crowdship.kernel.geo import Point
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.proof import service as proofs
from crowdship.routes import service as routing
from crowdship.routes.route import Route
from crowdship.sandbox import model as sandbox
from crowdship.tracking.model import Position
from crowdship.tracking.page.views import (
    TrackedMerchant,
    TrackedPicture,
    TrackedStep,
    TrackingView,
    failure_of,
    was_left_at_door,
)
from crowdship.tracking.service import expected_arrival
from crowdship.tracking.store import PositionRow
from crowdship.travel.expectation import Arrival
from crowdship.vault import service as vault
from crowdship.zones import service as zones


def _is_on_the_way_to(delivery: Delivery, route: Route, position: Position) -> bool:
    """Return whether a driver has set out for a stop of this delivery, and is at no place where only others have stops.

    Only then is their position shown to the customer: before, it would show other customers' doors.
    """
    first = route.stops[0] if route.stops else None
    if first is None or first.delivery_id != delivery.id or not first.started:
        return False
    return all(delivery.id in visit.delivery_ids for visit in position.visits if visit.is_there)


def customer_view(delivery_id: str, clock: Clock, token: str = "") -> TrackingView:
    """Return the customer's view of a delivery: where it is while it is open, its outcome once it is closed.

    Parameters
    ----------
    token : str
        The token of the customer's link, under which pictures are seen.
    """
    delivery, now = deliveries.get(delivery_id), clock.now()
    merchant = merchants.known(delivery.merchant_id)
    view = TrackingView.of(
        delivery,
        deliveries.rating_of(delivery_id) if delivery.state is State.DELIVERED else None,
        merchant,
        now,
        state=delivery.state,
        as_of=now,
        order_number=delivery.known_as,
        eta=None if delivery.state in CLOSED else delivery.eta,
        promised_until=delivery.dropoff_window.closes_at,
        merchant=TrackedMerchant.of(merchant),
        pin=_pin(delivery),
        failure=failure_of(delivery),
        left_at_door=was_left_at_door(delivery),
        timeline=TrackedStep.all_of(delivery),
        time_zone=time_zone(delivery, merchant),
        contact=may_contact(delivery, now),
        calls=calls.are_offered() and may_contact(delivery, now),
        unread=messages.unread_by_customer(delivery_id) if was_reachable(delivery) else 0,
        proof=tuple(
            TrackedPicture(kind=image.kind, url=f"/v1/track/{token}/proof/{image.kind}")
            for image in proofs.shown_to_customer(delivery)
        ),
    )
    if delivery.state not in WITH_DRIVER - {State.RETURNING}:
        return view
    seen = _driver_of(delivery, now) if delivery.livemode else _test_driver_of(delivery)
    return view.model_copy(update=seen)


def _driver_of(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """Return what the customer sees of the driver, and the arrival that follows from it."""
    driver, route = drivers.get(delivery.driver), routing.of(delivery.driver)
    position = PositionRow.load(delivery.driver)
    fix = position.fix if position and _is_on_the_way_to(delivery, route, position) else None
    return {
        **_told(delivery, expected_arrival(delivery, route, position, now)),
        "driver_name": _first_name(driver),
        "vehicle": driver.vehicle.kind,
        **(_on_the_map(delivery, fix.point, fix.device_at) if fix else {}),
    }


def _test_driver_of(delivery: Delivery) -> dict[str, Any]:
    sight = sandbox.seen(delivery)
    return {
        "driver_name": sandbox.DRIVER_NAME,
        "vehicle": sandbox.VEHICLE,
        **(_on_the_map(delivery, sight.point, sight.at) if sight else {}),
    }


def _on_the_map(delivery: Delivery, position: Point, at: datetime) -> dict[str, Any]:
    return {"position": position, "position_at": at, "destination": delivery.dropoff}


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


def time_zone(delivery: Delivery, merchant: Merchant) -> str | None:
    """Return the time zone of the zone, or that of the shop in it; None if neither keeps hours."""
    for hours in (zones.get(delivery.zone_id).settings.hours, merchant.hours):
        if hours:
            return hours.time_zone
    return None


def _first_name(driver: Driver) -> str | None:
    try:
        return vault.person(driver.person_token).name.split()[0]
    except Gone:  # erased
        return None
