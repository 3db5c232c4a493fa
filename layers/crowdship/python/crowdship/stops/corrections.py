"""Use case of a driver: take back the ending that they stated last, and be at the stop again."""

from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ARRIVED_AT
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.proof import service as proofs
from crowdship.proof.custody import CustodyStep
from crowdship.proof.remarks import Remarkable
from crowdship.routes import service as routing
from crowdship.routes.route import Route
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops.statements import statement
from crowdship.stops.views import CorrectInput
from crowdship.tracking import service as tracking
from crowdship.tracking.evidence.service import witness
from crowdship.travel.current import learned_in, travel_at
from crowdship.vault import service as vault
from crowdship.zones import service as zones


def correct(delivery_id: str, driver_id: str, made: CorrectInput, clock: Clock) -> Delivery:
    """Take back a driver's last ending: delivery, route and proof change in one write; a copy changes nothing.

    The delivery is at the stop again, which comes first on the route. The proof of the ending is kept as it is, and a
    new one begins.

    Raises
    ------
    Conflict
        ``too_late_to_correct``; ``not_correctable``, if more rests on the ending than the driver's word; or
        ``not_on_duty``.
    """
    witnessed = witness(driver_id, made.device_at)

    def attempt() -> Delivery:
        now = clock.now()
        before = deliveries.get_of_driver(delivery_id, driver_id)
        if before.is_corrected(made.device_at):
            return before
        _refuse_erased(before, work := UnitOfWork())
        stop = before.stop_of_ending
        step = made.reason, now, witnessed.device_at, made.device_at
        route = _at_stop_again(routing.of(driver_id, before.zone_id), before, before.correct(*step), stop, now)
        after = before.correct(*step, eta=route.eta_of(delivery_id, StopKind.DROPOFF))
        _refuse_rated(before, work)
        _refuse_off_duty(driver_id, work)
        deliveries.keep(after, work)
        routing.keep(route, work)
        stated = statement(CustodyStep.CORRECTED, before, witnessed, None, now, reason=made.reason)
        proofs.begin_anew(before, stop, driver_id, Remarkable(note=made.note), stated, work)
        work.commit()
        return after

    return persistently(attempt)


def _refuse_erased(delivery: Delivery, work: UnitOfWork) -> None:
    if not vault.contacts_of([delivery.contacts_token]):
        raise Conflict("not_correctable", "Its contacts were erased, so nobody can go to its stop any more.")
    vault.must_be_there(delivery.contacts_token, work)


def _at_stop_again(route: Route, ended: Delivery, corrected: Delivery, stop: StopKind, now: datetime) -> Route:
    """Return a route with the stop of an ending first, at which its driver is since they first arrived."""
    zone = zones.get(corrected.zone_id)
    there = ended.newest_step(ARRIVED_AT[stop])
    first, *following = stops_of(corrected, zone.settings.travel, learned_in(zone).stay_s)
    begun = first.model_copy(update={"started": True, "arrived_at": there.at if there else now})
    others = (
        one.model_copy(update={"started": False, "arrived_at": None})
        for one in route.stops
        if one.delivery_id != corrected.id
    )
    start = tracking.start_of(route.id, begun.point, now)
    stops = timed((begun, *following, *others), start, travel_at(zone, now))
    return route.at_stop_again(corrected.id, stops, now)


def _refuse_rated(delivery: Delivery, work: UnitOfWork) -> None:
    if deliveries.rating_of(delivery.id):
        raise Conflict("not_correctable", "Its customer has rated it; ask staff to change it.")
    deliveries.must_be_unrated(delivery.id, work)


def _refuse_off_duty(driver_id: str, work: UnitOfWork) -> None:
    driver = drivers.get(driver_id)
    if driver.duty is None:
        raise Conflict("not_on_duty", "Its stop would come back to your route; go on duty, then take it back.")
    drivers.must_stay(driver, work)
