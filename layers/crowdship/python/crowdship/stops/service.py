"""Use cases of a driver at the stops: depart, arrive, pick up, deliver, fail, return."""

from collections.abc import Callable
from datetime import datetime

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import (
    ARRIVED_AT,
    HEADING_FOR,
    LEFT_AT_DOOR,
    FailureReason,
    State,
)
from crowdship.dispatch import cancellation
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.geo import Point
from crowdship.proof import service as proofs
from crowdship.proof.custody import CustodyStep
from crowdship.proof.disposition import DispositionInput, is_final, refuse_unsaid
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.proof.remarks import Remarkable, RemarkedStep
from crowdship.routes import service as routing
from crowdship.routes.ended import is_shown
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.views import RouteView
from crowdship.shipment.requirements.registry import UnattendedCapture
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops.lawful import refuse_barred, refuse_closed
from crowdship.stops.planned import as_planned
from crowdship.stops.statements import doubt_about, statement
from crowdship.tracking.evidence.service import Witness, witness
from crowdship.vault import service as vault

NOTHING_CAPTURED = UnattendedCapture()
NOTHING_SAID = Remarkable()

Change = Callable[[Delivery, datetime, Doubt | None], Delivery]
Reroute = Callable[[Route, Delivery, datetime], Route]
Prove = Callable[[Delivery, datetime, Doubt | None, UnitOfWork], None]


def route_view(driver_id: str, clock: Clock) -> RouteView:
    """Return a driver's open stops, with the contact at each, and what ended since their duty began."""
    route, duty = routing.of(driver_id), drivers.get(driver_id).duty
    ended = [one.delivery_id for one in route.ended if duty and one.at >= duty.since]
    found = deliveries.get_many((*(stop.delivery_id for stop in route.stops), *ended))
    going_on = [found[stop.delivery_id] for stop in route.stops]
    contacts = vault.contacts_of(delivery.contacts_token for delivery in going_on)
    over = [found[delivery_id] for delivery_id in ended if is_shown(found[delivery_id], driver_id)]
    seen = {delivery.id: contacts.get(delivery.contacts_token) for delivery in going_on}
    return RouteView.of(route, found, seen, clock.now(), over)


def advance(
    delivery_id: str,
    driver_id: str,
    done: State | None,
    change: Change,
    reroute: Reroute,
    clock: Clock,
    witnessed: Witness | None = None,
    stated: Point | None = None,
    prove: Prove | None = None,
) -> Delivery:
    """Change a delivery and its driver's route in one write; a delivery that is ``done`` already stays as it is.

    Parameters
    ----------
    prove : callable, optional
        Checks what was captured at the stop, and adds the write of its proof.
    witnessed : Witness, optional
        The positions that the phone sent before, if its driver has to be at a stop for the change.
    stated : Point, optional
        The position that the phone sends with the step.
    """

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        if done and before.has_been(done):
            return before
        work = UnitOfWork()
        route = routing.of(driver_id, before.zone_id)
        doubt = doubt_about(before, witnessed, stated, now) if witnessed else None
        after = change(as_planned(before, route), now, doubt)
        routing.keep(reroute(route, after, now), work)
        deliveries.keep(after, work)
        if prove:
            prove(before, now, doubt, work)
        work.commit()
        _count_hold(after)
        return after

    return persistently(attempt)


def _count_hold(delivery: Delivery) -> None:
    if delivery.hold:
        metrics.add_metric("PayHeld", MetricUnit.Count, 1)
        logger.warning("pay held", delivery_id=delivery.id, driver_id=delivery.driver_id, doubts=delivery.hold.doubts)


def depart(delivery_id: str, driver_id: str, stop: StopKind, device_at: datetime | None, clock: Clock) -> Delivery:
    """Leave for a stop of the delivery, which becomes the first on the route.

    If the driver left for this stop earlier and then for another one, the route changes, but the delivery gets no new
    step. A repeated request, recognised by the device's time, changes nothing.

    Raises
    ------
    Forbidden
        If the law of the goods keeps them from the driver, who may have lost a credential since the offer.
    """
    heading = HEADING_FOR.get(stop, State.RETURNED)
    device_at = witness(driver_id, device_at).device_at

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        route = routing.of(driver_id, before.zone_id)
        set_out = before.has_been(heading)
        if set_out and (not route.awaits(delivery_id, stop) or _is_copy(before.newest_step(heading), device_at)):
            return before
        if stop is StopKind.PICKUP:
            refuse_barred(before, driver_id, before.dated(device_at, now) or now)
        work = UnitOfWork()
        after = before
        if not set_out:
            after = as_planned(before, route).depart(stop, now, device_at)
            deliveries.keep(after, work)
        routing.keep(route.begin(delivery_id, stop, now, before.dated(device_at, now)), work)
        work.commit()
        return after

    return persistently(attempt)


