"""Use cases at the stops: leave, arrive, pick up, hand over, fail, give back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import ON_BOARD, Delivery, FailureReason, State
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.ids import new_id
from crowdship.kernel.storage import UnitOfWork, persistently
from crowdship.proof.images import ImageStore
from crowdship.proof.model import HandOver, ProofRecord, Upload, UploadRequest
from crowdship.proof.store import ProofRow
from crowdship.routing import service as routing
from crowdship.routing.model import Route, StopKind, stops_of, timed
from crowdship.routing.travel import GreatCircle
from crowdship.routing.views import RouteView
from crowdship.tracking import service as tracking
from crowdship.vault import service as vault
from crowdship.zones import service as zones

Change = Callable[[Delivery, datetime], Delivery]
Reroute = Callable[[Route, Delivery, datetime], Route]


def route_view(driver_id: str) -> RouteView:
    """Return a driver's open stops, with whom to see at each."""
    route = routing.of(driver_id)
    found = deliveries.get_many(stop.delivery_id for stop in route.stops)
    contacts = vault.contacts_of(delivery.contacts_token for delivery in found.values())
    return RouteView.of(route, found, {d.id: contacts.get(d.contacts_token) for d in found.values()})


def _advance(
    delivery_id: str,
    driver_id: str,
    reached: frozenset[State],
    change: Change,
    reroute: Reroute | None,
    clock: Clock,
) -> Delivery:
    """Change a delivery, and the route with it; a step that was already made is answered as it stands."""

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        if before.state in reached:
            return before
        after = change(before, now)
        work = UnitOfWork()
        deliveries.keep(after, work)
        if reroute:
            route = routing.of(driver_id, before.zone_id)
            routing.keep(reroute(route, after, now), work)
        work.commit()
        return after

    return persistently(attempt)


def depart(delivery_id: str, driver_id: str, device_at: datetime | None, clock: Clock) -> Delivery:
    """Leave for the delivery's next stop, which becomes the first on the route."""
    return _advance(
        delivery_id,
        driver_id,
        frozenset({State.EN_ROUTE_TO_PICKUP, State.EN_ROUTE_TO_DROPOFF}),
        lambda delivery, now: delivery.depart(now, device_at),
        lambda route, delivery, now: route.begin(delivery_id, now),
        clock,
    )


def arrive(delivery_id: str, driver_id: str, device_at: datetime | None, clock: Clock) -> Delivery:
    """Reach the stop the driver left for."""
    return _advance(
        delivery_id,
        driver_id,
        frozenset({State.ARRIVED_AT_PICKUP, State.ARRIVED_AT_DROPOFF}),
        lambda delivery, now: delivery.arrive(now, device_at),
        None,
        clock,
    )


def pick_up(delivery_id: str, driver_id: str, device_at: datetime | None, clock: Clock) -> Delivery:
    """Take the goods on board."""
    return _advance(
        delivery_id,
        driver_id,
        frozenset({State.PICKED_UP}),
        lambda delivery, now: delivery.pick_up(now, device_at),
        lambda route, delivery, now: route.finish(delivery_id, StopKind.PICKUP, now),
        clock,
    )


def fail(delivery_id: str, driver_id: str, reason: FailureReason, device_at: datetime | None, clock: Clock) -> Delivery:
    """End without a hand-over; goods on board are brought back, which becomes a stop of its own."""

    def reroute(route: Route, delivery: Delivery, now: datetime) -> Route:
        rest = [stop for stop in route.stops if stop.delivery_id != delivery_id]
        if delivery.state is State.RETURNING:
            rules = zones.get(delivery.zone_id).settings.travel
            rest += stops_of(delivery, rules)
            rest = list(timed(rest, tracking.start_of(driver_id, delivery.dropoff, now), GreatCircle(rules)))
        return route.replan(rest, now, "delivery_failed")

    return _advance(
        delivery_id,
        driver_id,
        frozenset({State.FAILED, State.RETURNING, State.RETURNED}),
        lambda delivery, now: delivery.fail(reason, now, device_at),
        reroute,
        clock,
    )


def give_back(delivery_id: str, driver_id: str, device_at: datetime | None, clock: Clock) -> Delivery:
    """Hand the goods back where they were picked up."""
    return _advance(
        delivery_id,
        driver_id,
        frozenset({State.RETURNED}),
        lambda delivery, now: delivery.give_back(now, device_at),
        lambda route, delivery, now: route.finish(delivery_id, StopKind.RETURN, now),
        clock,
    )


def _record(delivery: Delivery, driver_id: str) -> ProofRecord:
    return ProofRow.load(delivery.id) or ProofRecord(id=delivery.id, driver_id=driver_id)


def _save(record: ProofRecord) -> None:
    work = UnitOfWork()
    work.store(ProofRow.of(record))
    work.commit()


def announce_upload(
    delivery_id: str, driver_id: str, request: UploadRequest, images: ImageStore, clock: Clock
) -> dict[str, Any]:
    """Return a form that takes one picture of a delivery, and remember that it will come."""
    delivery = deliveries.get_of_driver(delivery_id, driver_id)
    if delivery.state not in ON_BOARD:
        raise Unprocessable("nothing_on_board", f"The delivery is {delivery.state}; proof is taken at the drop-off.")
    upload = Upload(
        kind=request.checked().kind,
        object_key=f"{delivery_id}/{new_id(request.kind)}",
        content_type=request.content_type,
        announced_at=clock.now(),
    )
    persistently(lambda: _save(_record(delivery, driver_id).announce(upload)))
    return images.form(upload)


def hand_over(delivery_id: str, driver_id: str, handed: HandOver, images: ImageStore, clock: Clock) -> Delivery:
    """Complete a delivery: proof, state and route change together, and only if everything required is there.

    Raises
    ------
    Unprocessable
        If something required is missing, or the PIN is wrong; a wrong PIN is counted.
    """

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        if before.state is State.DELIVERED:
            return before
        after = before.hand_over(now, handed.device_at)
        record = _record(before, driver_id)
        if before.requirements.pin:
            record = _match_pin(record, before, handed)
        found = tuple(images.found(upload) for upload in record.uploads)
        route = routing.of(driver_id, before.zone_id)
        work = UnitOfWork()
        work.store(ProofRow.of(record.capture(before, handed, found, now)))
        deliveries.keep(after, work)
        routing.keep(route.finish(delivery_id, StopKind.DROPOFF, now), work)
        work.commit()
        return after

    return persistently(attempt)


def _match_pin(record: ProofRecord, delivery: Delivery, handed: HandOver) -> ProofRecord:
    checked = record.check_pin(vault.contacts(delivery.contacts_token).pin or "", handed.pin)
    if checked.pin_matched:
        return checked
    _save(checked)
    raise Unprocessable("wrong_pin", f"That is not the PIN; wrong so far: {checked.pin_failures}.", "/pin")
