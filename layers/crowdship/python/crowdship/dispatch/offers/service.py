"""Use cases of dispatch that need no solver: answers to offers, and what staff and merchants do by hand."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, OPEN, WITH_DRIVER, State
from crowdship.dispatch.eligibility import Ineligible, is_full, unfit_by_hand
from crowdship.dispatch.offers.model import DeclineReason, Offer, OfferState
from crowdship.dispatch.resequence.rules import Rerouted, put_at
from crowdship.dispatch.store import DriverOfferRow, OfferRow
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Forbidden, NotFound, StaleWrite, counted
from crowdship.pricing.terms import CancelReason
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import amended, stops_of
from crowdship.routes.timetable import fits, insert, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking import service as tracking
from crowdship.travel.current import learned_in, travel_at
from crowdship.zones import service as zones


def get_offer(offer_id: str) -> Offer:
    """Return an offer.

    Raises
    ------
    NotFound
        If there is none.
    """
    offer = OfferRow.load(offer_id)
    if offer is None:
        raise NotFound("no_such_offer", f"There is no offer {offer_id}.")
    return offer


def get_offers(offer_ids: Iterable[str]) -> dict[str, Offer]:
    """Return the offers that exist, by id."""
    return {offer.id: offer for offer in OfferRow.load_many(offer_ids)}


def standing_offers(driver_id: str, clock: Clock) -> list[Offer]:
    """Return the offers a driver can still answer, the one that runs out first first."""
    now = clock.now()
    found = get_offers(DriverOfferRow.standing(driver_id, now))
    answerable = (
        offer
        for offer in found.values()
        if offer.state is OfferState.OPEN
        and offer.expires_at > now
        and all(answer.driver_id != driver_id for answer in offer.declines)
    )
    return sorted(answerable, key=lambda offer: (offer.expires_at, offer.id))


def keep_offer(offer: Offer, work: UnitOfWork) -> None:
    """Add an offer's guarded write to a unit of work."""
    work.store(OfferRow.of(offer))


def list_offer(offer: Offer) -> None:
    """Put an offer on the list of every driver it asks; doing it twice changes nothing."""
    DriverOfferRow.write(offer)


def accept(driver_id: str, offer_id: str, clock: Clock) -> Offer:
    """Let a driver take an offer: offer, deliveries and route change together or not at all.

    Returns
    -------
    Offer
        The offer as accepted; the deliveries are now on the driver's route.

    Raises
    ------
    Conflict
        If it is taken, expired, declined or withdrawn, or the vehicle can't hold it any more.
    """

    def attempt() -> Offer:
        now = clock.now()
        offer = get_offer(offer_id)
        accepted = offer.accept(driver_id, now)
        if accepted is offer:
            return offer
        driver = drivers.get(driver_id)
        if driver.duty is None or not driver.may_drive(now):
            raise Forbidden("not_on_duty", "Go on duty, with valid papers, before you accept an offer.")
        open_stops, limits = len(routing.of(driver_id).stops), zones.get(offer.zone_id).settings.dispatch.limits
        if is_full(open_stops, limits):
            open_now = counted(open_stops, "stop is", "stops are")
            detail = f"{open_now} open on your route; finish some, {limits.open_stops} are allowed."
            raise Conflict(Ineligible.ROUTE_FULL, detail)
        bundle = deliveries.get_many(offer.delivery_ids)
        if any(delivery.offer_id != offer.id or delivery.state is not State.OFFERED for delivery in bundle.values()):
            # The offer was read before somebody's write and its deliveries after it: look again, then it says which.
            raise StaleWrite(f"{offer.id} is {offer.state}, but its deliveries have moved on")
        work = UnitOfWork()
        keep_offer(accepted, work)
        _give(driver, [bundle[delivery_id] for delivery_id in offer.delivery_ids], now, driver_id, work)
        work.commit()
        return accepted

    return persistently(attempt)


