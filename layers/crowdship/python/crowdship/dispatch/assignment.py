"""Assignment: deliveries are put on a driver's route, after an accepted offer or by hand."""

from datetime import datetime
from types import EllipsisType

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, OPEN, WITH_DRIVER, State
from crowdship.dispatch.eligibility import SENTENCES, off_work, unfit_by_hand
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.resequence.rules import Rerouted, put_at
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock, written
from crowdship.kernel.errors import Conflict
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import insert, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking import service as tracking
from crowdship.travel.current import learned_in, travel_at
from crowdship.zones import service as zones


def assign_by_hand(delivery_id: str, driver_id: str, actor: str, clock: Clock, *, only_open: bool = False) -> Delivery:
    """Give a delivery to a driver, whatever was offered or assigned before; see ``place_by_hand``.

    Parameters
    ----------
    only_open : bool
        Whether to refuse what another driver has: a round may have looked before a dispatcher gave it away.
    """
    return place_by_hand(delivery_id, driver_id, actor, clock, only_open=only_open)[0]


def place_by_hand(
    delivery_id: str,
    driver_id: str,
    actor: str,
    clock: Clock,
    *,
    only_open: bool = False,
    from_driver: str | EllipsisType | None = ...,
    position: tuple[int, int] | None = None,
    revision: int | None = None,
    dry_run: bool = False,
) -> tuple[Delivery, list[Rerouted]]:
    """Give a delivery to a driver; return it, and the routes before and after.

    Parameters
    ----------
    from_driver : str or None, optional
        The driver who has it as far as the caller knows, None for nobody; by default it may be with anybody.
    position : tuple of int, optional
        Where on the route the pickup and the drop-off come, where they are then pinned; where they cost least by
        default.
    revision : int, optional
        The plan of the driver that was looked at.
    dry_run : bool
        Whether to only see what would be.

    Raises
    ------
    Conflict
        If the goods are on board of another vehicle, the delivery is closed, it doesn't fit, the driver can't take
        it, the plan is another one by now, or ``assigned_meanwhile``: another driver has it than the caller knew.
    Unprocessable
        If it can't have that position.
    """

    def attempt() -> tuple[Delivery, list[Rerouted]]:
        now = clock.now()
        driver = drivers.get(driver_id)
        if why_off := off_work(driver, now):
            raise Conflict("driver_not_available", f"{why_off} Name a driver on duty.", "/driver_id")
        delivery = deliveries.get(delivery_id)
        if not delivery.livemode:
            raise Conflict("test_delivery", f"{delivery_id} is a test; no driver is to go there.")
        if delivery.driver_id == driver_id and delivery.state in WITH_DRIVER:
            return delivery, []
        if from_driver is not ...:
            _refuse_moved(delivery, from_driver)
        if delivery.state in ON_BOARD:
            detail = (
                f"Its goods are on board of {delivery.driver_id}; transfer it, so that they are fetched from there."
            )
            raise Conflict("goods_on_board", detail)
        if why := unfit_by_hand(driver, delivery, now):
            detail = f"{driver_id} can't take it: {SENTENCES[why]}; name another driver."
            raise Conflict("driver_cannot_take_it", detail, "/driver_id")
        if only_open and delivery.state not in OPEN:
            raise Conflict("wrong_state", f"The delivery is {delivery.state}; only an open one is given away here.")
        work, routes = UnitOfWork(), []
        if delivery.state is State.OFFERED:
            offering.withdraw(delivery, now, "assigned_by_hand", work)
        elif delivery.state in WITH_DRIVER:
            before = routing.of(delivery.driver, delivery.zone_id)
            after = before.without(delivery_id, now, ChangeReason.MOVED_BY_HAND, actor)
            routing.keep(after, work)
            start = tracking.start_of(before.id, delivery.pickup, now)
            routes.append(Rerouted.of(before, after, start, travel_at(zones.get(delivery.zone_id), now)))
        routes.append(put_on_route(driver, [delivery], now, actor, work, position, revision))
        if not dry_run:
            work.commit()
        return deliveries.get(delivery_id), routes

    return persistently(attempt)


def _refuse_moved(delivery: Delivery, from_driver: str | None) -> None:
    """Refuse a change that somebody decided on while the delivery was with another driver than now, or with nobody."""
    holder = delivery.driver_id if delivery.state in WITH_DRIVER else None
    if delivery.state not in OPEN | WITH_DRIVER or holder == from_driver:
        return
    given = delivery.given
    was = f"{written(given.at)} by {given.actor}" if given else "meanwhile"
    now_with = f"{holder} has it since {was}" if holder else f"it is {delivery.state}, and no driver has it any more"
    raise Conflict("assigned_meanwhile", f"{now_with}; read it again and decide on that.", "/from_driver_id")


def put_on_route(
    driver: Driver,
    bundle: list[Delivery],
    now: datetime,
    actor: str,
    work: UnitOfWork,
    position: tuple[int, int] | None = None,
    revision: int | None = None,
) -> Rerouted:
    """Add the writes that put deliveries on a driver's route; another driver's have left that one's already.

    Parameters
    ----------
    position : tuple of int, optional
        Where on the route the pickup and the drop-off of a single delivery come; where they cost least by default.
    revision : int, optional
        The plan that the position was chosen in.
    """
    zone = zones.get(bundle[0].zone_id)
    travel, stay_s = travel_at(zone, now), learned_in(zone).stay_s
    route = routing.of(driver.id, zone.id).with_changes(zone_id=zone.id)
    if revision is not None:
        route.must_be_at(revision)
    # The write fails if the driver went off duty, or was suspended, since the driver was read.
    drivers.must_stay(driver, work)
    start = tracking.start_of(driver.id, bundle[0].collect_at, now)
    groups = [stops_of(delivery, zone.settings.travel, stay_s) for delivery in bundle]
    capacity = routing.capacity_of(driver)
    if position:
        # Pinned, or the next better order would undo what the dispatcher chose.
        group = [stop.model_copy(update={"pinned": True}) for stop in groups[0]]
        stops = timed(put_at(route.stops, group, position, capacity), start, travel)
    else:
        weight = zone.settings.dispatch.weights.lateness
        insertion = insert(route.stops, groups, start, capacity, travel, weight)
        if insertion is None:
            raise Conflict("does_not_fit", "With what is on the route, this no longer fits into the vehicle.")
        stops = insertion.stops
    given_now = {delivery.id for delivery in bundle}
    changed = route.replan(stops, now, ChangeReason.DELIVERIES_ASSIGNED, actor).announcing(given_now)
    for delivery in bundle:
        eta = changed.eta_of(delivery.id, StopKind.DROPOFF)
        if delivery.driver_id:
            given = delivery.reassign(driver.id, now, actor, ChangeReason.MOVED_BY_HAND, eta)
        else:
            given = delivery.assign(driver.id, now, actor, eta, alone=not route.stops and len(bundle) == 1)
        deliveries.keep(given, work)
    routing.keep(changed, work)
    return Rerouted.of(route, changed, start, travel)