def _is_copy(step: Step | None, device_at: datetime | None) -> bool:
    return bool(step and step.device_at and device_at and device_at <= step.device_at)


def arrive(
    delivery_id: str,
    driver_id: str,
    stop: StopKind,
    device_at: datetime | None,
    clock: Clock,
    position: Point | None = None,
) -> Delivery:
    """Reach the stop the driver left for."""
    witnessed = witness(driver_id, device_at)
    return advance(
        delivery_id,
        driver_id,
        ARRIVED_AT.get(stop, State.RETURNED),
        lambda delivery, now, doubt: delivery.arrive(stop, now, witnessed.device_at, doubt),
        lambda route, delivery, now: route.arrive(delivery_id, stop, now),
        clock,
        witnessed,
        position,
    )


def unassign(delivery_id: str, driver_id: str, device_at: datetime | None, clock: Clock) -> Delivery:
    """Give up a delivery before the pickup; it waits for other drivers."""
    witnessed = witness(driver_id, device_at)
    return advance(
        delivery_id,
        driver_id,
        None,
        lambda delivery, now, _: delivery.unassign(now, witnessed.device_at),
        lambda route, delivery, now: route.without(delivery_id, now, ChangeReason.UNASSIGNED, driver_id),
        clock,
    )


def pick_up(
    delivery_id: str,
    driver_id: str,
    device_at: datetime | None,
    clock: Clock,
    capture: UnattendedCapture = NOTHING_CAPTURED,
    said: Remarkable = NOTHING_SAID,
    position: Point | None = None,
) -> Delivery:
    """Take the goods on board, if everything that is required for that was captured.

    Raises
    ------
    Unprocessable
        If something required is missing.
    Forbidden
        If the driver may be given no work when the goods were taken: what is on board is finished, nothing is added.
        Also if the law of the goods keeps them from the driver, who may have lost a credential since the offer.
    """
    witnessed = witness(driver_id, device_at)

    def take(delivery: Delivery, now: datetime, _: Doubt | None) -> Delivery:
        driver = drivers.get(driver_id)
        driver.refuse_obstacle(driver.day_of(delivery.dated(witnessed.device_at, now) or now))
        return delivery.pick_up(now, witnessed.device_at)

    def prove(before: Delivery, now: datetime, doubt: Doubt | None, work: UnitOfWork) -> None:
        refuse_barred(before, driver_id, before.dated(witnessed.device_at, now) or now)
        stated = statement(CustodyStep.PICKED_UP, before, witnessed, position, now, doubt)
        proofs.keep_pickup(before, stated, work, capture, said)

    return advance(
        delivery_id,
        driver_id,
        State.PICKED_UP,
        take,
        lambda route, delivery, now: route.finish(delivery_id, StopKind.PICKUP, now),
        clock,
        witnessed,
        position,
        prove,
    )


def after_failure(route: Route, delivery: Delivery, now: datetime) -> Route:
    """Take a failed delivery's stops off a route; goods on board get a stop for their return."""
    by, route = delivery.timeline[-1].actor, route.noting_end(delivery.id, now)
    if delivery.state is State.RETURNING:
        return cancellation.back_to_shop(route, delivery, now, ChangeReason.DELIVERY_FAILED, by)
    return route.without(delivery.id, now, ChangeReason.DELIVERY_FAILED, by)


def fail(
    delivery_id: str,
    driver_id: str,
    reason: FailureReason,
    position: Point | None,
    device_at: datetime | None,
    clock: Clock,
    images: ImageStore | None = None,
    capture: UnattendedCapture = NOTHING_CAPTURED,
    said: Remarkable = NOTHING_SAID,
    disposition: DispositionInput | None = None,
) -> Delivery:
    """End it at the stop without a hand-over; goods that may be left at the door count as delivered, with a photo.

    Raises
    ------
    Unprocessable
        If the driver is elsewhere, the reason is none there, a photo or another requirement is missing, or it is not
        said what became of goods that don't go back.
    """
    delivery, witnessed = deliveries.get_of_driver(delivery_id, driver_id), witness(driver_id, device_at)
    if delivery.is_taken_back(device_at):
        return delivery
    if delivery.state is State.DELIVERED or delivery.is_left(reason):
        return _leave(delivery_id, driver_id, position, witnessed, capture, said, images, clock)

    def prove(before: Delivery, now: datetime, doubt: Doubt | None, work: UnitOfWork) -> None:
        ended = disposition if is_final(before, reason) else None
        if is_final(before, reason):
            refuse_unsaid(before, ended)
        stated = statement(CustodyStep.FAILED, before, witnessed, position, now, doubt, reason)
        proofs.keep_failure(
            before, stated, work, driver_id=driver_id, images=images, said=said, capture=capture, disposition=ended
        )

    return advance(
        delivery_id,
        driver_id,
        State.FAILED,
        lambda delivery, now, doubt: delivery.fail(reason, position, now, witnessed.device_at, doubt).stated(device_at),
        after_failure,
        clock,
        witnessed,
        position,
        prove,
    )