def _give(
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
    # So that nobody goes off duty, or is suspended, between our look and our write.
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
            given = delivery.assign(driver.id, now, actor, eta)
        deliveries.keep(given, work)
    routing.keep(changed, work)
    return Rerouted.of(route, changed, start, travel)


def decline(driver_id: str, offer_id: str, reason: DeclineReason, clock: Clock) -> Offer:
    """Note a driver's no; when all have said no, the deliveries wait for others again."""

    def attempt() -> Offer:
        now = clock.now()
        before = get_offer(offer_id)
        after = before.decline(driver_id, reason, now)
        if after is not before:
            work = UnitOfWork()
            keep_offer(after, work)
            if after.state is OfferState.DECLINED:
                reopen(after, now, work)
            work.commit()
        return after

    return persistently(attempt)


def reopen(offer: Offer, now: datetime, work: UnitOfWork) -> None:
    """Add the writes that let an ended offer's deliveries wait for other drivers."""
    for delivery in deliveries.get_many(offer.delivery_ids).values():
        if delivery.state is State.OFFERED and delivery.offer_id == offer.id:
            said_no = tuple(answer.driver_id for answer in offer.declines)
            silent = tuple(driver_id for driver_id in offer.asked if driver_id not in said_no)
            again = delivery.reopen(now, f"offer_{offer.state}", declined_by=said_no, unanswered_by=silent)
            deliveries.keep(again, work)


def expire_offer(offer: Offer, now: datetime) -> None:
    """End an offer that nobody took in time."""
    work = UnitOfWork()
    expired = offer.expire(now)
    keep_offer(expired, work)
    reopen(expired, now, work)
    work.commit()


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
    position: tuple[int, int] | None = None,
    revision: int | None = None,
    dry_run: bool = False,
) -> tuple[Delivery, list[Rerouted]]:
    """Give a delivery to a driver; return it, and the routes before and after.

    Parameters
    ----------
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
        it, or the plan is another one by now.
    Unprocessable
        If it can't have that position.
    """

    def attempt() -> tuple[Delivery, list[Rerouted]]:
        now = clock.now()
        driver = drivers.get(driver_id)
        if driver.duty is None or not driver.may_drive(now):
            raise Conflict("driver_not_available", f"{driver_id} is not on duty or may not drive.", "/driver_id")
        delivery = deliveries.get(delivery_id)
        if not delivery.livemode:
            raise Conflict("test_delivery", f"{delivery_id} is a test; no driver is to go there.")
        if delivery.driver_id == driver_id and delivery.state in WITH_DRIVER:
            return delivery, []
        if delivery.state in ON_BOARD:
            detail = (
                f"Its goods are on board of {delivery.driver_id}; transfer it, so that they are fetched from there."
            )
            raise Conflict("goods_on_board", detail)
        if why := unfit_by_hand(driver, delivery):
            detail = f"{driver_id} can't take it: {why}; name another driver."
            raise Conflict("driver_cannot_take_it", detail, "/driver_id")
        if only_open and delivery.state not in OPEN:
            raise Conflict("wrong_state", f"The delivery is {delivery.state}; only an open one is given away here.")
        work, routes = UnitOfWork(), []
        if delivery.state is State.OFFERED:
            _withdraw(delivery, now, "assigned_by_hand", work)
        elif delivery.state in WITH_DRIVER:
            before = routing.of(delivery.driver, delivery.zone_id)
            after = before.without(delivery_id, now, ChangeReason.MOVED_BY_HAND, actor)
            routing.keep(after, work)
            start = tracking.start_of(before.id, delivery.pickup, now)
            routes.append(Rerouted.of(before, after, start, travel_at(zones.get(delivery.zone_id), now)))
        routes.append(_give(driver, [delivery], now, actor, work, position, revision))
        if not dry_run:
            work.commit()
        return deliveries.get(delivery_id), routes

    return persistently(attempt)


