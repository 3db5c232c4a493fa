"""Use cases of tracking."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import WITH_DRIVER, Delivery, State, StopKind
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.storage import UnitOfWork, persistently
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.routing import service as routing
from crowdship.routing.maps import travel_times
from crowdship.routing.model import Route, Start, timed
from crowdship.sandbox import model as sandbox
from crowdship.tracking.model import Fix, Position, plausible
from crowdship.tracking.store import PositionRow, TrailRow
from crowdship.vault import service as vault
from crowdship.zones import service as zones


class Recorded(Value):
    """What became of a batch of fixes."""

    accepted: int
    dropped: dict[str, int]


class TrackedMerchant(Value):
    """Who the delivery is from, and whom to ask."""

    name: str
    colour: str | None
    logo_url: str | None
    support_phone: str | None
    support_email: str | None

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return a merchant as it shows itself to its customers."""
        return cls(name=merchant.sender, **merchant.branding.model_dump(exclude={"sender_name"}))


class TrackingView(Value):
    """What a customer sees: no more than they need, only while it is under way."""

    state: State
    eta: Moment | None
    promised_until: Moment
    driver_name: str | None = None
    vehicle: str | None = None
    position: Point | None = None
    position_at: Moment | None = None
    merchant: TrackedMerchant | None = None


def newest(driver_ids: Iterable[str]) -> dict[str, Position]:
    """Return the newest positions of some drivers, by driver."""
    return {position.id: position for position in PositionRow.load_many(driver_ids)}


def start_of(driver_id: str, fallback: Point, now: datetime) -> Start:
    """Return where a driver's remaining route begins; ``fallback`` if they never sent a position."""
    position = PositionRow.load(driver_id)
    return Start(position.fix.point if position else fallback, now)


def record(driver_id: str, fixes: Sequence[Fix], clock: Clock) -> Recorded:
    """Keep a batch of positions and notice when the driver is nearly at the next drop-off."""
    now = clock.now()

    def attempt() -> tuple[list[Fix], dict[str, int]]:
        known = PositionRow.load(driver_id)
        kept, dropped = plausible(fixes, known.fix if known else None, now)
        if kept:
            position = Position(
                id=driver_id,
                fix=kept[-1],
                received_at=now,
                stored_version=known.stored_version if known else 0,
            )
            # The trail goes first: a batch that is sent again after a crash finds its fixes not yet known.
            TrailRow.of(driver_id, kept, now).save(add_version_condition=False)
            work = UnitOfWork()
            work.store(PositionRow.of(position))
            work.commit()
        return kept, dropped

    kept, dropped = persistently(attempt)
    if kept:
        _notice_approach(driver_id, kept[-1].point, now)
    return Recorded(accepted=len(kept), dropped=dropped)


def place(driver_id: str, point: Point, clock: Clock) -> None:
    """Take a driver's word for where they are, whatever was known before: they were off duty in between."""

    def attempt() -> None:
        known, now = PositionRow.load(driver_id), clock.now()
        fix = Fix(point=point, device_at=now)
        version = known.stored_version if known else 0
        work = UnitOfWork()
        work.store(PositionRow.of(Position(id=driver_id, fix=fix, received_at=now, stored_version=version)))
        work.commit()

    persistently(attempt)


def _notice_approach(driver_id: str, here: Point, now: datetime) -> None:
    route = routing.of(driver_id)
    nearest = route.stops[0] if route.stops else None
    if nearest is None or nearest.kind is not StopKind.DROPOFF or not nearest.started:
        return
    if distance_m(here, nearest.point) <= zones.get(route.zone_id).settings.approaching_m:
        deliveries.change(nearest.delivery_id, lambda delivery: delivery.approach(now))


def live_eta(delivery: Delivery, clock: Clock) -> datetime | None:
    """Return when a driver is expected at the customer, from where they are now; None if nobody is to come."""
    if delivery.driver_id is None or delivery.state not in WITH_DRIVER or not delivery.livemode:
        return delivery.eta
    return _expected(delivery, routing.of(delivery.driver_id), PositionRow.load(delivery.driver_id), clock.now())


def _expected(delivery: Delivery, route: Route, position: Position | None, now: datetime) -> datetime | None:
    if route.eta_of(delivery.id, StopKind.DROPOFF) is None:
        return delivery.eta
    travel = travel_times(zones.get(delivery.zone_id).settings.travel)
    stops = timed(route.stops, Start(position.fix.point if position else delivery.pickup, now), travel)
    return route.with_changes(stops=stops).eta_of(delivery.id, StopKind.DROPOFF)


def _is_on_the_way_to(delivery: Delivery, route: Route) -> bool:
    """Return whether a driver heads for nobody but this customer, or for the shop on their behalf.

    Until then their position would show other customers' doors.
    """
    first = route.stops[0] if route.stops else None
    if first is None or first.delivery_id != delivery.id:
        return False
    return first.kind is StopKind.DROPOFF or (first.kind is StopKind.PICKUP and first.started)


def customer_view(delivery_id: str, clock: Clock) -> TrackingView:
    """Return what the customer of a delivery may see.

    Raises
    ------
    Gone
        Once the delivery is closed.
    """
    delivery = deliveries.get(delivery_id)
    if delivery.state not in WITH_DRIVER and delivery.state not in (State.CREATED, State.OFFERED):
        raise Gone("tracking_closed", f"The delivery is {delivery.state}; it can't be followed any more.")
    view = TrackingView(
        state=delivery.state,
        eta=delivery.eta,
        promised_until=delivery.dropoff_window.closes_at,
        merchant=TrackedMerchant.of(merchants.known(delivery.merchant_id)),
    )
    if delivery.driver_id is None or delivery.state is State.RETURNING:
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
    shown = position if _is_on_the_way_to(delivery, route) else None
    return view.model_copy(
        update={
            "eta": _expected(delivery, route, position, clock.now()),
            "driver_name": _first_name(driver),
            "vehicle": driver.vehicle.kind,
            "position": shown and shown.fix.point,
            "position_at": shown and shown.fix.device_at,
        }
    )


def _first_name(driver: Driver) -> str | None:
    try:
        return vault.person(driver.person_token).name.split()[0]
    except Gone:  # erased
        return None