def _leave(
    delivery_id: str,
    driver_id: str,
    position: Point | None,
    witnessed: Witness,
    capture: UnattendedCapture,
    said: Remarkable,
    images: ImageStore | None,
    clock: Clock,
) -> Delivery:
    """Deliver it by leaving it at the door: proof, state and route change in one write."""

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        left = before.state is State.DELIVERED and before.timeline[-1].reason == LEFT_AT_DOOR
        if left or before.is_taken_back(witnessed.said_at):
            return before
        refuse_closed(before, before.dated(witnessed.device_at, now) or now)
        doubt = doubt_about(before, witnessed, position, now)
        after = before.leave(position, now, witnessed.device_at, doubt).stated(witnessed.said_at)
        record = proofs.record_of(before, driver_id)
        taken = proofs.uploaded(record, before, images) if images else ()
        work = UnitOfWork()
        sealed = record.leave(before, position, witnessed.said_at, witnessed.device_at, capture, taken, now)
        stated = statement(CustodyStep.DELIVERED, before, witnessed, position, now, doubt, LEFT_AT_DOOR)
        proofs.keep(proofs.remarked(sealed, RemarkedStep.FAIL, said, now, work), stated, work)
        deliveries.keep(after, work)
        route = routing.of(driver_id, before.zone_id)
        routing.keep(route.finish(delivery_id, StopKind.DROPOFF, now).noting_end(delivery_id, now), work)
        work.commit()
        _count_hold(after)
        return after

    return persistently(attempt)


def return_goods(
    delivery_id: str,
    driver_id: str,
    device_at: datetime | None,
    clock: Clock,
    position: Point | None = None,
    capture: UnattendedCapture = NOTHING_CAPTURED,
    disposition: DispositionInput | None = None,
) -> Delivery:
    """Hand the goods back where they were picked up, or say what else became of them.

    Raises
    ------
    Unprocessable
        If something required is missing, or it is not said what became of goods whose law wants it recorded.
    """
    witnessed, kind = witness(driver_id, device_at), disposition.kind if disposition else None

    def prove(before: Delivery, now: datetime, doubt: Doubt | None, work: UnitOfWork) -> None:
        stated = statement(CustodyStep.RETURNED, before, witnessed, position, now, doubt, kind)
        proofs.keep_return(before, stated, work, capture, disposition)

    return advance(
        delivery_id,
        driver_id,
        State.RETURNED,
        lambda delivery, now, doubt: delivery.return_goods(now, witnessed.device_at, doubt, kind),
        lambda route, delivery, now: route.finish(delivery_id, StopKind.RETURN, now).noting_end(delivery_id, now),
        clock,
        witnessed,
        position,
        prove,
    )


def deliver(delivery_id: str, driver_id: str, handed: DeliverInput, images: ImageStore, clock: Clock) -> Delivery:
    """Complete a delivery if everything required is there: proof, state and route change in one write.

    Raises
    ------
    Unprocessable
        If something required is missing, or the PIN is wrong; a wrong PIN is counted.
    """
    witnessed = witness(driver_id, handed.device_at)

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        if before.state is State.DELIVERED or before.is_taken_back(handed.device_at):
            return before
        # A step in the wrong state is refused before the requirements are checked.
        before.deliver(now, witnessed.device_at)
        refuse_closed(before, before.dated(witnessed.device_at, now) or now)
        doubt = doubt_about(before, witnessed, handed.position, now)
        stated = statement(CustodyStep.DELIVERED, before, witnessed, handed.position, now, doubt)
        record = proofs.match_pin(proofs.record_of(before, driver_id), before, handed.pin, stated)
        # The customer's PIN proves that the driver was there.
        after = before.deliver(now, witnessed.device_at, None if record.pin_matched else doubt).stated(handed.device_at)
        taken = proofs.uploaded(record, before, images)
        route = routing.of(driver_id, before.zone_id)
        work = UnitOfWork()
        captured = record.capture(before, handed, witnessed.device_at, taken, now)
        proofs.keep(proofs.remarked(captured, RemarkedStep.DELIVER, handed, now, work), stated, work)
        if handed.received_by:
            _remember_recipient(before, handed.received_by, work)
        deliveries.keep(after, work)
        routing.keep(route.finish(delivery_id, StopKind.DROPOFF, now).noting_end(delivery_id, now), work)
        work.commit()
        _count_hold(after)
        return after

    return persistently(attempt)


def _remember_recipient(delivery: Delivery, name: str, work: UnitOfWork) -> None:
    """Add the write of the recipient's name, which is kept in the vault and erased with the other people there."""
    for contacts in vault.contacts_of([delivery.contacts_token]).values():
        vault.keep(contacts.with_changes(received_by=name), work)