def cancel(
    delivery_id: str, actor: str, reason: CancelReason, clock: Clock, *, only_before_pickup: bool = False
) -> Delivery:
    """Call a delivery off; the offer is withdrawn or the driver's route changed in the same write.

    Goods on board are brought back. What was called off before is answered as it stands.

    Parameters
    ----------
    only_before_pickup : bool
        Whether goods that are on board go on to the customer all the same.

    Raises
    ------
    Conflict
        If it has ended otherwise, or is on its way back for another reason; ``goods_on_board``, if they go on.
    """

    def attempt() -> Delivery:
        now = clock.now()
        delivery = deliveries.get(delivery_id)
        if delivery.cancellation:
            return delivery
        if only_before_pickup and delivery.has_left_shop:
            detail = f"{delivery_id} is {delivery.state}: a driver has the goods, and brings them to the customer."
            raise Conflict("goods_on_board", detail)
        cancelled = delivery.cancel(actor, reason, now, tracking.live_eta(delivery, clock))
        work = UnitOfWork()
        deliveries.keep(cancelled, work)
        if not delivery.livemode:
            pass  # nobody was asked, and it is on nobody's route
        elif delivery.state is State.OFFERED:
            _withdraw(delivery, now, ChangeReason.DELIVERY_CANCELLED, work)
        elif cancelled.state is State.RETURNING:
            route = routing.of(delivery.driver, delivery.zone_id)
            routing.keep(back_to_shop(route, cancelled, now, ChangeReason.DELIVERY_CANCELLED, actor), work)
        elif delivery.state in WITH_DRIVER and delivery.driver_id:
            whose, zone_id = delivery.driver_id, delivery.zone_id
            routing.drop_delivery(whose, zone_id, delivery_id, now, ChangeReason.DELIVERY_CANCELLED, work, actor)
        work.commit()
        return cancelled

    return persistently(attempt)


def back_to_shop(route: Route, delivery: Delivery, now: datetime, reason: ChangeReason, by: str) -> Route:
    """Return a route on which the goods of a delivery are brought back; that becomes a stop of its own."""
    zone = zones.get(delivery.zone_id)
    stops = [stop for stop in route.stops if stop.delivery_id != delivery.id]
    stops += stops_of(delivery, zone.settings.travel, learned_in(zone).stay_s)
    start = tracking.start_of(delivery.driver, delivery.dropoff, now)
    return route.replan(timed(stops, start, travel_at(zone, now)), now, reason, by)


def amend(
    before: Delivery, after: Delivery, now: datetime, reason: ChangeReason, work: UnitOfWork, by: str
) -> Delivery:
    """Add what follows for its driver when a delivery changed before the pickup; return it with its new arrival time.

    The stops on the route become what the delivery now says, in the order they were in; a better order is looked for
    afterwards, as after any change.

    Raises
    ------
    Conflict
        If the driver or their vehicle can't take it as it now is.
    """
    if not before.livemode:
        return after  # a test is on nobody's route
    driver, zone = drivers.get(before.driver), zones.get(before.zone_id)
    drivers.must_stay(driver, work)
    if why := unfit_by_hand(driver, after):
        raise Conflict("driver_cannot_take_it", f"Its driver can't take it as it would be: {why}; cancel it instead.")
    route = routing.of(driver.id, before.zone_id)
    new = {stop.stop_id: stop for stop in stops_of(after, zone.settings.travel, learned_in(zone).stay_s)}
    stops = amended(route.stops, new)
    if not fits(stops, routing.capacity_of(driver)):
        detail = "With what else is on its driver's route this would not fit into the vehicle; cancel it instead."
        raise Conflict("does_not_fit", detail, "/parcel")
    start = tracking.start_of(driver.id, after.pickup, now)
    changed = route.amend(timed(stops, start, travel_at(zone, now)), now, reason, by).announcing({after.id})
    routing.keep(changed, work)
    return after.with_changes(eta=changed.eta_of(after.id, StopKind.DROPOFF) or after.eta)


def take_back_offer(delivery: Delivery, now: datetime, reason: str, work: UnitOfWork) -> Delivery:
    """Add the writes that withdraw the offer of a delivery; return it as it waits again."""
    if delivery.livemode:  # nobody was asked for a test
        _withdraw(delivery, now, reason, work)
    return delivery.reopen(now, reason)


def explain(delivery: Delivery) -> Offer | None:
    """Return the offer in which a delivery was put to drivers last, with everyone's score; None if it never was."""
    return OfferRow.load(delivery.last_offer_id) if delivery.last_offer_id else None


def _withdraw(delivery: Delivery, now: datetime, reason: str, work: UnitOfWork) -> None:
    """Add the writes that take an offer back and let the rest of its bundle wait again."""
    offer = get_offer(delivery.offer_id or "")
    if offer.state is not OfferState.OPEN:
        return
    keep_offer(offer.withdraw(now, reason), work)
    for other in deliveries.get_many(offer.delivery_ids).values():
        if other.id != delivery.id and other.state in OPEN and other.offer_id == offer.id:
            deliveries.keep(other.reopen(now, reason), work)
